"""What a plan's money meets: its weeks, what is bought already, what media cost, and what a single week may take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.planning.constraints import line_limit, status_quo_spend
from mmm_models.planning.errors import PlanError
from mmm_models.planning.horizon.prices import Price
from mmm_models.planning.horizon.weeks import PlanWeeks
from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class Terms:
    """Money is a week's. `now`, `caps` (market, channel), `committed` (week, market, channel), `prices` by channel in
    the order of the arrays.

    `caps`: the most that a line may spend in any single week, infinite where nothing is said or the channel is not
    plannable; `seen`: the most that it
    spent in any week of the data (market, channel).
    """

    weeks: PlanWeeks
    now: xr.DataArray
    committed: xr.DataArray
    caps: xr.DataArray
    seen: xr.DataArray
    prices: dict[str, Price]

    @classmethod
    def of(cls, fit: Fit | StackedFit, weeks: int, price_factors: dict[str, float] | None = None) -> "Terms":
        """The terms that `fit.spec.planning` states for a plan of `weeks` weeks.

        Args:
            fit: the posterior and its data.
            weeks: length of the plan.
            price_factors: channels whose media cost so many times as much as usual.

        Raises:
            PlanError: the plan starts within the data, or a commitment lies outside the plan's weeks.
        """
        planning, paid = fit.spec.planning, fit.panel.paid
        when = PlanWeeks.of(fit.panel, planning, weeks)
        spend = fit.panel.dataset["spend"].sel(channel=paid)
        now = status_quo_spend(spend, weeks)
        factors = price_factors or {}
        caps = xr.full_like(now, np.inf)
        for market in map(str, now.market.values):
            for channel in paid:
                most = line_limit(fit.spec, market, channel)[1].week_max
                if most is not None and fit.spec.channel(channel).plannable:
                    caps.loc[{"market": market, "channel": channel}] = most
        prices = {
            channel: Price.of(planning, channel, now.values[:, i], factors.get(channel, 1.0))
            for i, channel in enumerate(paid)
        }
        return cls(when, now, _committed(planning, when, now), caps, spend.max("week").transpose(*now.dims), prices)

    @property
    def mean_committed(self) -> xr.DataArray:
        """Committed money a week, on average over the plan (market, channel)."""
        return self.committed.mean("week")

    def changed(self, price_factors: dict[str, float], dark: Sequence[str]) -> "Terms":
        """The same plan where media cost so many times as much, and what is committed of `dark` channels is off."""
        prices = {
            channel: replace(price, times=price_factors.get(channel, price.times))
            for channel, price in self.prices.items()
        }
        committed = self.committed.where(~self.committed.channel.isin(list(dark)), 0.0)
        return replace(self, committed=committed, prices=prices)

    def spend(self, levels: xr.DataArray, weights: xr.DataArray) -> xr.DataArray:
        """Money (week, market, channel) of levels (market, channel), laid by weights of mean 1 (week, market, channel).

        What is committed runs; what a level has beyond it follows the weights.
        """
        free = np.maximum(levels - self.mean_committed, 0.0)
        spend = self.committed + free * weights
        return spend.transpose("week", "market", "channel").sel(channel=list(self.prices)).rename("spend")

    def at_usual_prices(self, spend: xr.DataArray) -> xr.DataArray:
        """Money that buys at usual prices what `spend` (week, market, channel) buys: what `fit.media_response` takes.

        What is committed was bought at the usual price; what comes on top of it pays the price of its week, and the
        factor of the whole channel.
        """
        bought = spend.transpose("week", "market", "channel").copy()
        for i, price in enumerate(self.prices.values()):
            own, bound = bought.values[:, :, i], self.committed.values[:, :, i]
            bought[:, :, i] = bound + (price.volume(own) - price.volume(bound)) / price.times
        return bought


def _committed(planning: PlanningSpec, weeks: PlanWeeks, now: xr.DataArray) -> xr.DataArray:
    """Money bought already, by week and line."""
    committed = xr.zeros_like(now).expand_dims(week=weeks.planned).copy()
    for bought in planning.commitments:
        if np.datetime64(bought.week_start) not in weeks.planned:
            raise PlanError(
                f"planning.commitments buys {bought.spend:,.0f} of {bought.channel} in {bought.market} in the week of "
                f"{bought.week_start}, which is none of the plan's Mondays from {weeks.planned[0]:%Y-%m-%d} to "
                f"{weeks.planned[-1]:%Y-%m-%d}. Leave it out, correct its week, or change start or horizon_weeks."
            )
        here = {"week": np.datetime64(bought.week_start), "market": bought.market, "channel": bought.channel}
        committed.loc[here] += bought.spend
    return committed
