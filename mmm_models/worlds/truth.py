"""What each channel really brought: counterfactuals on the noiseless mean."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.worlds.media import CARRYOVER_WEEKS, media_response
from mmm_models.worlds.simulate import World

WINDOWS = {"all": None, "last_52_weeks": 52, "last_13_weeks": 13}


def spend_effect(world: World, changed: xr.DataArray) -> xr.DataArray:
    """Revenue a week that a changed spend path adds, in reporting currency: dims week, market, channel.

    `changed` is weekly spend in local currency with the dims of `world.weekly_spend`. The result runs
    CARRYOVER_WEEKS beyond the data, where nothing is spent and the last complete week's exchange rate holds.
    """
    actual = _pad(world.weekly_spend)
    difference = media_response(world.spec, _pad(changed)) - media_response(world.spec, actual)
    return difference * _pad(_week_rates(world), mode="edge")


def future_effect(world: World, spend: xr.DataArray) -> float:
    """Revenue that spend after the data causes, in reporting currency: carry-in is no part of it, carryover is.

    Args:
        world: the company.
        spend: money (week, market, channel) of the weeks right after the complete ones, in reporting currency; the last
            complete week's exchange rate holds for it.

    Raises:
        ValueError: the weeks do not follow the data.
    """
    history = world.weekly_spend
    ahead = world.week_starts[-1] + pd.Timedelta(weeks=1)
    if pd.Timestamp(spend.week.values[0]) != ahead:
        raise ValueError(f"spend starts {str(spend.week.values[0])[:10]}; the week after the data is {ahead.date()}")
    rate = _week_rates(world).isel(week=-1)
    local = (spend / rate).sel(market=history.market, channel=history.channel).transpose(*history.dims)
    paths = [_pad(xr.concat([history, path], dim="week")) for path in (local, xr.zeros_like(local))]
    caused = media_response(world.spec, paths[0]) - media_response(world.spec, paths[1])
    return float((caused.sum(("week", "channel")) * rate).sum())


def returns(world: World, window: str = "all", lift: float = 0.10) -> pd.DataFrame:
    """Contribution, ROAS and marginal ROAS by market (and 'all') and channel for one window, in reporting currency.

    Contribution is lost when the channel's spend inside the window is zeroed; mROAS is what `lift` more of it adds
    per unit of the extra spend. Both count from the window's start through all carryover after it.
    """
    inside = _inside(world, window)
    spend = world.weekly_spend
    contribution = -spend_effect(world, spend.where(~inside, 0.0)).sum("week")
    extra = spend_effect(world, spend * xr.where(inside, 1 + lift, 1.0)).sum("week")
    money = world.weekly(world.daily.spend * world.daily.fx_rate).where(inside, 0.0).sum("week")
    sums = xr.Dataset({"spend": money, "contribution": contribution, "extra": extra})
    total = sums.sum("market").expand_dims(market=["all"])
    frame = xr.concat([sums, total], dim="market").to_dataframe().reset_index()
    frame["roas"] = frame.contribution / frame.spend
    frame["mroas"] = frame.extra / (lift * frame.spend)
    weeks = inside.week[inside].to_index()
    frame["window_name"] = window
    frame["window_start"], frame["window_end"] = weeks[0], weeks[-1] + pd.Timedelta(days=6)
    columns = ["market", "channel", "window_name", "window_start", "window_end", "spend", "contribution"]
    return frame[[*columns, "roas", "mroas"]]


def true_returns(world: World) -> pd.DataFrame:
    """`returns` for every window of WINDOWS, one row per market (and 'all'), channel and window."""
    return pd.concat([returns(world, window) for window in WINDOWS], ignore_index=True)


def _inside(world: World, window: str) -> xr.DataArray:
    if window not in WINDOWS:
        raise ValueError(f"window {window!r} is not known; use one of {list(WINDOWS)}")
    weeks = world.week_starts
    length = min(WINDOWS[window] or len(weeks), len(weeks))
    flags = np.arange(len(weeks)) >= len(weeks) - length
    return xr.DataArray(flags, coords={"week": weeks}, dims="week")


def _week_rates(world: World) -> xr.DataArray:
    """Exchange rate of a week's revenue: the day rates weighted by the days' shares. Dims week, market."""
    return world.weekly(world.daily.fx_rate * world.daily.day_share)


def _pad(weekly: xr.DataArray, mode: str = "constant") -> xr.DataArray:
    weeks = weekly.week.to_index()
    later = pd.date_range(weeks[-1] + pd.Timedelta(weeks=1), periods=CARRYOVER_WEEKS, freq="7D")
    fill = {"constant_values": 0.0} if mode == "constant" else {}
    padded = weekly.pad(week=(0, CARRYOVER_WEEKS), mode=mode, **fill)
    return padded.assign_coords(week=weeks.append(later))
