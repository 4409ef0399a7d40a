"""Weeks that have come against what was expected of them: scores, and whether a fit still holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.panel import Panel
from mmm_models.planning.forecast import with_total

# A single bad week is no drift.
LEAST_WEEKS = 4
# How often a fit that holds may be called adrift, for all three signs of it together.
CHANCE = 0.02
_DRAWS = 1000


@dataclass(frozen=True)
class AsSpent:
    """What a fit says of weeks after its data, given what was spent in them and how controls were.

    `expected`: mean of the outcome draw by draw (sample, week, market); `noise`: what a week may lie beside it.
    """

    expected: xr.DataArray
    noise: xr.DataArray

    @property
    def outcome(self) -> xr.DataArray:
        """The outcome as it could have been seen (sample, week, market), with the market `all`."""
        return with_total(self.expected + self.noise)


@dataclass(frozen=True)
class Drift:
    """How far actual weeks lie from what a fit expected of them, each time in the market where they lie furthest.

    `misses` of `weeks` lie outside their 90 % interval in `misses_market`; so many or more, in any market, happen with
    `misses_chance` if the fit holds. `bias`: the sum of errors in `bias_market`, in standard deviations that the fit
    has for this sum; that far or further, in any market, with `bias_chance`. `scatter`: how widely errors of
    `scatter_market` lie around their own mean, as a multiple of what is usual; that widely with `scatter_chance`.
    """

    weeks: int
    misses: int
    misses_market: str
    misses_chance: float
    bias: float
    bias_market: str
    bias_chance: float
    scatter: float
    scatter_market: str
    scatter_chance: float

    @property
    def is_drifting(self) -> bool:
        """Are the weeks so far off that the fit hardly holds any more?"""
        chances = self.misses_chance, self.bias_chance, self.scatter_chance
        return self.weeks >= LEAST_WEEKS and min(chances) < CHANCE / len(chances)


def crps_of_normal(mean: np.ndarray, sd: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of a normal forecast, in units of the outcome; less is better.

    With z = (y − μ)/σ it is σ [z (2Φ(z) − 1) + 2φ(z) − 1/√π], for a sure forecast the distance |y − μ| (T. Gneiting &
    A. E. Raftery, "Strictly proper scoring rules, prediction, and estimation", Journal of the American Statistical
    Association 102, 2007, section 4.2). Forecasts are kept by mean and deviation; sums of many effects with normal
    noise are near enough to normal.
    """
    from scipy.special import ndtr

    mean, sd, actual = (np.asarray(part, dtype=float) for part in (mean, sd, actual))
    away = actual - mean
    z = np.divide(away, sd, out=np.zeros_like(away), where=sd > 0)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.where(sd > 0, sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)), np.abs(away))


def as_spent(fit: Fit | StackedFit, panel: Panel) -> AsSpent | None:
    """What `fit` says of the weeks of `panel` after its own data, with spend and controls as they were; None of none.

    Against a plan's forecast it tells two things apart: that the plan was not followed, and that the model was wrong.
    A thousand draws; a fit that has fewer takes each with several draws of the noise.

    Raises:
        FitError: the panel lacks a market, channel or control of the fit.
    """
    later = panel.weeks > fit.panel.weeks[-1]
    if not later.any():
        return None
    ahead = Panel(panel.dataset.isel(week=later))
    expected = fit.predict(ahead, max_samples=_DRAWS)
    times = -(-_DRAWS // expected.sizes["sample"])
    seeds = np.random.SeedSequence(fit.info.seed).generate_state(times)
    noisy = [fit.predict(ahead, noise=True, seed=int(seed), max_samples=_DRAWS) - expected for seed in seeds]
    numbered = {"sample": np.arange(times * expected.sizes["sample"])}
    repeated, noise = (xr.concat(parts, dim="sample").assign_coords(numbered) for parts in ([expected] * times, noisy))
    return AsSpent(repeated, noise)


def drift_of(told: AsSpent, panel: Panel, weeks: pd.DatetimeIndex) -> Drift:
    """Hold the outcome of `weeks` of `panel` against what a fit told of them.

    Weeks share what the fit does not know of level and media, so that errors of one sign come in rows even if it
    holds: counted as independent (a binomial count, a CUSUM of standardised errors), they would raise alarm again and
    again. All figures are therefore compared with the same figures of the fit's own draws, each taken for the truth
    in turn (G. E. P. Box, "Sampling and Bayes' inference in scientific modelling and robustness", Journal of the Royal
    Statistical Society A 143, 1980, 383-430). Of all markets and their total the worst counts, there as here. A chance
    is (1 + draws at least as far) / (1 + draws), which is never 0 (J. Besag & P. Clifford, "Generalized Monte Carlo
    significance tests", Biometrika 76, 1989, 633-642).
    """
    draws = told.outcome.sel(week=weeks)
    markets = list(told.expected["market"].values)
    seen = with_total(panel.dataset["outcome"].sel(week=weeks, market=markets)).transpose("week", "market").values
    values = draws.transpose("sample", "week", "market").values
    low, high = np.quantile(values, [0.05, 0.95], axis=0)

    def outside(outcome: np.ndarray) -> np.ndarray:
        return ((outcome < low) | (outcome > high)).sum(axis=-2)

    sums = values.sum(axis=1)
    center, spread = sums.mean(axis=0), sums.std(axis=0, ddof=1)

    def off(outcome: np.ndarray) -> np.ndarray:
        return (outcome.sum(axis=-2) - center) / spread

    mean = values.mean(axis=0)
    usual = (values - mean).std(axis=1).mean(axis=0)

    def scattered(outcome: np.ndarray) -> np.ndarray:
        around = (outcome - mean).std(axis=-2)
        # A single week scatters around nothing.
        return np.divide(around, usual, out=np.zeros_like(around), where=usual > 0)

    misses, bias, scatter = outside(seen), off(seen), scattered(seen)
    most, furthest, widest = int(misses.argmax()), int(np.abs(bias).argmax()), int(scatter.argmax())
    names = [str(name) for name in draws["market"].values]
    return Drift(
        weeks=len(weeks),
        misses=int(misses[most]),
        misses_market=names[most],
        misses_chance=_chance(outside(values).max(axis=1) >= misses[most]),
        bias=float(bias[furthest]),
        bias_market=names[furthest],
        bias_chance=_chance(np.abs(off(values)).max(axis=1) >= abs(bias[furthest])),
        scatter=float(scatter[widest]),
        scatter_market=names[widest],
        scatter_chance=_chance(scattered(values).max(axis=1) >= scatter[widest]),
    )


def _chance(as_far: np.ndarray) -> float:
    return float((1 + as_far.sum()) / (1 + as_far.size))
