"""How media works in a world: what is spent each week, what carries over, what it is worth.

Everything is on the weekly grid and in the market's own currency. Arrays run along weeks (axis 0).
"""

from functools import singledispatch

import numpy as np
import xarray as xr

from mmm_models.worlds.randomness import stream
from mmm_models.worlds.spec import (
    AlwaysOn,
    ChannelSpec,
    Flighted,
    GeometricAdstock,
    HillSaturation,
    LogisticSaturation,
    SpendPattern,
    WorldSpec,
)

# Weeks after which carryover is counted as gone: 0.9^78 < 0.0003.
CARRYOVER_WEEKS = 78


@singledispatch
def carry_over(adstock: object, spend: np.ndarray) -> np.ndarray:
    """Weekly spend -> weekly exposure with carryover, same shape and units; nothing before the first week."""
    raise TypeError(f"no carryover is defined for {type(adstock).__name__}; register one in worlds/media.py")


@carry_over.register
def _(adstock: GeometricAdstock, spend: np.ndarray) -> np.ndarray:
    exposure = np.empty_like(spend, dtype=float)
    level = np.zeros(spend.shape[1:])
    for week in range(spend.shape[0]):
        level = adstock.retention * level + (1 - adstock.retention) * spend[week]
        exposure[week] = level
    return exposure


@singledispatch
def saturate(saturation: object, x: np.ndarray) -> np.ndarray:
    """Exposure in multiples of the mean weekly spend -> share of the full effect, within 0..1."""
    raise TypeError(f"no saturation is defined for {type(saturation).__name__}; register one in worlds/media.py")


@saturate.register
def _(saturation: LogisticSaturation, x: np.ndarray) -> np.ndarray:
    return np.tanh(saturation.lam * x / 2)  # the same function as (1 - e^-lx) / (1 + e^-lx), without overflow


@saturate.register
def _(saturation: HillSaturation, x: np.ndarray) -> np.ndarray:
    powered = x**saturation.slope
    return powered / (saturation.half**saturation.slope + powered)


def channel_response(channel: ChannelSpec, market: str, spend: np.ndarray) -> np.ndarray:
    """Revenue a week that a channel's weekly spend brings, in local currency: shape as `spend`."""
    exposure = carry_over(channel.adstock, spend) / channel.weekly_spend[market]
    return channel.effect[market] * saturate(channel.saturation, exposure)


def media_response(spec: WorldSpec, spend: xr.DataArray) -> xr.DataArray:
    """Noiseless revenue a week by channel, in local currency: dims week, market, channel as `spend`."""
    response = xr.zeros_like(spend, dtype=float)
    for channel in spec.channels:
        for market in spec.markets:
            cell = {"market": market.name, "channel": channel.name}
            response.loc[cell] = channel_response(channel, market.name, spend.sel(cell).to_numpy())
    return response


@singledispatch
def spend_levels(pattern: object, weeks: int, rng: np.random.Generator) -> np.ndarray:
    """Weekly spend as multiples of the channel's mean, shape (weeks,), mean 1."""
    raise TypeError(f"no spend pattern is defined for {type(pattern).__name__}; register one in worlds/media.py")


@spend_levels.register
def _(pattern: AlwaysOn, weeks: int, rng: np.random.Generator) -> np.ndarray:
    return _runs(weeks, rng, [(pattern.level_weeks, pattern.level_range)], pattern.noise)


@spend_levels.register
def _(pattern: Flighted, weeks: int, rng: np.random.Generator) -> np.ndarray:
    on, off = (pattern.on_weeks, pattern.level_range), (pattern.off_weeks, (pattern.off_level,) * 2)
    # Half of the plans open on air, so that flights of different channels do not all start together.
    return _runs(weeks, rng, [on, off] if rng.random() < 0.5 else [off, on], pattern.noise)


def _runs(
    weeks: int,
    rng: np.random.Generator,
    phases: list[tuple[tuple[int, int], tuple[float, float]]],
    noise: float,
) -> np.ndarray:
    levels: list[float] = []
    turn = 0
    while len(levels) < weeks:
        (shortest, longest), (low, high) = phases[turn % len(phases)]
        levels += [rng.uniform(low, high)] * int(rng.integers(shortest, longest + 1))
        turn += 1
    path = np.array(levels[:weeks]) * np.exp(rng.normal(0, noise, weeks) - noise**2 / 2)
    return path / path.mean()


def weekly_spend(spec: WorldSpec, demand: xr.DataArray, seed: int) -> xr.DataArray:
    """Planned spend a week: dims week, market, channel. `demand` (week, market) has mean 1 in each market.

    Spend is the channel's pattern times demand^demand_reaction, so that 0 makes them independent.
    """
    planned = demand.expand_dims(channel=[c.name for c in spec.channels], axis=-1).copy(deep=True)
    for channel in spec.channels:
        for market in spec.markets:
            levels = _levels(channel.pattern, planned.sizes["week"], seed, market.name, channel.name)
            reacting = levels * demand.sel(market=market.name).to_numpy() ** channel.demand_reaction
            cell = {"market": market.name, "channel": channel.name}
            planned.loc[cell] = channel.weekly_spend[market.name] * reacting
    return planned


def _levels(pattern: SpendPattern, weeks: int, seed: int, market: str, channel: str) -> np.ndarray:
    return spend_levels(pattern, weeks, stream(seed, "spend", market, channel))


def daily_spend(spec: WorldSpec, weekly: xr.DataArray, dates: np.ndarray, seed: int) -> xr.DataArray:
    """Weekly spend spread over its seven days and rounded to the cent: dims date, market, channel."""
    days = np.zeros((len(dates), len(spec.markets), len(spec.channels)))
    for m, market in enumerate(spec.markets):
        for c, channel in enumerate(spec.channels):
            shares = np.full((weekly.sizes["week"], 7), 1 / 7)
            if not channel.even_days:
                rng = stream(seed, "days", market.name, channel.name)
                shares = rng.dirichlet(np.full(7, 40.0), size=weekly.sizes["week"])
            week = weekly.sel(market=market.name, channel=channel.name).to_numpy()
            days[:, m, c] = (week[:, None] * shares).ravel().round(2)
    coords = {"date": dates, "market": weekly.market.values, "channel": weekly.channel.values}
    return xr.DataArray(days, coords=coords, dims=("date", "market", "channel"), name="spend")
