"""How far an answer is from the truth: one record a fit, plain values that go into JSON."""

from __future__ import annotations

import numpy as np
import xarray as xr

from benchmarks.truth.estimate import Estimate
from mmm_models.worlds.stress import StressWorld, true_returns

LEVELS = (50, 80, 90, 95)
# A claim of less than a cent for each unit of money counts as a cent: the logarithm has no word for a loss.
LEAST_ROAS = 0.01


def scored(world: StressWorld, estimate: Estimate) -> dict[str, object]:
    """Scores of one fit.

    Returns:
        `cells`, one a market and channel, with market, channel, `roas_true`, `roas` (median of the draws),
        `mroas_true`, `mroas`, `inside_<level>` (is the truth within the central interval of that level? None without
        an interval) and `crps` of log ROAS (None where the truth is 0); `mape_in` and `mape_ahead`, mean
        |expected / outcome - 1| over the weeks and markets of the data and of the weeks after them; `r_hat`.
    """
    truth = true_returns(world)
    cells = []
    for market in world.panel.markets:
        for channel in world.panel.channels:
            known = {name: float(truth[name].sel(market=market, channel=channel)) for name in ("roas", "mroas")}
            draws = np.sort(estimate.roas.sel(market=market, channel=channel).values)
            cells.append(
                {
                    "market": market,
                    "channel": channel,
                    "roas_true": known["roas"],
                    "roas": float(np.median(draws)),
                    "mroas_true": known["mroas"],
                    "mroas": float(estimate.mroas.sel(market=market, channel=channel).median()),
                    **{f"inside_{level}": inside(draws, known["roas"], level) for level in LEVELS},
                    "crps": crps_log(draws, known["roas"]) if known["roas"] > 0 else None,
                }
            )
    return {
        "cells": cells,
        "mape_in": mape(estimate.fitted, world.panel.dataset["outcome"]),
        "mape_ahead": mape(estimate.ahead, world.ahead.dataset["outcome"]),
        "r_hat": estimate.r_hat,
    }


def inside(draws: np.ndarray, truth: float, level: int) -> bool | None:
    """Does the central interval of `level` percent hold the truth? None for a single figure, which has no interval."""
    if len(draws) == 1:
        return None
    low, high = np.quantile(draws, [0.5 - level / 200, 0.5 + level / 200])
    return bool(low <= truth <= high)


def crps_log(draws: np.ndarray, truth: float) -> float:
    """Continuous ranked probability score of log ROAS: E|X - y| - E|X - X'| / 2; of a single figure, its distance.

    Source: Gneiting and Raftery 2007, Strictly proper scoring rules, prediction and estimation, equation 21.
    """
    x, y = np.log(np.maximum(np.sort(draws), LEAST_ROAS)), np.log(max(truth, LEAST_ROAS))
    n = len(x)
    # Over sorted draws the mean |x_i - x_j| is a weighted sum.
    spread = 2 * float(np.sum((2 * np.arange(1, n + 1) - n - 1) * x)) / n**2
    return float(np.mean(np.abs(x - y))) - spread / 2


def mape(expected: xr.DataArray, outcome: xr.DataArray) -> float:
    """Mean absolute percentage error, as a share."""
    return float(np.abs(expected / outcome - 1).mean())
