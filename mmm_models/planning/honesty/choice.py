"""The best plan of many tables at once: what would have been chosen on other draws."""

from dataclasses import replace

import numpy as np

from mmm_models.planning.dual import ValueTable
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.honesty.joined import JoinedCurves
from mmm_models.planning.honesty.tables import at_levels
from mmm_models.planning.knapsack import best_steps
from mmm_models.planning.solvers import Problem

_STEPS = 300
# Steps of money are too coarse for more lines than these.
KNAPSACK_LINES = 60


def best_levels(problem: Problem, tables: ValueTable, otherwise: np.ndarray) -> np.ndarray:
    """The best levels (table, line) of `problem` for each of several tables of outcome (table, line, point).

    Exact on steps of money where only a budget ties few lines together; otherwise a programme over joined curves each,
    and `otherwise` (line) where it finds no plan.
    """
    if not problem.is_separable or problem.lines > KNAPSACK_LINES:
        return np.stack([_by_programme(problem, tables, place, otherwise) for place in range(len(tables.values))])
    grid = MoneyGrid.of(problem.floor, problem.upper, problem.money, _STEPS)
    wanted = grid.lower[:, None] + grid.step * np.arange(grid.points)
    values = problem.worth * at_levels(tables, wanted) - problem.cost * wanted
    between = problem.may_rest[:, None] & (wanted > 0) & (wanted < problem.lower[:, None])
    return grid.levels(best_steps(np.where(between, -np.inf, values), grid, in_full=problem.in_full))


def _by_programme(problem: Problem, tables: ValueTable, place: int, otherwise: np.ndarray) -> np.ndarray:
    table = ValueTable(tables.levels, tables.values[place], tables.slopes[place])
    own = replace(problem, table=table)
    error = 1e-4 * float(np.abs(problem.worth * table.values).max(axis=1).sum())
    found = JoinedCurves.of(own, error, lowest=own.floor, highest=own.upper).best()
    return otherwise if found is None else found
