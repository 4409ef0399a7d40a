"""From a spec and a seed to a company's daily history.

Adstock, saturation and the baseline live on the weekly grid; a week's revenue is then spread over its days.
A model of weekly geometric adstock and saturation is therefore nearly right, if the world is given those forms:
such a world is the clean case. Nothing is spent before the first week.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.worlds.baseline import ar1, baseline_components, control_values
from mmm_models.worlds.media import daily_spend, media_response, weekly_spend
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.spec import MarketSpec, WorldSpec


@dataclass(frozen=True)
class World:
    """A simulated history.

    daily (date, market [, channel | component | control]), in local currency where it is money:
    `spend`, `baseline`, `media`, `mean` (noiseless revenue), `revenue` (net of refunds, to the cent), `control_value`,
    `day_share` (the day's share of its week's mean), `fx_rate` (1 unit of local currency in reporting currency).
    """

    spec: WorldSpec
    seed: int
    daily: xr.Dataset

    @property
    def complete(self) -> xr.Dataset:
        """The days of complete weeks, without the trailing unfinished one."""
        return self.daily.isel(date=slice(0, self.spec.weeks * 7))

    @property
    def week_starts(self) -> pd.DatetimeIndex:
        """Mondays of the complete weeks."""
        return pd.date_range(self.spec.start, periods=self.spec.weeks, freq="7D")

    def weekly(self, daily: xr.DataArray) -> xr.DataArray:
        """Sum daily values over the complete weeks: dim date becomes week."""
        return (
            daily.isel(date=slice(0, self.spec.weeks * 7)).coarsen(date=7, coord_func="min").sum().rename(date="week")
        )

    @property
    def weekly_spend(self) -> xr.DataArray:
        """Spend a complete week in local currency: dims week, market, channel."""
        return self.weekly(self.daily.spend)


def simulate(spec: WorldSpec, seed: int) -> World:
    """Simulate a company. The same spec and seed give the same history, bit for bit."""
    full_weeks = spec.weeks + (spec.trailing_days > 0)
    dates = pd.date_range(spec.start, periods=full_weeks * 7, freq="D").to_numpy()
    observed = slice(0, spec.weeks * 7 + spec.trailing_days)

    control = control_values(spec, dates, seed)
    baseline = baseline_components(spec, control, seed)
    demand = baseline.sum("component")
    spend = daily_spend(spec, weekly_spend(spec, demand / demand.mean("week"), seed), dates, seed)
    week_spend = spend.coarsen(date=7, coord_func="min").sum().rename(date="week")
    media = media_response(spec, week_spend)

    share = _day_shares(spec, control)
    daily = xr.Dataset(
        {
            "spend": spend,
            "baseline": _to_days(baseline, share),
            "media": _to_days(media, share),
            "control_value": control,
            "day_share": share,
            "fx_rate": fx_rates(spec, dates, seed),
        }
    )
    daily["mean"] = daily.baseline.sum("component") + daily.media.sum("channel")
    daily["revenue"] = _revenue(spec, daily["mean"], seed)
    return World(spec, seed, daily.isel(date=observed))


def fx_rates(spec: WorldSpec, dates: np.ndarray, seed: int) -> xr.DataArray:
    """Reporting currency for one unit of each market's currency: dims date, market; 1 where they are the same."""
    rates = np.ones((len(dates), len(spec.markets)))
    for m, market in enumerate(spec.markets):
        if market.currency != spec.reporting_currency:
            wave = ar1(stream(seed, "fx", market.currency), len(dates), 0.99)
            rates[:, m] = (spec.fx_start[market.currency] * np.exp(0.025 * wave)).round(6)
    coords = {"date": dates, "market": [m.name for m in spec.markets]}
    return xr.DataArray(rates, coords=coords, dims=("date", "market"), name="fx_rate")


def _day_shares(spec: WorldSpec, control: xr.DataArray) -> xr.DataArray:
    """Share of each day in its week's revenue: weekday pattern, pulled towards holidays and sale days."""
    shares = np.empty((control.sizes["date"], len(spec.markets)))
    for m, market in enumerate(spec.markets):
        pull = np.ones(control.sizes["date"])
        for name, strength in (("holidays", 0.4), ("promotion", 1.0)):
            if name in spec.controls:
                pull += strength * control.sel(market=market.name, control=name).to_numpy()
        weights = (_weekdays(market, len(pull)) * pull).reshape(-1, 7)
        shares[:, m] = (weights / weights.sum(axis=1, keepdims=True)).ravel()
    return xr.DataArray(shares, coords=control.drop_vars("control").coords, dims=("date", "market"))


def _weekdays(market: MarketSpec, days: int) -> np.ndarray:
    return np.tile(market.day_pattern, days // 7)


def _to_days(weekly: xr.DataArray, share: xr.DataArray) -> xr.DataArray:
    repeated = weekly.isel(week=np.repeat(np.arange(weekly.sizes["week"]), 7)).rename(week="date")
    return repeated.assign_coords(date=share.date) * share


def _revenue(spec: WorldSpec, mean: xr.DataArray, seed: int) -> xr.DataArray:
    """Mean plus normal day noise whose weekly sum has the market's `noise`; constant size, as a Gaussian model has."""
    revenue = mean.copy(deep=True)
    for market in spec.markets:
        day_mean = mean.sel(market=market.name)
        sd = market.noise * float(day_mean.mean()) * np.sqrt(7)
        noise = stream(seed, "noise", market.name).normal(0, sd, day_mean.size)
        # A day cannot sell less than nothing; the floor is many standard deviations away.
        revenue.loc[{"market": market.name}] = np.maximum(day_mean + noise, 0.05 * day_mean).round(2)
    return revenue
