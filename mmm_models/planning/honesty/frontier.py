"""What would other budgets bring? The best plan for each, chosen on some draws and valued on the others.

One run of the knapsack holds the best plan of every budget: W(k) for all k. Where rows tie lines together, each budget
is a plan of its own.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import xarray as xr

from mmm_models.planning.allocation import allocate
from mmm_models.planning.constraints import LineBounds, compile_rows
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.errors import PlanError
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.honesty.tables import at_levels
from mmm_models.planning.knapsack import combine
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.risk import Cvar
from mmm_models.spec import PlanningSpec

# Budgets as shares of the plan's: where one run answers all, and where each is solved.
MOST = 1.5
_MANY = np.linspace(0.5, MOST, 21)
_FEW = np.linspace(0.5, MOST, 9)
_STEPS = 600
# More lines than these, tied by rows, take too long to be planned for each budget.
_MOST_LINES = 150


def frontier(
    chooser: HorizonObjective,
    bounds: LineBounds,
    planning: PlanningSpec,
    levels: xr.DataArray,
    chosen: ValueTable,
    told: ValueTable,
    baseline: xr.DataArray,
    *,
    seed: int = 0,
) -> xr.Dataset:
    """Best plans for budgets from half to one and a half times what the plan spends; each is spent in full.

    All keep the plan's limits but the budget and a target; budgets that the limits cannot take are left out. The plan's
    own budget is in it, with the plan's own levels.

    Args:
        chooser: what lines bring, on the draws that choose.
        bounds: limits of each line.
        planning: goal, groups and all else.
        levels: the plan, money a week (market, channel).
        chosen: outcome in each draw that chooses (sample, line, point), from the lowest levels to the highest.
        told: outcome in each draw that reports (sample, line, point), the same.
        baseline: outcome (sample) that the status quo causes in the draws that report.
        seed: of random starts.

    Returns:
        By `budget` (money over the horizon, ascending): `levels` (budget, market, channel); of outcome `value_mean`,
        `value_p05`, `value_p95`; of outcome above the status quo `gain_mean`, `gain_p05`, `gain_p95` and `gain_cvar`
        (mean of the worst 1 - risk_level); `marginal_return`, outcome for one more unit of money, between the
        neighbouring budgets (NaN where there is none); `is_plan`.
    """
    ordered = levels.transpose("market", "channel")
    money, weeks, asked = float(levels.sum()), planning.horizon_weeks, _in_full(planning)
    tied = _is_tied(asked, chooser, bounds)
    shares = np.ones(1) if tied and levels.size > _MOST_LINES else _FEW if tied else _MANY
    bounds = replace(bounds, upper=np.minimum(bounds.upper, chooser.greatest_levels))
    least, most = bounds.reach(weeks)
    wanted = [share * money for share in shares if least <= share * money * weeks <= most and not np.isclose(share, 1)]
    if wanted and not tied:
        limits = bounds.box(max(wanted), in_full=False)
        lower, rests = (part.transpose("market", "channel").values.ravel() for part in (bounds.lower, bounds.may_rest))
        mean = ValueTable(chosen.levels, chosen.values.mean(axis=0, dtype=float), chosen.slopes.mean(axis=0))
        flat = levels_by_money(mean, *limits, np.where(rests, lower, 0.0), wanted)
        found = {spent: ordered.copy(data=own.reshape(ordered.shape)) for spent, own in flat.items()}
    else:
        found = _each(chooser, bounds, asked, wanted, seed)
    found[money] = ordered
    return _valued({each: found[each] for each in sorted(found)}, money, planning, told, baseline.values)


def _is_tied(planning: PlanningSpec, chooser: HorizonObjective, bounds: LineBounds) -> bool:
    """Does more than a budget tie lines together? See `Problem.is_separable`."""
    rows = compile_rows(planning, chooser.markets, chooser.channels, 1.0)
    aim = planning.objective
    risky = aim.risk != "mean" or aim.cvar_min is not None
    return bool(risky or planning.needs or (bounds.lot > 0).any() or not all(row.is_budget for row in rows))


def _each(
    chooser: HorizonObjective, bounds: LineBounds, planning: PlanningSpec, wanted: list[float], seed: int
) -> dict[float, xr.DataArray]:
    """Best levels by money a week, each solved by itself; those without a plan are left out."""
    found = {}
    for money in wanted:
        try:
            found[money] = allocate(chooser, bounds, money * planning.horizon_weeks, planning, seed=seed).levels
        except PlanError:
            # Rows cannot take this budget.
            continue
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


def _in_full(planning: PlanningSpec) -> PlanningSpec:
    """The same limits, with all of a budget spent on outcome: what a budget can bring, whatever the goal is."""
    aim = planning.objective.model_copy(update={"goal": "outcome", "target": None})
    return planning.model_copy(update={"objective": aim, "unspent": False})


def _valued(
    by_money: dict[float, xr.DataArray],
    own: float,
    planning: PlanningSpec,
    told: ValueTable,
    baseline: np.ndarray,
) -> xr.Dataset:
    flat = np.stack([levels.transpose("market", "channel").values.ravel() for levels in by_money.values()], axis=1)
    values = at_levels(told, flat).sum(axis=1, dtype=float).T
    gains = values - baseline
    budgets = np.array([float(levels.sum()) for levels in by_money.values()]) * planning.horizon_weeks
    means = values.mean(axis=1)
    marginal = np.gradient(means, budgets) if budgets.size > 1 else np.full(1, np.nan)
    cvar = Cvar(planning.objective.risk_level)
    columns = {
        "value_mean": means,
        "value_p05": np.quantile(values, 0.05, axis=1),
        "value_p95": np.quantile(values, 0.95, axis=1),
        "gain_mean": gains.mean(axis=1),
        "gain_p05": np.quantile(gains, 0.05, axis=1),
        "gain_p95": np.quantile(gains, 0.95, axis=1),
        "gain_cvar": np.array([cvar(each)[0] for each in gains]),
        "marginal_return": marginal,
        "is_plan": np.array([money == own for money in by_money]),
    }
    levels = xr.concat(list(by_money.values()), dim="budget").assign_coords(budget=budgets)
    return xr.Dataset({name: ("budget", column) for name, column in columns.items()}).assign(levels=levels)
