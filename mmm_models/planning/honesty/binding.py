"""The limits of a plan as a table: which of them hold it, and what easing each is worth."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.constraints import Row, bound_key
from mmm_models.planning.honesty.prices import Prices
from mmm_models.planning.solvers import Problem
from mmm_models.spec import PlanningSpec

_KINDS = {
    "planning.budget": "budget",
    "planning.market_budgets": "market budget",
    "planning.groups": "group",
    "planning.ratios": "ratio",
    "planning.week_max": "week",
}


@dataclass(frozen=True)
class Constraint:
    """One limit of a plan.

    `constraint`: as a person would say it; `kind`; `key`: where it stands in the spec; `value` against `limit` in
    `unit` (a share, a ratio and a least return are a distance from 0); `binds`: does it hold the plan? `shadow_price`:
    what the objective gains for each unit of money over the horizon (of outcome, where that is the unit) by which the
    limit is eased; None where no such figure exists.
    """

    constraint: str
    kind: str
    key: str
    limit: float
    value: float
    unit: str
    binds: bool
    shadow_price: float | None


def binding_constraints(
    problem: Problem, levels: np.ndarray, prices: Prices, planning: PlanningSpec
) -> tuple[Constraint, ...]:
    """All rows, guards and needs of `planning`, and the bounds that hold a line at `levels` (line)."""
    outcomes, weeks = problem.outcome(levels)[0], planning.horizon_weeks
    found = [
        _of_row(row, levels, outcomes, float(price), bool(holds), weeks)
        for row, price, holds in zip(problem.rows, prices.rows, prices.holds, strict=True)
    ]
    for guard in problem.guards:
        value = guard.of(levels)[0]
        held = value <= guard.low + 1e-3 * guard.size
        found.append(
            Constraint(guard.name, "risk", guard.key, guard.low, value, "outcome", held, None if held else 0.0)
        )
    found += [_of_bound(problem, line, levels, prices, planning) for line in np.flatnonzero(~prices.free)]
    for line, needed in problem.needs:
        name = f"{problem.names[line]} only beside {problem.names[needed]}"
        off = bool(levels[needed] <= 0)
        found.append(
            Constraint(name, "need", "planning.needs", 0.0, levels[needed], "money a week", off, None if off else 0.0)
        )
    return tuple(found)


def _of_row(row: Row, levels: np.ndarray, outcomes: np.ndarray, price: float, holds: bool, weeks: int) -> Constraint:
    money, value = not row.outcome.any(), float(row.value(levels, outcomes))
    # A greatest cost is stated in money of the horizon already.
    times = 1.0 if row.key.endswith("cost_max") else float(weeks)
    limit = row.low if not np.isfinite(row.high) or (holds and price < 0 and np.isfinite(row.low)) else row.high
    if money or row.key.endswith("cost_max"):
        return Constraint(
            row.name, _kind(row.key), row.key, limit * times, value * times, "money over the horizon", holds,
            _eased(row, price) / times,
        )  # fmt: skip
    return Constraint(row.name, _kind(row.key), row.key, limit, value, "outcome", holds, _eased(row, price))


def _eased(row: Row, price: float) -> float:
    """A budget that must be spent in full is worth what more of it brings, be it less than nothing."""
    return price if row.low == row.high else abs(price)


def _kind(key: str) -> str:
    if key.startswith("planning.objective"):
        return key.rpartition(".")[2].replace("_", " ")
    return next((kind for start, kind in _KINDS.items() if key.startswith(start)), "row")


def _of_bound(problem: Problem, line: int, levels: np.ndarray, prices: Prices, planning: PlanningSpec) -> Constraint:
    name = problem.names[line]
    lower, upper, level = problem.lower[line], problem.upper[line], float(levels[line])
    gain = prices.bounds[line] / planning.horizon_weeks
    key = bound_key(planning, name)
    if problem.may_rest[line] and level < lower:
        return Constraint(f"{name} rests", "rest", key, 0.0, level, "money a week", True, None)
    if problem.lot[line] > 0:
        return Constraint(
            f"{name} in lots of {problem.lot[line]:,.0f}", "lot", key, problem.lot[line], level, "money a week", True,
            None,
        )  # fmt: skip
    if lower == upper:
        return Constraint(f"{name} is fixed", "fixed", key, lower, level, "money a week", True, float(abs(gain)))
    if abs(level - lower) <= abs(upper - level):
        # A line that would rather spend more is not held by its least spend.
        worth = max(-gain, 0.0)
        return Constraint(f"{name} at least", "least", key, lower, level, "money a week", True, float(worth))
    return Constraint(f"{name} at most", "most", key, upper, level, "money a week", True, float(max(gain, 0.0)))
