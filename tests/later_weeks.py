"""Weeks that come after the data of a fit, made by the fit itself: what it expects of them is the truth or is not."""

import numpy as np
import xarray as xr

from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.planning.forecast import predict_draws
from mmm_models.planning.future import future_panel


def with_later_weeks(fit: Fit, spend: xr.DataArray, *, draw: int, shift: float = 0.0, seed: int = 1) -> Panel:
    """The data of `fit` and the weeks of `spend` (week, market, channel) after them.

    One `draw` of the fit is the truth, with its own noise; `shift` is a share of the outcome that the fit knows nothing
    of. Controls are as a plan takes them.
    """
    ahead = future_panel(fit, spend)
    sigma = fit.draws()["sigma"].isel(sample=draw).values
    noise = np.random.default_rng(seed).normal(size=(spend.sizes["week"], sigma.size)) * sigma
    truth = predict_draws(fit, np.array([draw]), ahead).isel(sample=0, drop=True) * (1 + shift) + noise
    later = ahead.dataset.assign(outcome=truth)
    joined = xr.concat([fit.panel.dataset, later], dim="week", data_vars="minimal", combine_attrs="override")
    return Panel(joined)
