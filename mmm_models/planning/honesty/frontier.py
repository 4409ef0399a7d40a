"""What would other budgets bring? The best plan for each, chosen on some draws and valued on the others.

One run of the knapsack holds the best plan of every budget: W(k) for all k. Where rows tie lines together, each budget
is a programme of its own over joined curves.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import xarray as xr

from mmm_models.planning.constraints import LineBounds, compile_rows
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.honesty.choice import KNAPSACK_LINES
from mmm_models.planning.honesty.joined import JoinedCurves
from mmm_models.planning.honesty.tables import at_levels
from mmm_models.planning.knapsack import combine
from mmm_models.planning.risk import Cvar
from mmm_models.planning.solvers import Problem
from mmm_models.spec import PlanningSpec

# Budgets as shares of the plan's: where one run answers all, where each is solved, and where that takes long.
MOST = 1.5
_MANY, _SOME, _FEW = (np.linspace(0.5, MOST, count) for count in (21, 9, 5))
_MANY_LINES = 150
_STEPS = 600
# How far a mixture of points may lie above the curves, as a share of their value.
_ERROR = 1e-3


def frontier(
    problem: Problem,
    bounds: LineBounds,
    planning: PlanningSpec,
    levels: xr.DataArray,
    chosen: ValueTable,
    told: ValueTable,
    baseline: xr.DataArray,
) -> xr.Dataset:
    """Best plans for budgets from half to one and a half times what the plan spends; each is spent in full.

    All keep the plan's limits but the budget, a target and limits of risk, and are best in the mean; budgets that the
    limits cannot take are left out. At its own budget stands the plan itself.

    Args:
        problem: the plan's, without measures of risk.
        bounds: limits of each line, in all weeks.
        planning: goal, groups and all else.
        levels: the plan, money a week (market, channel).
        chosen: outcome in each draw that chooses (sample, line, point), from the lowest levels to the highest.
        told: outcome in each draw that reports (sample, line, point), the same.
        baseline: outcome (sample) that the status quo causes in the draws that report.

    Returns:
        By `budget` (money over the horizon, ascending): `levels` (budget, market, channel); of outcome `value_mean`,
        `value_p05`, `value_p95`; of outcome above the status quo `gain_mean`, `gain_p05`, `gain_p95` and `gain_cvar`
        (mean of the worst 1 - risk_level); `marginal_return`, outcome for one more unit of money, between the
        neighbouring budgets (NaN where there is none); `is_plan`.
    """
    ordered = levels.transpose("market", "channel")
    own, weeks = ordered.values.ravel(), planning.horizon_weeks
    money = float(own.sum())
    wide = _any_budget(problem, bounds, planning, chosen, levels)
    least, most = bounds.reach(weeks)
    shares = _MANY if wide.is_separable and own.size <= KNAPSACK_LINES else _SOME if own.size <= _MANY_LINES else _FEW
    wanted = [share * money for share in shares if least <= share * money * weeks <= most or np.isclose(share, 1)]
    found = _best(wide, wanted, own)
    curve = at_levels(told, np.stack(list(found.values()), axis=1)).sum(axis=1, dtype=float).mean(axis=0)
    budgets = np.array([flat.sum() for flat in found.values()])
    marginal = np.gradient(curve, budgets * weeks) if len(found) > 1 else np.full(len(found), np.nan)
    is_plan = np.isclose(list(found), money)
    flat = np.stack([own if here else plan for plan, here in zip(found.values(), is_plan, strict=True)])
    values = at_levels(told, flat.T).sum(axis=1, dtype=float).T
    columns = _columns(values, values - baseline.values, planning.objective.risk_level)
    columns |= {"marginal_return": marginal, "is_plan": is_plan}
    spent = ("budget", flat.sum(axis=1) * weeks)
    by_line = (("budget", *ordered.dims), flat.reshape(-1, *ordered.shape))
    return xr.Dataset(
        {name: ("budget", column) for name, column in columns.items()} | {"levels": by_line},
        coords={"budget": spent, "market": ordered.market.values, "channel": ordered.channel.values},
    )


def _any_budget(
    problem: Problem, bounds: LineBounds, planning: PlanningSpec, chosen: ValueTable, levels: xr.DataArray
) -> Problem:
    """The plan's problem with most outcome as its goal and without a budget."""
    aim = planning.objective.model_copy(update={"goal": "outcome", "target": None})
    asked = planning.model_copy(update={"objective": aim, "unspent": False})
    names = [tuple(map(str, levels[dim].values)) for dim in ("market", "channel")]
    weekly = [row for row in problem.rows if row.key == "planning.week_max"]
    lower = bounds.lower.transpose("market", "channel").values.ravel()
    mean = ValueTable(chosen.levels, chosen.values.mean(axis=0, dtype=float), chosen.slopes.mean(axis=0, dtype=float))
    upper = chosen.levels[:, -1]
    rests = bounds.may_rest.transpose("market", "channel").values.ravel()
    return replace(
        problem, table=mean, lower=np.minimum(lower, upper), upper=upper, may_rest=rests & (lower <= upper), worth=1.0,
        cost=0.0, rows=(*compile_rows(asked, *names, None), *weekly), stated=None,
    )  # fmt: skip


def _best(problem: Problem, wanted: list[float], plan: np.ndarray) -> dict[float, np.ndarray]:
    """Best levels (line) by money a week; those that rows cannot take are left out, but for the plan's own."""
    if problem.is_separable and problem.lines <= KNAPSACK_LINES:
        # A group of all lines or a weekly maximum may still limit all money.
        if (limit := problem.budget) is not None:
            wanted = [money for money in wanted if money <= limit.high or np.isclose(money, plan.sum())]
        least_on = np.where(problem.may_rest, problem.lower, 0.0)
        return levels_by_money(problem.table, problem.floor, problem.upper, least_on, wanted)
    error = _ERROR * float(np.abs(problem.table.values).max(axis=1).sum())
    curves = JoinedCurves.of(problem, error, lowest=problem.floor, highest=problem.upper)
    found = {}
    for money in wanted:
        levels = curves.best(money)
        if levels is None and np.isclose(money, plan.sum()):
            levels = plan
        if levels is not None:
            found[money] = levels
    return found


def levels_by_money(
    table: ValueTable, floor: np.ndarray, upper: np.ndarray, least_on: np.ndarray, wanted: Iterable[float]
) -> dict[float, np.ndarray]:
    """The best levels (line) that spend each of these amounts of money a week, exact on steps of money.

    Args:
        table: outcome (line, point).
        floor, upper: lowest and highest levels (line).
        least_on: the least that a line spends unless it rests (line).
        wanted: money a week, within what `floor` and `upper` can take.
    """
    amounts = sorted(wanted)
    grid = MoneyGrid.of(floor, upper, amounts[-1], _STEPS)
    levels = grid.lower[:, None] + grid.step * np.arange(grid.points)
    between = (levels > 0) & (levels < least_on[:, None])
    values = np.where(between, -np.inf, at_levels(table, levels))
    best = np.full((1, grid.money + 1), -np.inf)
    best[0, 0] = 0.0
    choices = []
    for line, most in enumerate(grid.most):
        best, choice = combine(best, values[None, line], int(min(most, grid.money)))
        choices.append(choice[0])
    found, reached = {}, np.flatnonzero(np.isfinite(best[0]))
    for money in amounts:
        spare = (money - float(floor.sum())) / grid.step if grid.step else 0.0
        left = int(reached[np.abs(reached - spare).argmin()])
        steps = np.empty(floor.size, dtype=int)
        for line in reversed(range(floor.size)):
            steps[line] = choices[line][left]
            left -= steps[line]
        found[money] = grid.levels(steps)
    return found


def _columns(values: np.ndarray, gains: np.ndarray, risk_level: float) -> dict[str, np.ndarray]:
    """Figures (budget) of values and gains (budget, sample)."""
    cvar = Cvar(risk_level)
    return {
        "value_mean": values.mean(axis=1),
        "value_p05": np.quantile(values, 0.05, axis=1),
        "value_p95": np.quantile(values, 0.95, axis=1),
        "gain_mean": gains.mean(axis=1),
        "gain_p05": np.quantile(gains, 0.05, axis=1),
        "gain_p95": np.quantile(gains, 0.95, axis=1),
        "gain_cvar": np.array([cvar(each)[0] for each in gains]),
    }
