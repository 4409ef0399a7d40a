"""How far each plan line may move: from the spec's changes and absolute limits to money a week, checked."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.planning.errors import PlanError
from mmm_models.spec import Bound, ModelSpec, PlanningSpec

# Rounding of money sums, relative; a budget this near to a bound is taken as lying on it.
_ROUNDING = 1e-9
# A line within this share of its range from a bound counts as held by it.
_BINDING = 1e-3


@dataclass(frozen=True)
class LineBounds:
    """Limits of each line, all (market, channel). Lines that may not move have lower == upper.

    `status_quo`, `lower`, `upper`: money a week; `may_rest`: may it also spend nothing at all? `lot`: it spends whole
    multiples of this much money a week; 0: any amount. `committed`: money a week, on average, that is bought already.
    """

    status_quo: xr.DataArray
    lower: xr.DataArray
    upper: xr.DataArray
    may_rest: xr.DataArray
    lot: xr.DataArray
    committed: xr.DataArray

    @property
    def floor(self) -> xr.DataArray:
        """The least money a week that each line may spend, resting included."""
        return xr.where(self.may_rest, 0.0, self.lower)

    @property
    def names(self) -> tuple[str, ...]:
        """`market/channel` of each line, market by market."""
        channels = [str(name) for name in self.status_quo.channel.values]
        return tuple(f"{market}/{channel}" for market in self.status_quo.market.values for channel in channels)

    def check(self, budget: float, horizon_weeks: int, *, in_full: bool = True) -> None:
        """Raise `PlanError` naming the lines that clash when no plan within the bounds goes with `budget` (horizon)."""
        least, most = self.reach(horizon_weeks)
        if budget < least * (1 - _ROUNDING):
            raise PlanError(
                f"The budget of {budget:,.0f} for {horizon_weeks} weeks is below the {least:,.0f} that the lower "
                f"bounds already take: {self._largest(self.floor, horizon_weeks)}. Raise planning.budget to at "
                f"least {least:,.0f}, or lower min / min_change of these lines under planning.bounds."
            )
        if in_full and budget > most * (1 + _ROUNDING):
            raise PlanError(
                f"The budget of {budget:,.0f} for {horizon_weeks} weeks is above the {most:,.0f} that the upper "
                f"bounds can take: {self._largest(self.upper, horizon_weeks)}. Lower planning.budget to at most "
                f"{most:,.0f}, raise max / max_change of these lines under planning.bounds, or let money be left with "
                "planning.unspent: true."
            )

    def reach(self, horizon_weeks: int) -> tuple[float, float]:
        """The least and the most money that a plan within the bounds can spend over the horizon."""
        return float(self.floor.sum()) * horizon_weeks, float(self.upper.sum()) * horizon_weeks

    def box(self, weekly_budget: float | None, *, in_full: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Floor and upper bound (line), narrowed to what a budget leaves when all other lines sit at their bounds.

        Raises:
            PlanError: there is no budget, and a line has no upper bound.
        """
        lower, upper = (part.transpose("market", "channel").values.ravel() for part in (self.floor, self.upper))
        if weekly_budget is None:
            if not np.isfinite(upper).all():
                line = self.names[int(np.argmax(~np.isfinite(upper)))]
                raise PlanError(
                    f"No budget limits the plan, and no upper bound limits {line}. Give planning.budget, or max / "
                    "max_change of this line under planning.bounds."
                )
            return lower, upper
        spare = max(weekly_budget - lower.sum(), 0.0)
        narrowed = np.minimum(upper, lower + spare)
        if in_full and np.all(np.isfinite(upper)):
            # A line that may rest keeps its way to nothing, also where the budget will not let it go there.
            needed = np.maximum(lower, upper - max(upper.sum() - weekly_budget, 0.0))
            rests = self.may_rest.transpose("market", "channel").values.ravel()
            lower = np.where(rests, lower, needed)
        return lower, np.maximum(narrowed, lower)

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

    Changes are relative to the status quo; `min`, `max` and `fixed` are money a week in each market. Committed money is
    the least that a line spends. A channel that is not plannable stays at its status quo, or at what is committed of it
    where that is more. A weekly maximum is no limit of the mean here: how much a line can spend under it depends on its
    laydown.

    Raises:
        PlanError: the limits of a line contradict each other.
    """
    planning = spec.planning
    nothing = xr.zeros_like(status_quo)
    committed, lot = nothing.copy(), nothing.copy()
    may_rest = xr.zeros_like(status_quo, dtype=bool)
    for bought in planning.commitments:
        committed.loc[{"market": bought.market, "channel": bought.channel}] += bought.spend / planning.horizon_weeks
    lower = np.maximum(status_quo, committed)
    upper = lower.copy()
    for market in map(str, status_quo.market.values):
        for channel in map(str, status_quo.channel.values):
            here = {"market": market, "channel": channel}
            if not spec.channel(channel).plannable:
                continue
            key, limit = line_limit(spec, market, channel)
            low, high = _range(
                limit, float(status_quo.sel(here)), float(committed.sel(here)), f"{market}/{channel}", key
            )
            lower.loc[here], upper.loc[here] = low, high
            lot.loc[here], may_rest.loc[here] = limit.lot or 0.0, limit.may_rest and float(committed.sel(here)) == 0
    return LineBounds(
        status_quo=status_quo,
        lower=lower.rename("lower"),
        upper=upper.rename("upper"),
        may_rest=may_rest.rename("may_rest"),
        lot=lot.rename("lot"),
        committed=committed.rename("committed"),
    )


def binding(levels: xr.DataArray, lower: xr.DataArray, upper: xr.DataArray) -> xr.DataArray:
    """Which bound holds each line: 'lower', 'upper', 'fixed' (may not move) or 'none'."""
    near = _BINDING * (upper - lower)
    return xr.where(
        upper == lower,
        "fixed",
        xr.where(levels <= lower + near, "lower", xr.where(levels >= upper - near, "upper", "none")),
    )


def bound_key(planning: PlanningSpec, line: str) -> str:
    """Where the bounds of a line, named `market/channel`, stand in the spec."""
    named = [key for key in (line, line.partition("/")[2]) if key in planning.bounds.channels]
    return f"planning.bounds.channels.{named[0]}" if named else "planning.bounds.default"


def line_limit(spec: ModelSpec, market: str, channel: str) -> tuple[str, Bound]:
    """The limit of a line and where it stands: the line's own, its channel's, or the default."""
    named = spec.planning.bounds.channels
    for key in (f"{market}/{channel}", channel):
        if key in named:
            return key, named[key]
    return channel, spec.planning.bounds.default


def _range(limit: Bound, now: float, committed: float, line: str, key: str) -> tuple[float, float]:
    if limit.fixed is not None:
        low = high = limit.fixed
    else:
        least = [0.0, limit.min, None if limit.min_change is None else now * (1 + limit.min_change)]
        most = [np.inf, limit.max, None if limit.max_change is None else now * (1 + limit.max_change)]
        low = max(value for value in least if value is not None)
        high = min(value for value in most if value is not None)
    if low > high:
        raise PlanError(
            f"The bounds of {line} contradict each other: at least {low:,.0f} and at most {high:,.0f} "
            f"a week (it spends {now:,.0f} now). Change min, max, min_change or "
            f"max_change under planning.bounds.channels.{key}."
        )
    if committed > high * (1 + _ROUNDING):
        raise PlanError(
            f"{line} is committed to {committed:,.0f} a week on average, above the {high:,.0f} that its bounds allow. "
            f"Raise max, max_change or fixed under planning.bounds.channels.{key}, or correct planning.commitments."
        )
    return max(low, min(committed, high)), high
