"""The exact solver of plans that only a budget ties together: a knapsack on steps of money, then a climb."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.certificate import separable_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.knapsack import best_steps
from mmm_models.planning.solvers.base import Problem, Solution, spend_in_full
from mmm_models.planning.solvers.milp import MilpSolver
from mmm_models.planning.solvers.polish import polish

# A bound further than this from the plan, as a share of it, is worth a mixed-integer programme of so many seconds.
_WIDE, _SECONDS = 1e-3, 5.0


@dataclass(frozen=True)
class DynamicSolver:
    """The best plan on `points` steps of money, then a climb from it, for objectives that are sums of lines.

    Lines' values between the points of the problem's table are interpolated by monotone cubics (Fritsch & Carlson,
    SIAM Journal on Numerical Analysis 17, 1980, 238-246).
    """

    name: str = "dynamic"
    points: int = 600

    def solve(self, problem: Problem) -> Solution:
        """Return the best levels, polished off the grid.

        Raises:
            PlanError: more than the budget ties lines together.
        """
        if not problem.is_separable:
            raise PlanError(
                "planning.solver 'dynamic' takes a budget and limits of single lines; this plan has groups, needs, "
                "lots, targets or a risk measure. Use 'auto'."
            )
        budget, floor, money, in_full = problem.budget, problem.floor, problem.money, problem.in_full
        grid = MoneyGrid.of(floor, problem.upper, money, self.points)
        steps = best_steps(values_on_grid(problem, grid), grid, in_full=in_full)
        found = grid.levels(steps)
        if in_full:
            on = found > floor
            lower = np.where(problem.may_rest & on, problem.lower, floor)
            found = spend_in_full(found, lower, np.where(problem.may_rest & ~on, floor, problem.upper), money)
            found = np.where(problem.may_rest & ~on, floor, found)
        levels = polish(problem, found)
        if problem.violation(levels, problem.outcome(levels)[0]):
            # No plan on the steps keeps the limits: one between them may, or the programme tells what clashes.
            return MilpSolver().solve(problem)
        value = problem.value(levels)[0]
        bound, price = separable_bound(problem, levels)
        if bound - value > _WIDE * abs(value):
            bound = max(min(bound, MilpSolver(seconds=_SECONDS).bound(problem)), value)
        return Solution(
            levels,
            value,
            bound,
            f"exact on steps of {grid.step:,.4g} a week, then polished",
            1,
            {} if budget is None else {budget.name: price},
        )


def values_on_grid(problem: Problem, grid: MoneyGrid) -> np.ndarray:
    """The objective (line, point) at the levels of the grid; −inf between rest and the least spend of a line."""
    from scipy.interpolate import PchipInterpolator

    table, wanted = problem.objective_table.values, grid.lower[:, None] + grid.step * np.arange(grid.points)
    values = np.repeat(table[:, :1], grid.points, axis=1)
    for line in np.flatnonzero(grid.most):
        # A range as narrow as rounding holds the same level more than once.
        levels, kept = np.unique(problem.table.levels[line], return_index=True)
        if levels.size > 1:
            at = np.clip(wanted[line], levels[0], levels[-1])
            values[line] = PchipInterpolator(levels, table[line, kept])(at)
    between = problem.may_rest[:, None] & (wanted > 0) & (wanted < problem.lower[:, None])
    return np.where(between, -np.inf, values)
