"""All that is told of a plan beside its value, in one go."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.planning.allocation import Allocation
from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.honesty.binding import Constraint, binding_constraints
from mmm_models.planning.honesty.choice import best_levels
from mmm_models.planning.honesty.curse import Curse, block_table, blocks_of, crossfitted_curse
from mmm_models.planning.honesty.frontier import MOST, frontier
from mmm_models.planning.honesty.indifference import Indifference, indifference
from mmm_models.planning.honesty.prices import Prices, money_direction, prices_at
from mmm_models.planning.honesty.support import Support, support
from mmm_models.planning.interval import Interval
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.regret import expected_regret
from mmm_models.planning.solvers import Problem
from mmm_models.spec import PlanningSpec

# Points of a line in the tables by draw, and numbers that one of them may hold; of plans with very many lines not all
# draws are looked at.
_POINTS = (7, 17, 33)
# Where bounds reach so many times the money, curves are read over long ranges and need the more points.
_OPEN = 3.0
_TABLE = 3_000_000


@dataclass(frozen=True)
class Honesty:
    """What a plan does not say by itself.

    `indifference`: plans within 1 % of it, lines market by market; `lines` (market, channel): the same as `lowest`,
    `highest`, `least_change`, with `outside_share`, `extrapolation` and `observed_max` of `support`.
    `shadow_price`: what one more unit of money over the horizon adds to the objective, over reporting draws; None where
    no line can take it, or the goal is a smallest budget. `constraints`: limits and which of them bind. `curse`: by how
    much the plan's claim is too high on average. `expected_regret`: see there. `frontier`: other budgets, see there.
    """

    indifference: Indifference
    support: Support
    shadow_price: Interval | None
    constraints: tuple[Constraint, ...]
    curse: Curse
    expected_regret: float | None
    frontier: xr.Dataset

    @property
    def lines(self) -> xr.Dataset:
        """The figures of each line (market, channel); money is a week's."""
        like, near = self.support.money, self.indifference
        flat = {"lowest": near.lowest, "highest": near.highest, "least_change": near.least_change}
        levels = {name: like.copy(data=values.reshape(like.shape)) for name, values in flat.items()}
        return xr.Dataset(
            {
                **levels,
                "outside_share": self.support.share_by_line,
                "extrapolation": self.support.extrapolation,
                "observed_max": self.support.observed_max,
            }
        )


def honest_report(
    fit: Fit | StackedFit,
    planning: PlanningSpec,
    chooser: HorizonObjective,
    reporter: HorizonObjective,
    bounds: LineBounds,
    allocation: Allocation,
    spend: xr.DataArray,
    lines: xr.Dataset,
) -> Honesty:
    """Look at the plan `allocation` from all sides.

    Args:
        fit: what it was made from.
        planning: what was asked.
        chooser, reporter: values on the draws that chose it, and on the others.
        bounds: limits of each line.
        allocation: the plan.
        spend: its money (week, market, channel).
        lines: `response_status_quo` and `mroas` (sample, market, channel) on the reporting draws.
    """
    problem, weeks = allocation.problem, planning.horizon_weeks
    in_mean = replace(problem, utility=None, guards=())
    levels = allocation.levels.transpose("market", "channel")
    flat = levels.values.ravel()
    true_limits = _as_stated(problem)
    prices = prices_at(true_limits, flat, allocation.prices)
    within = replace(bounds, upper=np.minimum(bounds.upper, chooser.greatest_levels))
    most = max(_TABLE // (flat.size * _POINTS[0]), 100)
    few = chooser.thinned(most), reporter.thinned(most)
    chosen, told = (_by_draw(each, within, problem, MOST * float(flat.sum())) for each in few)
    baseline = lines.response_status_quo.sel(sample=few[1].samples).sum(("market", "channel"))
    return Honesty(
        indifference=indifference(problem, flat),
        support=support(chooser, spend, bounds.status_quo),
        shadow_price=_shadow_price(lines.mroas, true_limits, flat, prices, weeks),
        constraints=binding_constraints(true_limits, flat, prices, planning),
        curse=_curse(fit, few, (chosen, told), in_mean, flat, chooser.samples.size),
        expected_regret=expected_regret(in_mean, told, flat),
        frontier=frontier(in_mean, within, planning, levels, chosen, told, baseline),
    )


def _as_stated(problem: Problem) -> Problem:
    """The problem with bounds as they were asked, not narrowed to what the budget leaves."""
    lower, upper = problem.stated or (problem.lower, problem.upper)
    return replace(problem, lower=lower, upper=upper)


def _shadow_price(
    mroas: xr.DataArray, problem: Problem, levels: np.ndarray, prices: Prices, weeks: int
) -> Interval | None:
    # Of the smallest spend one more unit of money is one more unit of spend, and says nothing.
    direction = money_direction(problem, levels, prices) if problem.worth else None
    if direction is None:
        return None
    returns = mroas.transpose("sample", "market", "channel").values.reshape(-1, levels.size)
    return Interval.of((problem.worth * returns - problem.cost / weeks) @ direction)


def _by_draw(objective: HorizonObjective, bounds: LineBounds, problem: Problem, money: float) -> ValueTable:
    """Outcome by draw (draw, line, point) over all levels that a plan for up to `money` a week can take."""
    floor, upper = bounds.box(max(money, float(problem.floor.sum())), in_full=False)
    upper = np.maximum(upper, problem.upper)
    most = _POINTS[2] if float(upper.sum()) > _OPEN * money else _POINTS[1]
    points = int(np.clip(_TABLE // (objective.samples.size * problem.lines), _POINTS[0], most))
    return objective.draw_table(floor, upper, points)


def _curse(
    fit: Fit | StackedFit,
    objectives: tuple[HorizonObjective, HorizonObjective],
    tables: tuple[ValueTable, ValueTable],
    problem: Problem,
    levels: np.ndarray,
    draws_of_choice: int,
) -> Curse:
    """As many draws of either half; `objectives` tell which they are."""
    count = min(each.samples.size for each in objectives)
    kept, sizes = [], []
    for objective, table in zip(objectives, tables, strict=True):
        keep = np.linspace(0, objective.samples.size - 1, count).round().astype(int)
        kept.append(ValueTable(table.levels, table.values[keep], table.slopes[keep]))
        sizes += _structure_sizes(fit, np.asarray(objective.samples)[keep])
    both = ValueTable(
        kept[0].levels,
        np.concatenate([table.values for table in kept]),
        np.concatenate([table.slopes for table in kept]),
    )
    table = block_table(both, blocks_of(sizes))
    return crossfitted_curse(table, lambda halves: best_levels(problem, halves, levels), count, draws_of_choice)


def _structure_sizes(fit: Fit | StackedFit, samples: np.ndarray) -> list[int]:
    if not isinstance(fit, StackedFit):
        return [samples.size]
    return [own.size for _, own in fit.split(np.asarray(samples))]
