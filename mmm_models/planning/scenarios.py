"""The plan beside its neighbours: the status quo, and the best plans for less and for more money."""

from dataclasses import dataclass

import xarray as xr

from mmm_models.planning.allocation import allocate
from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.interval import Interval
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.request import PlanRequest


@dataclass(frozen=True)
class Scenario:
    """`levels` (market, channel): money a week. `value`: outcome caused; `gain`: outcome above the status quo's.

    `budget` is money over the horizon. `note` says when the bounds kept the scenario from its intended budget.
    """

    name: str
    budget: float
    levels: xr.DataArray
    value: Interval
    gain: Interval
    note: str = ""


def plan_scenarios(
    chooser: HorizonObjective,
    reporter: HorizonObjective,
    bounds: LineBounds,
    budget: float,
    planned: xr.DataArray,
    request: PlanRequest,
) -> tuple[Scenario, ...]:
    """Return status quo, plan, and one re-optimised plan for each of the request's budget changes.

    All keep the plan's bounds; where those cannot take the changed budget, the nearest budget that they can take
    is planned instead and the note says so.
    """
    planning, weeks = request.planning, request.weeks
    baseline = reporter.values(bounds.status_quo)

    def scenario(name: str, money: float, levels: xr.DataArray, note: str = "") -> Scenario:
        value = reporter.values(levels)
        return Scenario(name, money, levels, Interval.of(value), Interval.of(value - baseline), note)

    found = [
        scenario("status_quo", float(bounds.status_quo.sum()) * weeks, bounds.status_quo),
        scenario("plan", budget, planned),
    ]
    least, most = bounds.reach(weeks)
    for what_if in planning.scenarios:
        wanted = budget * (1 + (what_if.budget_change or 0.0))
        money = min(max(wanted, least), most)
        note = "" if money == wanted else f"bounds allow {money:,.0f}, not {wanted:,.0f}"
        levels = allocate(chooser, bounds, money, planning, seed=request.seed).levels
        found.append(scenario(what_if.name, money, levels, note))
    return tuple(found)
