"""The plan beside its neighbours: the status quo, the plan, and named what-ifs, all valued on the same draws."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.planning.aims import profit_gain
from mmm_models.planning.allocation import Allocation, allocate
from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.darkness import without_channels
from mmm_models.planning.errors import PlanError
from mmm_models.planning.interval import Interval
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.request import PlanRequest
from mmm_models.planning.risk import Cvar
from mmm_models.spec import PlanningSpec, ScenarioSpec

SAME_SPLIT = "same_split"
# A plan that spends this near to what is spent now, as a share, spends the same.
_SAME_MONEY = 1e-3


@dataclass(frozen=True)
class Scenario:
    """One column of the comparison.

    Attributes:
        name: `status_quo`, `plan`, or the what-if's own.
        budget: money over the horizon that it may spend.
        levels: money a week (market, channel); NaN where no plan keeps all limits.
        weekly: money by week (week, market, channel), as it lies; NaN as well.
        bought: money that buys the same at usual prices (week, market, channel).
        response: outcome that each line causes over the horizon, on average (market, channel).
        value_draws: outcome that it causes (sample); NaN as well.
        gain_draws: that, above the status quo at today's prices (sample): what both share cancels.
        profit_draws: profit above the status quo's (sample), where that is the goal.
        risk_level: of `gain_cvar`.
        controls: controls held at a value; they move the forecast and no value of spend.
        note: what had to give, or what clashed.
    """

    name: str
    budget: float
    levels: xr.DataArray
    weekly: xr.DataArray
    bought: xr.DataArray
    response: xr.DataArray
    value_draws: xr.DataArray
    gain_draws: xr.DataArray
    profit_draws: xr.DataArray | None
    risk_level: float
    controls: dict[str, float]
    note: str = ""

    @property
    def is_feasible(self) -> bool:
        """Is there a plan that keeps all limits?"""
        return bool(np.isfinite(self.levels).all())

    @property
    def spend(self) -> float:
        """Money that is spent over the horizon."""
        return float(self.weekly.sum(skipna=False))

    @property
    def value(self) -> Interval:
        """Outcome that its spend causes."""
        return Interval.of(self.value_draws)

    @property
    def gain(self) -> Interval:
        """Outcome above the status quo's."""
        return Interval.of(self.gain_draws)

    @property
    def profit_gain(self) -> Interval | None:
        """Profit above the status quo's; None where the goal is another."""
        return None if self.profit_draws is None else Interval.of(self.profit_draws)

    @property
    def prob_gain_positive(self) -> float:
        """Share of draws in which it beats the status quo, in profit where that is the goal."""
        return float((self._gained > 0).mean()) if self.is_feasible else np.nan

    @property
    def gain_cvar(self) -> float:
        """Mean of the worst (1 - risk_level) of the gains, in profit where that is the goal."""
        return Cvar(self.risk_level)(self._gained.values)[0]

    @property
    def _gained(self) -> xr.DataArray:
        return self.gain_draws if self.profit_draws is None else self.profit_draws


def plan_scenarios(
    chooser: HorizonObjective,
    reporter: HorizonObjective,
    bounds: LineBounds,
    budget: float | None,
    lines: xr.Dataset,
    request: PlanRequest,
) -> tuple[Scenario, ...]:
    """Return status quo, plan, and one scenario for each of the request's what-ifs.

    Where the plan spends another sum than now, `same_split` is that sum in today's shares, whatever the limits say: the
    plan's worth above it comes of moving money, the rest of spending more or less.

    A what-if that is planned anew keeps every limit of the plan but those that it changes itself. Where bounds cannot
    take a changed budget, the nearest one that they can take is planned and the note says so; where limits clash, the
    scenario has no levels and the note says what clashed. One that is not planned anew keeps the plan's levels, all
    changed by the budget's share, dark channels at 0. Where prices rise, the same money buys less; gains are above the
    status quo as it is today in every scenario, so that all can be compared.

    Args:
        chooser, reporter: values on the draws that choose, and on those that report, laid as the plan is.
        bounds, budget: of the plan; money over the horizon, None without a limit.
        lines: `level` (market, channel) of the plan; `response` and `response_status_quo` (sample, market, channel):
            what plan and status quo cause on the draws that report.
        request: what was asked.
    """
    weeks, aim, planned = request.weeks, request.planning.objective, lines.level
    baseline = lines.response_status_quo.sum(("market", "channel"))
    money_now = float(bounds.status_quo.sum()) * weeks

    def scenario(
        name: str,
        objective: HorizonObjective,
        money: float,
        levels: xr.DataArray,
        note: str = "",
        controls: dict[str, float] | None = None,
        *,
        response: xr.DataArray | None = None,
    ) -> Scenario:
        response, weekly = objective.responses(levels) if response is None else response, objective.spend(levels)
        value = response.sum(("market", "channel"), skipna=False)
        extra = float(weekly.sum(skipna=False)) - money_now
        return Scenario(
            name=name,
            budget=money,
            levels=levels,
            weekly=weekly,
            bought=objective.terms.at_usual_prices(weekly),
            response=response.mean("sample"),
            value_draws=value,
            gain_draws=value - baseline,
            profit_draws=profit_gain(aim, value - baseline, extra, seed=request.seed),
            risk_level=aim.risk_level,
            controls=controls or {},
            note=note,
        )

    nothing = xr.full_like(bounds.status_quo, np.nan).rename("level")
    now, money = bounds.status_quo, budget if budget is not None else float(planned.sum()) * weeks
    found = [
        scenario("status_quo", reporter.evenly, money_now, now, response=lines.response_status_quo),
        scenario("plan", reporter, money, planned, response=lines.response),
    ]
    spent = float(planned.sum()) * weeks
    if money_now > 0 and abs(spent - money_now) > _SAME_MONEY * money_now:
        found.append(scenario(SAME_SPLIT, reporter.evenly, spent, now * (spent / money_now), "in today's shares"))
    for what_if in request.planning.scenarios:
        laid = reporter.under(price_factors=what_if.prices, dark=what_if.dark)
        if what_if.replan and (what_if.budget_change is not None or what_if.dark or what_if.prices):
            chosen = chooser.under(price_factors=what_if.prices, dark=what_if.dark)
            allowed, made, note = _replanned(chosen, bounds, budget, planned, request, what_if)
            levels = nothing if made is None else made.levels
            laid = laid if made is None else laid.with_laydowns(made.laydowns)
        else:
            levels = _kept(planned, bounds.committed, what_if)
            allowed = float(levels.sum()) * weeks
            note = "; ".join(without_channels(request.planning, bounds, what_if.dark)[2])
        found.append(scenario(what_if.name, laid, allowed, levels, note, what_if.controls))
    return tuple(found)


def _kept(planned: xr.DataArray, committed: xr.DataArray, what_if: ScenarioSpec) -> xr.DataArray:
    levels = np.maximum(planned * (1.0 + (what_if.budget_change or 0.0)), committed)
    return levels.where(~levels.channel.isin(what_if.dark), 0.0)


def _replanned(
    chooser: HorizonObjective,
    bounds: LineBounds,
    budget: float | None,
    planned: xr.DataArray,
    request: PlanRequest,
    what_if: ScenarioSpec,
) -> tuple[float, Allocation | None, str]:
    """Budget, plan and note of a what-if that is planned anew; no plan where limits clash."""
    weeks = request.weeks
    planning, bounds, notes = without_channels(request.planning, bounds, what_if.dark)
    # Without a budget of its own, a plan's is what it spends.
    whole = budget if budget is not None else float(planned.sum()) * weeks
    if what_if.budget_change is not None:
        budget = whole * (1 + what_if.budget_change)
        planning = _with_market_budgets(planning, 1 + what_if.budget_change)
    money = budget
    if budget is not None:
        least, most = bounds.reach(weeks)
        money = max(budget, least) if planning.may_keep_money else min(max(budget, least), most)
        if money != budget:
            notes.append(f"bounds allow {money:,.0f}, not {budget:,.0f}")
    try:
        made = allocate(chooser, bounds, money, planning, seed=request.seed)
    except PlanError as clash:
        return whole if money is None else money, None, "; ".join([*notes, f"no plan: {clash}"])
    return float(made.levels.sum()) * weeks if money is None else money, made, "; ".join(notes)


def _with_market_budgets(planning: PlanningSpec, times: float) -> PlanningSpec:
    """Markets' own budgets change with the whole."""
    changed = {market: money * times for market, money in planning.market_budgets.items()}
    return planning.model_copy(update={"market_budgets": changed})
