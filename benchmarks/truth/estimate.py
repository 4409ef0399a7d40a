"""What everybody has to answer, so that all are scored alike."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.panel import Panel


@dataclass(frozen=True)
class Effort:
    """How much a sampler may do; the same for every sampler."""

    draws: int = 500
    tune: int = 500
    chains: int = 4


@dataclass(frozen=True)
class Estimate:
    """One answer.

    Attributes:
        roas, mroas: draws (sample, market, channel) of the returns of the data's weeks; a single sample is a figure
            without an interval.
        fitted: expected outcome of the data's weeks, (week, market).
        ahead: expected outcome of the weeks after them, given their spend and controls, (week, market).
        r_hat: the largest, where there are chains.
    """

    roas: xr.DataArray
    mroas: xr.DataArray
    fitted: xr.DataArray
    ahead: xr.DataArray
    r_hat: float | None = None


def from_fit(fit: Fit | StackedFit, ahead: Panel) -> Estimate:
    """What a `Fit` answers, or a mixture of them."""
    returns = fit.returns().sel(market=fit.panel.markets)
    return Estimate(
        roas=returns["roas"],
        mroas=returns["mroas"],
        fitted=fit.predict(max_samples=500).mean("sample"),
        ahead=fit.predict(ahead, max_samples=500).mean("sample"),
        r_hat=fit.info.convergence.get("r_hat_max"),
    )
