"""From a `Fit` to a budget plan: chosen on some chains of the posterior, reported on the others."""

from dataclasses import dataclass, replace

import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.planning.aims import in_words, profit_gain
from mmm_models.planning.allocation import Allocation, allocate
from mmm_models.planning.constraints import LineBounds, line_bounds
from mmm_models.planning.draws import split_draws
from mmm_models.planning.flighting import flighting_report
from mmm_models.planning.honesty.report import Honesty, honest_report
from mmm_models.planning.horizon import Terms
from mmm_models.planning.horizon.peaks import within_week_max
from mmm_models.planning.interval import Interval
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.request import PlanRequest
from mmm_models.planning.scenarios import SAME_SPLIT, Scenario, plan_scenarios
from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class BudgetPlan:
    """A plan, its risk, and how much better any plan could have been. Money in `currency`, value in outcome units.

    `spend`, `status_quo` (week, market, channel): money a week over the horizon.
    `lines`: `level`, `status_quo`, `lower`, `upper` (market, channel), money a week; and over reporting draws
    (sample, market, channel) `response`, `response_status_quo` (outcome that the line's horizon spend causes,
    carryover after the horizon included) and `mroas` (outcome of one more unit of money spread over the horizon).
    `allocation`: what the solver found on the choosing draws, with its upper bound.
    `flighting`: is pulsing a finding or a habit, line by line; see `flighting_report`.
    `honesty`: what is nearly as good, where it leaves the data, what binds, what was luck, what other budgets bring.
    """

    model: str
    outcome: str
    currency: str
    request: PlanRequest
    budget: float
    spend: xr.DataArray
    status_quo: xr.DataArray
    lines: xr.Dataset
    allocation: Allocation
    honesty: Honesty
    scenarios: tuple[Scenario, ...]
    flighting: xr.Dataset

    @property
    def value(self) -> Interval:
        """Outcome that the planned spend causes, over the reporting draws."""
        return Interval.of(self.value_draws)

    @property
    def status_quo_value(self) -> Interval:
        """Outcome that going on as before causes, over the reporting draws."""
        return Interval.of(self.status_quo_draws)

    @property
    def gain(self) -> Interval:
        """Plan minus status quo, over the reporting draws."""
        return Interval.of(self.gain_draws)

    @property
    def value_draws(self) -> xr.DataArray:
        """Outcome that the planned spend causes (sample)."""
        return self.lines.response.sum(("market", "channel"))

    @property
    def status_quo_draws(self) -> xr.DataArray:
        """Outcome that going on as before causes (sample)."""
        return self.lines.response_status_quo.sum(("market", "channel"))

    @property
    def gain_draws(self) -> xr.DataArray:
        """Plan minus status quo, draw by draw (sample): noise common to both cancels."""
        return self.value_draws - self.status_quo_draws

    @property
    def reallocation_gain(self) -> Interval:
        """Plan minus the same money in today's shares, over the reporting draws: what comes of moving money alone."""
        same = next((each.value_draws for each in self.scenarios if each.name == SAME_SPLIT), self.status_quo_draws)
        return Interval.of(self.value_draws - same)

    @property
    def profit_gain(self) -> Interval | None:
        """Profit above the status quo's, over the reporting draws; None where the goal is another."""
        gained = self._profit_draws
        return None if gained is None else Interval.of(gained)

    @property
    def prob_gain_positive(self) -> float:
        """Share of reporting draws in which the plan beats the status quo, in profit where that is the goal."""
        profit = self._profit_draws
        return float(((self.gain_draws if profit is None else profit) > 0).mean())

    @property
    def objective(self) -> str:
        """What was made large, in words."""
        return in_words(self.request.planning.objective, self.outcome)

    @property
    def _profit_draws(self) -> xr.DataArray | None:
        extra = float(self.spend.sum() - self.status_quo.sum())
        return profit_gain(self.request.planning.objective, self.gain_draws, extra, seed=self.request.seed)

    @property
    def expected_regret(self) -> float | None:
        """Objective lost, on average, against knowing the true draw before planning; None for a smallest budget."""
        return self.honesty.expected_regret

    @property
    def optimism(self) -> float:
        """Mean gain claimed on the draws that chose the plan minus mean gain on the draws that did not."""
        return self.allocation.claimed_gain - self.gain.mean

    @property
    def gap(self) -> float | None:
        """How far, as a share, the bound on any plan lies above this one (choosing draws); None without a bound."""
        return self.allocation.gap

    @property
    def horizon_start(self) -> pd.Timestamp:
        """Monday of the first planned week."""
        return pd.Timestamp(self.spend.week.values[0])

    @property
    def horizon_end(self) -> pd.Timestamp:
        """Monday of the last planned week."""
        return pd.Timestamp(self.spend.week.values[-1])


def plan_budget(fit: Fit | StackedFit, request: PlanRequest | None = None) -> BudgetPlan:
    """Plan the next `horizon_weeks` weeks after the panel; `request` defaults to the spec's `planning:`.

    The objective is the mean, over posterior draws, of the outcome that spend inside the horizon causes: the
    difference against zero spend in the horizon, history carried in, carryover after the horizon counted.
    Raises `PlanError` when bounds and budget leave no plan.
    """
    request = request or PlanRequest.from_spec(fit.spec)
    if request.planning is not fit.spec.planning:
        fit = replace(fit, spec=fit.spec.model_copy(update={"planning": request.planning}))
    planning, weeks = request.planning, request.weeks
    bounds, budget = bounds_and_budget(fit)
    now = bounds.status_quo

    choosing, reporting = split_draws(fit, request.choosing_draws, request.reporting_draws)
    chooser = HorizonObjective.from_fit(fit, weeks, choosing)
    allocation = allocate(chooser, bounds, budget, planning, seed=request.seed)
    level = allocation.levels
    judge = HorizonObjective.from_fit(fit, weeks, reporting, chooser=chooser)
    reporter = judge.with_laydowns(allocation.laydowns)

    lines = xr.Dataset(
        {
            "level": level,
            "status_quo": bounds.status_quo,
            "lower": bounds.lower,
            "upper": bounds.upper,
            "response": reporter.responses(level),
            "response_status_quo": reporter.evenly.responses(now),
            "mroas": reporter.marginal_returns(level),
        }
    )
    spend = reporter.spend(level)
    # Other plans lie over the weeks as is best for them, unless a weekly maximum of all lines holds the laydowns.
    views = chooser, judge
    if planning.week_max is not None:
        views = chooser.with_laydowns(allocation.laydowns), reporter
    return BudgetPlan(
        model=fit.spec.model,
        outcome=fit.spec.outcome,
        currency=fit.spec.currency,
        request=request,
        budget=float(level.sum()) * weeks if budget is None else budget,
        spend=spend,
        status_quo=reporter.evenly.spend(now).rename("status_quo"),
        lines=lines,
        allocation=allocation,
        honesty=honest_report(fit, planning, *views, bounds, allocation, spend, lines),
        scenarios=plan_scenarios(chooser, reporter, bounds, budget, lines, request),
        flighting=flighting_report(chooser, judge, level, allocation.laydowns),
    )


def bounds_and_budget(fit: Fit | StackedFit) -> tuple[LineBounds, float | None]:
    """How far each line may move, and the money of the whole horizon; None where nothing limits it.

    Raises:
        PlanError: no plan fits both.
    """
    planning = fit.spec.planning
    terms = Terms.of(fit, planning.horizon_weeks)
    bounds = within_week_max(line_bounds(fit.spec, terms.now), fit.spec, terms)
    budget = _budget(planning, fit.panel.markets, float(terms.now.sum()) * planning.horizon_weeks)
    if budget is not None:
        bounds.check(budget, planning.horizon_weeks, in_full=not planning.may_keep_money)
    return bounds, budget


def _budget(planning: PlanningSpec, markets: list[str], as_now: float) -> float | None:
    """Money of the whole horizon: as said, or the sum of all markets' own, or as now where the plan needs a budget."""
    if planning.budget is not None:
        return planning.budget
    if set(markets) <= set(planning.market_budgets):
        return float(sum(planning.market_budgets[market] for market in markets))
    return as_now if planning.spends_as_now else None
