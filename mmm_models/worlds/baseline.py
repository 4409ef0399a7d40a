"""Revenue that would come without media: level, trend, yearly season, controls and hidden demand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.worlds.calendars import holidays
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.spec import MarketSpec, WorldSpec

# The value of each control at which it neither adds nor takes away.
CONTROL_REFERENCE = {
    "holidays": 0.0,
    "promotion": 0.0,
    "price_index": 1.0,
    "competitor_spend": 6000.0,
    "consumer_confidence": 100.0,
}


def control_values(spec: WorldSpec, dates: np.ndarray, seed: int) -> xr.DataArray:
    """Daily controls: dims date, market, control. Units: see the generator of each control below."""
    values = np.empty((len(dates), len(spec.markets), len(spec.controls)))
    for m, market in enumerate(spec.markets):
        for k, control in enumerate(spec.controls):
            rng = stream(seed, "control", market.name, control)
            values[:, m, k] = _GENERATORS[control](market, pd.DatetimeIndex(dates), rng)
    coords = {"date": dates, "market": [m.name for m in spec.markets], "control": list(spec.controls)}
    return xr.DataArray(values, coords=coords, dims=("date", "market", "control"), name="control_value")


def baseline_components(spec: WorldSpec, control: xr.DataArray, seed: int) -> xr.DataArray:
    """Weekly baseline in local currency: dims week, market, component.

    Components are intercept, trend, seasonality, `control:<name>` and hidden_demand. Controls act through
    their weekly mean, so that a model of weekly means has the right form.
    """
    weekly = weekly_mean(control)
    weeks = pd.DatetimeIndex(weekly.week.to_numpy())
    names = ["intercept", "trend", "seasonality", *(f"control:{c}" for c in spec.controls), "hidden_demand"]
    out = np.zeros((len(weeks), len(spec.markets), len(names)))
    for m, market in enumerate(spec.markets):
        above = weekly.sel(market=market.name) - [CONTROL_REFERENCE[c] for c in spec.controls]
        parts = [
            np.ones(len(weeks)),
            market.trend * np.arange(len(weeks)) / spec.weeks,
            yearly_season(weeks, market.season),
            *(market.control_effects.get(c, 0.0) * above.sel(control=c).to_numpy() for c in spec.controls),
            market.hidden_demand * ar1(stream(seed, "hidden", market.name), len(weeks), 0.85),
        ]
        out[:, m, :] = market.weekly_base * np.column_stack(parts)
    coords = {"week": weekly.week.values, "market": weekly.market.values, "component": names}
    return xr.DataArray(out, coords=coords, dims=("week", "market", "component"), name="baseline")


def weekly_mean(daily: xr.DataArray) -> xr.DataArray:
    """Mean over each seven days from the first date (a Monday): dim date becomes week, labelled by it."""
    folded = daily.coarsen(date=7, boundary="exact", coord_func="min").mean()
    return folded.rename(date="week")


def yearly_season(weeks: pd.DatetimeIndex, amplitudes: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Sum of yearly harmonics at each week: shape (weeks,)."""
    angle = 2 * np.pi * weeks.dayofyear.to_numpy() / 365.25
    season = np.zeros(len(weeks))
    for order, (sine, cosine) in enumerate(amplitudes, start=1):
        season += sine * np.sin(order * angle) + cosine * np.cos(order * angle)
    return season


def ar1(rng: np.random.Generator, steps: int, persistence: float) -> np.ndarray:
    """A stationary first-order autoregressive path with unit variance: shape (steps,)."""
    path = np.empty(steps)
    level = rng.normal()
    for step in range(steps):
        path[step] = level
        level = persistence * level + np.sqrt(1 - persistence**2) * rng.normal()
    return path


def _holidays(market: MarketSpec, dates: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """1 on a holiday or big shopping day, else 0."""
    days = set().union(*(holidays(market.country_code, year) for year in dates.year.unique()))
    return np.array([float(day.date() in days) for day in dates])


def _promotion(market: MarketSpec, dates: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """Mean price reduction of the day's offers, 0..0.3; sales of one or two weeks, about every seven weeks."""
    depth = np.zeros(len(dates))
    day = int(rng.integers(7, 28))
    while day < len(dates):
        length = int(rng.integers(5, 15))
        depth[day : day + length] = round(rng.uniform(0.08, 0.3), 2)
        day += length + int(rng.integers(21, 60))
    return depth


def _price_index(market: MarketSpec, dates: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """List price of a fixed basket, 1 = the first year's mean; reset on Mondays."""
    return np.repeat((1 + 0.04 * ar1(rng, len(dates) // 7, 0.9)).round(4), 7)


def _competitor_spend(market: MarketSpec, dates: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """A panel's estimate of competitors' spend a day, in reporting currency; one figure a week."""
    return np.repeat((6000 * np.exp(0.35 * ar1(rng, len(dates) // 7, 0.6))).round(-1), 7)


def _consumer_confidence(market: MarketSpec, dates: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    """An index around 100, published once a month and holding for that month."""
    months = dates.to_period("M")
    published = (100 + 3.0 * ar1(rng, months.nunique(), 0.9)).round(1)
    return published[months.factorize()[0]]


_GENERATORS: dict[str, Callable[[MarketSpec, pd.DatetimeIndex, np.random.Generator], np.ndarray]] = {
    "holidays": _holidays,
    "promotion": _promotion,
    "price_index": _price_index,
    "competitor_spend": _competitor_spend,
    "consumer_confidence": _consumer_confidence,
}
