"""Weeks to come as a panel that a fit can predict: money of a plan, controls and organic media as last year."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, StackedFit, members_of
from mmm_models.fit.driver import Driver
from mmm_models.panel import Panel
from mmm_models.planning.errors import PlanError

# The same Monday a year before: weeks keep their place in the year but for a day.
_YEAR = 52


def future_panel(fit: Fit | StackedFit, spend: xr.DataArray, controls: Mapping[str, float] | None = None) -> Panel:
    """The weeks from the end of the data to the end of `spend`, to be put to `fit.predict`.

    Args:
        fit: whose data come before.
        spend: money (week, market, channel) of all paid channels, at the prices of the data's last year. Weeks between
            the data and its first week spend what it holds for them: see `with_gap`.
        controls: controls that are held at a value in all weeks and markets of `spend`.

    Controls and organic media are what they were in the same week of the year before, since promotions and holidays
    come back with it; where the data do not reach back so far, their mean. Money buys what it bought over the last
    year, and reaches people as often as then.

    Raises:
        PlanError: the weeks of `spend` do not follow the data, or an unknown control is held.
    """
    data, weeks = fit.panel.dataset, pd.DatetimeIndex(spend["week"].values)
    if weeks[0] != fit.panel.weeks[-1] + pd.Timedelta(weeks=1):
        raise PlanError(
            f"The forecast starts in the week of {weeks[0].date()}, but the data end with that of "
            f"{fit.panel.weeks[-1].date()}. Give spend for all weeks after the data."
        )
    held = as_last_year(data["controls"], weeks)
    for name, value in (controls or {}).items():
        if name not in fit.panel.controls:
            raise PlanError(f"{name!r} is held at {value:g}, but the model has no such control.")
        held.loc[{"control": name}] = value
    money = spend.reindex(market=fit.panel.markets, channel=fit.panel.channels, fill_value=0.0)
    unknown = xr.full_like(money.isel(channel=0, drop=True), np.nan)
    dataset = xr.Dataset({"outcome": unknown, "spend": money, "controls": held}, attrs=data.attrs)
    if "population" in data:
        dataset["population"] = data["population"]
    if "volume" in data:
        dataset["volume"] = _volume(fit, money)
    if "frequency" in data:
        dataset["frequency"] = _frequency(fit, money)
    return Panel(dataset)


def with_gap(spend: xr.DataArray, status_quo: xr.DataArray, last_week: pd.Timestamp) -> xr.DataArray:
    """`spend` (week, market, channel) with the weeks since `last_week` before it, at `status_quo` (market, channel)."""
    weeks = pd.date_range(last_week + pd.Timedelta(weeks=1), spend["week"].values[-1], freq="7D")
    gap = weeks[weeks < pd.Timestamp(spend["week"].values[0])]
    if not len(gap):
        return spend
    before = status_quo.expand_dims(week=gap)
    return xr.concat([before, spend], dim="week").transpose("week", "market", "channel")


def as_last_year(known: xr.DataArray, weeks: pd.DatetimeIndex) -> xr.DataArray:
    """What `known` (week, …) was in the same weeks of the newest year that it holds; its mean where it holds none."""
    first, length = pd.Timestamp(known["week"].values[0]), known.sizes["week"]
    ahead = (weeks - first).days.to_numpy() // 7
    back = ahead - _YEAR * np.ceil((ahead - length + 1) / _YEAR).astype(int)
    found = known.isel(week=np.clip(back, 0, None)).assign_coords(week=weeks)
    reaches = xr.DataArray(back >= 0, coords={"week": weeks}, dims="week")
    return found.where(reaches, known.mean("week")).transpose(*known.dims)


def _volume(fit: Fit | StackedFit, money: xr.DataArray) -> xr.DataArray:
    """What acts (week, market, channel): bought by money, or as last year where it costs none."""
    volume = as_last_year(fit.panel.dataset["volume"], pd.DatetimeIndex(money["week"].values))
    for channel in fit.panel.paid:
        rate = _driver(fit, channel).usual_rate
        volume.loc[{"channel": channel}] = money.sel(channel=channel).transpose("week", "market").values * rate
    return volume


def _frequency(fit: Fit | StackedFit, money: xr.DataArray) -> xr.DataArray:
    """Contacts for each person reached (week, market, channel), as usual; NaN where a channel has none."""
    frequency = xr.full_like(money, np.nan)
    for channel in fit.panel.channels:
        contacts = _driver(fit, channel).frequency
        if contacts is not None:
            usual = contacts.usual * float(fit.scales["frequency_scale"].sel(channel=channel))
            frequency.loc[{"channel": channel}] = np.broadcast_to(usual, (money.sizes["week"], usual.size))
    return frequency


def _driver(fit: Fit | StackedFit, channel: str) -> Driver:
    """How money acts, which all structures share."""
    (_, first), *_ = members_of(fit)
    return Driver.of(first.panel, first.scales, channel, first.panel.markets)
