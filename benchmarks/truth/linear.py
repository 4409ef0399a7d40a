"""Two ways without a model of media: a linear regression, and returns that are the same for every channel."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import stats

from benchmarks.truth.estimate import Effort, Estimate
from mmm_models.panel import Panel
from mmm_models.transforms import adstock_weights, carry_over, fourier_basis, trend_index

# An analyst's usual guess; the mean of the default prior Beta(2, 3). Weights and season as in the default model.
_RETENTION, _MAX_LAG, _FOURIER = 0.4, 8, 2
_QUANTILES = (np.arange(400) + 0.5) / 400


def ols(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
    """Ordinary least squares of each market's outcome on adstocked spend, level, trend, season and controls.

    A coefficient is the ROAS, since weights of the adstock sum to 1; its interval is the classical one, of Student's t.
    """
    return _regressed(panel, ahead, np.eye(len(panel.channels)), with_interval=True)


def spend_share(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
    """The same regression on total spend: one return for all, so that effects are shared out as money was."""
    return _regressed(panel, ahead, np.ones((len(panel.channels), 1)), with_interval=False)


def _regressed(panel: Panel, ahead: Panel, groups: np.ndarray, *, with_interval: bool) -> Estimate:
    """`groups` (channel, group) says which channels' money is added up before the regression."""
    known = len(panel.weeks)
    weeks = panel.weeks.append(ahead.weeks)
    roas, mean = [], []
    for market in panel.markets:
        parts = [part.dataset.sel(market=market) for part in (panel, ahead)]
        spend, controls = (np.concatenate([part[name].values for part in parts]) for name in ("spend", "controls"))
        weights = adstock_weights("geometric", {"alpha": np.full(groups.shape[1], _RETENTION)}, _MAX_LAG)
        media = carry_over(spend @ groups, weights[None])[0]
        trend = trend_index(weeks, weeks[0], known - 1)
        design = np.column_stack([media, np.ones(len(weeks)), trend, fourier_basis(weeks, _FOURIER), controls])
        coefficients, error, freedom = _least_squares(design[:known], parts[0]["outcome"].values)
        spread = stats.t.ppf(_QUANTILES, freedom)[:, None] * error if with_interval else np.zeros((1, len(error)))
        count = groups.shape[1]
        roas.append((coefficients[:count] + spread[:, :count]) @ groups.T)
        mean.append(design @ coefficients)
    draws = xr.DataArray(
        np.stack(roas, axis=1),
        coords={"market": panel.markets, "channel": panel.channels},
        dims=("sample", "market", "channel"),
    )
    path = xr.DataArray(np.column_stack(mean), coords={"week": weeks, "market": panel.markets}, dims=("week", "market"))
    return Estimate(draws, draws, path.isel(week=slice(0, known)), path.isel(week=slice(known, None)))


def _least_squares(design: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Coefficients, their standard errors and degrees of freedom (Greene, Econometric Analysis, section 4.5)."""
    # In units of each column's size, so that money and shares do not ruin the condition of the matrix.
    size = np.abs(design).max(axis=0)
    q, r = np.linalg.qr(design / size)
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ outcome)
    freedom = len(outcome) - design.shape[1]
    residual = outcome - (design / size) @ coefficients
    error = np.sqrt(residual @ residual / freedom * (inverse**2).sum(axis=1))
    return coefficients / size, error / size, freedom
