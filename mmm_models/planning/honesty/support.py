"""How much of the planned money lies where the data have not been?

A response curve is read at adstocked spend, so that is where support is looked for: a single heavy week of a channel
with a long carryover says little about such weeks in a row. The data's range runs from the least to the greatest
adstocked week of a line (the posterior mean of the adstock; no spend at all is known, too), in money that, spent every
week, presses as hard. Of a planned week whose pressure lies above the range, the money that brought it there counts as
outside: the share of the pressure that is beyond. Of a week below the range, all of it.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.fit.curves import pressure_range
from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.objective import HorizonObjective
from mmm_models.transforms import carry_over


@dataclass(frozen=True)
class Support:
    """By line (market, channel).

    `observed_min`, `observed_max`: adstocked spend in the data, money a week. `extrapolation`: the plan's hardest week
    over the data's; above 1 the curve's shape is taken on trust. `outside`: money over the horizon outside the range.
    `money`: planned money over the horizon.
    """

    observed_min: xr.DataArray
    observed_max: xr.DataArray
    extrapolation: xr.DataArray
    outside: xr.DataArray
    money: xr.DataArray

    @property
    def share_by_line(self) -> xr.DataArray:
        """Share (0-1) of each line's money outside the range (market, channel); 0 without money."""
        return xr.where(self.money > 0, self.outside / self.money.where(self.money > 0, 1.0), 0.0)

    @property
    def share(self) -> float:
        """Share (0-1) of the plan's money outside the ranges."""
        total = float(self.money.sum())
        return float(self.outside.sum()) / total if total > 0 else 0.0


def support(objective: HorizonObjective, spend: xr.DataArray, status_quo: xr.DataArray) -> Support:
    """Hold planned `spend` (week, market, channel) against the data.

    Args:
        objective: curves, prices and weeks of the plan; of several structures each counts by its draws.
        spend: planned money.
        status_quo: money a week (market, channel) in weeks between the data and the plan.
    """
    markets, lead = list(objective.markets), len(objective.terms.weeks.lead)
    bought = objective.terms.at_usual_prices(spend)
    found = {name: [] for name in ("observed_min", "observed_max", "extrapolation", "outside")}
    for channel, curves in objective.curves.items():
        here = {"channel": channel, "market": markets}
        money, volume = (part.sel(here).transpose("week", "market").values for part in (spend, bought))
        before = np.tile(status_quo.sel(here).values, (lead, 1))
        each = [_of_channel(curve, np.concatenate([before, volume]), money) for curve in curves]
        for name, parts in zip(found, zip(*each, strict=True), strict=True):
            weights = [len(curve.weights) for curve in curves]
            found[name].append(np.average(np.stack(parts), axis=0, weights=weights))
    money = spend.sum("week").sel(market=markets, channel=list(objective.channels)).transpose("market", "channel")
    labelled = {name: money.copy(data=np.stack(parts, axis=-1)).rename(name) for name, parts in found.items()}
    return Support(**labelled, money=money.rename("money"))


def _of_channel(curve: ChannelCurve, volume: np.ndarray, money: np.ndarray) -> tuple[np.ndarray, ...]:
    """Range, hardest planned week over the data's, and money outside (each by market) of one channel.

    `volume` (week, market) after the data, in money at usual prices, ends with the plan's; `money` (week, market) is
    what the plan pays.
    """
    least, greatest = pressure_range(curve)
    rate = np.where(np.asarray(curve.driver.usual_rate) > 0, curve.driver.usual_rate, 1.0)
    whole = np.concatenate([curve.driver.volume / rate, volume])
    pressure = carry_over(whole, curve.weights.mean(axis=0, keepdims=True))[0][-len(money) :]
    beyond = np.divide(pressure - greatest, pressure, out=np.zeros_like(pressure), where=pressure > greatest)
    outside = np.where(pressure < least, money, money * beyond).sum(axis=0)
    hardest = pressure.max(axis=0)
    unseen = np.where(hardest > 0, np.inf, 0.0)
    return least, greatest, np.divide(hardest, greatest, out=unseen, where=greatest > 0), outside
