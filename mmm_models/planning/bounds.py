"""How far each plan line may move: from the spec's changes and absolute limits to money a week, checked."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.planning.errors import PlanError
from mmm_models.spec import ModelSpec

# Rounding of money sums, relative; a budget this near to a bound is taken as lying on it.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class LineBounds:
    """`status_quo`, `lower`, `upper` (market, channel): money a week. Lines that may not move have lower == upper."""

    status_quo: xr.DataArray
    lower: xr.DataArray
    upper: xr.DataArray

    def check(self, budget: float, horizon_weeks: int) -> None:
        """Raise `PlanError` naming the lines that clash when no plan spends exactly `budget` (whole horizon)."""
        least, most = self.reach(horizon_weeks)
        if budget < least * (1 - _ROUNDING):
            raise PlanError(
                f"The budget of {budget:,.0f} for {horizon_weeks} weeks is below the {least:,.0f} that the lower "
                f"bounds already take: {self._largest(self.lower, horizon_weeks)}. Raise planning.budget to at "
                f"least {least:,.0f}, or lower min / min_change of these lines under planning.bounds."
            )
        if budget > most * (1 + _ROUNDING):
            raise PlanError(
                f"The budget of {budget:,.0f} for {horizon_weeks} weeks is above the {most:,.0f} that the upper "
                f"bounds can take: {self._largest(self.upper, horizon_weeks)}. Lower planning.budget to at most "
                f"{most:,.0f}, or raise max / max_change of these lines under planning.bounds."
            )

    def reach(self, horizon_weeks: int) -> tuple[float, float]:
        """The least and the most money that a plan within the bounds can spend over the horizon."""
        return float(self.lower.sum()) * horizon_weeks, float(self.upper.sum()) * horizon_weeks

    def _largest(self, bound: xr.DataArray, horizon_weeks: int, show: int = 4) -> str:
        stacked = bound.stack(line=("market", "channel"))
        order = np.argsort(-stacked.values, kind="stable")[:show]
        named = []
        for index in order:
            market, channel = stacked.indexes["line"][index]
            fixed = float(self.lower.loc[market, channel]) == float(self.upper.loc[market, channel])
            note = " (fixed)" if fixed else ""
            named.append(f"{market}/{channel} {float(stacked[index]) * horizon_weeks:,.0f}{note}")
        rest = stacked.size - len(order)
        return ", ".join(named) + (f" and {rest} more lines" if rest > 0 else "")


def status_quo_spend(spend: xr.DataArray, horizon_weeks: int) -> xr.DataArray:
    """Mean weekly spend (market, channel) of the last `horizon_weeks` weeks of `spend` (week, market, channel)."""
    available = spend.sizes["week"]
    if available < horizon_weeks:
        raise PlanError(
            f"The status quo is the mean of the last {horizon_weeks} weeks, but the panel holds {available}. "
            f"Set planning.horizon_weeks to at most {available}."
        )
    recent = spend.isel(week=slice(-horizon_weeks, None)).transpose("week", "market", "channel")
    return recent.mean("week").rename("status_quo")


def line_bounds(spec: ModelSpec, status_quo: xr.DataArray) -> LineBounds:
    """Bounds of every line from `planning.bounds`: the tighter of the relative and the absolute limit holds.

    Changes are relative to the status quo; `min` and `max` are money a week in each market. A channel that is
    not plannable stays at its status quo. Raises `PlanError` when the limits of a line contradict each other.
    """
    lower, upper = status_quo.copy(), status_quo.copy()
    for channel in map(str, status_quo.channel.values):
        if not spec.channel(channel).plannable:
            continue
        limit = spec.planning.bounds.channels.get(channel, spec.planning.bounds.default)
        now = status_quo.sel(channel=channel)
        low, high = xr.zeros_like(now), xr.full_like(now, np.inf)
        if limit.min_change is not None:
            low = np.maximum(low, now * (1 + limit.min_change))
        if limit.min is not None:
            low = np.maximum(low, limit.min)
        if limit.max_change is not None:
            high = np.minimum(high, now * (1 + limit.max_change))
        if limit.max is not None:
            high = np.minimum(high, limit.max)
        for market in map(str, now.market.values):
            a, b = float(low.sel(market=market)), float(high.sel(market=market))
            if a > b:
                raise PlanError(
                    f"The bounds of {market}/{channel} contradict each other: at least {a:,.0f} and at most {b:,.0f} "
                    f"a week (it spends {float(now.sel(market=market)):,.0f} now). Change min, max, min_change or "
                    f"max_change under planning.bounds.channels.{channel}."
                )
        lower.loc[{"channel": channel}] = low
        upper.loc[{"channel": channel}] = high
    return LineBounds(status_quo=status_quo, lower=lower.rename("lower"), upper=upper.rename("upper"))
