"""What the search works on: the outcome and, of each channel, many candidate curves, all freed of the baseline.

The baseline is not penalised: shrunk, it would leave its level to the media. So it is taken out of both sides first,
and what is left of the regression are the media alone (Frisch and Waugh 1933; Lovell 1963, JASA 58:993).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from mmm_models.engines.columns import baseline_columns
from mmm_models.engines.ridge.quantiles import quantile
from mmm_models.errors import EngineError
from mmm_models.panel import Panel
from mmm_models.spec import ChannelSpec, ModelSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights, carry_over

# The share of a prior's mass that lies beyond the search, at each end.
_TAIL = 0.01


@dataclass(frozen=True)
class Problem:
    """A panel on its scales.

    Attributes:
        names: of the baseline's columns.
        design: these columns (market, week, column).
        inverse: their pseudo-inverse (market, column, week).
        outcome: outcome / outcome_scale (market, week).
        spend: spend / spend_scale (channel, week, market).
        channels: settings of each channel.
    """

    names: tuple[str, ...]
    design: np.ndarray
    inverse: np.ndarray
    outcome: np.ndarray
    spend: np.ndarray
    channels: tuple[ChannelSpec, ...]

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return self.outcome.shape[-1]

    @cached_property
    def unit(self) -> np.ndarray:
        """Standard deviation of what the baseline leaves of the outcome (market), by which each market counts."""
        return _above_zero(self.freed(self.outcome).std(axis=-1))

    def freed(self, series: np.ndarray) -> np.ndarray:
        """What the baseline does not explain of series (..., market, week)."""
        return series - np.einsum("mtk,...mk->...mt", self.design, self.loadings(series), optimize=True)

    def loadings(self, series: np.ndarray) -> np.ndarray:
        """Coefficients of the baseline (..., market, column) that explain series (..., market, week) best."""
        return np.einsum("mkt,...mt->...mk", self.inverse, series, optimize=True)


@dataclass(frozen=True)
class Candidates:
    """Curves of one channel.

    Attributes:
        quantile: where each lies in the priors (candidate, parameter).
        parameters: `adstock_<name>` and `saturation_<name>` (candidate).
        deviation: standard deviation of the curve over weeks (candidate, market); 1 where nothing is ever spent.
        loadings: of curve / deviation on the baseline (candidate, market, column).
        freed: curve / deviation without its baseline (market, candidate, week).
    """

    quantile: np.ndarray
    parameters: dict[str, np.ndarray]
    deviation: np.ndarray
    loadings: np.ndarray
    freed: np.ndarray

    def and_those(self, more: Candidates) -> Candidates:
        """These and more."""
        return Candidates(
            np.concatenate([self.quantile, more.quantile]),
            {name: np.concatenate([values, more.parameters[name]]) for name, values in self.parameters.items()},
            np.concatenate([self.deviation, more.deviation]),
            np.concatenate([self.loadings, more.loadings]),
            np.concatenate([self.freed, more.freed], axis=1),
        )


def build(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> Problem:
    """Return the problem of a spec on a panel.

    Raises:
        EngineError: fewer weeks than the model has columns and channels.
    """
    columns = baseline_columns(panel, spec, scales)
    needed = len(columns) + len(panel.channels)
    if len(panel.weeks) <= needed:
        raise EngineError(
            f"the panel has {len(panel.weeks)} weeks, and the model {needed} coefficients a market; engine ridge needs "
            "more weeks than coefficients. Leave out controls, lower seasonality.yearly_fourier, or use "
            "engine: marginal"
        )
    design = np.stack(list(columns.values()), axis=-1)
    inverse = np.linalg.pinv(design, rcond=1e-10)
    outcome = (panel.dataset["outcome"] / scales["outcome_scale"]).transpose("market", "week").values
    spend = (panel.volume / scales["spend_scale"]).fillna(0.0).transpose("channel", "week", "market").values
    channels = tuple(spec.channel(name) for name in panel.channels)
    return Problem(tuple(columns), design, inverse, outcome, spend, channels)


def searched(channel: ChannelSpec) -> dict[str, object]:
    """Priors of the parameters that are searched, by name: of the adstock, and of the shape of the saturation."""
    curve = SATURATIONS[channel.saturation.kind]
    return {
        **{f"adstock_{name}": channel.adstock.priors[name] for name in ADSTOCKS[channel.adstock.kind].parameters},
        **{f"saturation_{name}": channel.saturation.priors[name] for name in curve.parameters},
    }


def spread_out(number: int, dimensions: int, generator: np.random.Generator) -> np.ndarray:
    """Points of the unit cube (point, dimension), each of `number` slices of a dimension hit once.

    Source: McKay, Beckman and Conover 1979, Technometrics 21:239 (Latin hypercube).
    """
    slices = np.stack([generator.permutation(number) for _ in range(dimensions)], axis=1)
    return (slices + generator.random(slices.shape)) / number


def candidates(problem: Problem, channel: int, at: np.ndarray) -> Candidates:
    """Curves of a channel at points `at` of the unit cube (candidate, parameter), which are quantiles of its priors."""
    own, spend = problem.channels[channel], problem.spend[channel]
    at = np.clip(at, _TAIL, 1 - _TAIL)
    values = {name: quantile(prior, at[:, i]) for i, (name, prior) in enumerate(searched(own).items())}
    carryover = {name: values[f"adstock_{name}"][:, None] for name in ADSTOCKS[own.adstock.kind].parameters}
    pressure = carry_over(spend, adstock_weights(own.adstock.kind, carryover, own.adstock.max_lag))
    curve = SATURATIONS[own.saturation.kind]
    if curve.amplitude in curve.parameters:
        # Only the product of height and width shapes the curve; the height is estimated.
        values["saturation_c"] = values["saturation_c"] * values["saturation_b"]
        values["saturation_b"] = np.ones(len(at))
    shape = {name: values[f"saturation_{name}"][:, None, None] for name in curve.parameters}
    curves = curve.shape(pressure, **shape).transpose(0, 2, 1)
    deviation = _above_zero(curves.std(axis=-1))
    standard = curves / deviation[..., None]
    loadings = problem.loadings(standard)
    freed = standard - np.einsum("mtk,pmk->pmt", problem.design, loadings, optimize=True)
    return Candidates(at, values, deviation, loadings, np.ascontiguousarray(freed.transpose(1, 0, 2)))


def _above_zero(deviation: np.ndarray) -> np.ndarray:
    """1 in place of what is 0 but for rounding."""
    return np.where(deviation > 1e-12, deviation, 1.0)
