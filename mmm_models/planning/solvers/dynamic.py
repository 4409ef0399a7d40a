"""Exact search on a money grid: the multiple-choice knapsack by dynamic programming.

W_c(k) = max_j [V_c(j) + W_{c−1}(k − j)] is the most that the first c lines make of k steps of money. The recursion is a
convolution in the max-plus algebra and finds the best plan on the grid whatever the shapes of the curves (Kellerer,
Pferschy & Pisinger, "Knapsack Problems", Springer 2004, chapter 11; for S-shaped response curves Agrali & Geunes,
European Journal of Operational Research 193, 2009, 605-615). Between grid points a plan can be better by at most the
sum of the lines' steepest slopes times the step.
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.dual import ValueTable, lagrangian_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.solvers.base import Problem, Solution, spend_in_full

# Sums held at a time: about 32 MB of float64.
_CHUNK = 4_000_000


def best_steps(values: np.ndarray, grid: MoneyGrid, *, in_full: bool = True) -> np.ndarray:
    """Steps (…, line) of the best plan for each leading index of `values` (…, line, point), exact on the grid.

    Args:
        values: what a line brings at 0, 1, … steps above its lower bound; points beyond `grid.most` are not read.
        grid: how many steps each line may take and how many there are to hand out.
        in_full: hand out all of them; otherwise at most as many, which differs where more money brings less.
    """
    leading, lines = values.shape[:-2], values.shape[-2]
    flat = values.reshape(-1, lines, values.shape[-1])
    width = (grid.money + 1) * (min(int(grid.most.max(initial=0)), grid.money) + 1)
    chunk = max(1, _CHUNK // width)
    found = [_search(flat[a : a + chunk], grid, in_full) for a in range(0, len(flat), chunk)]
    return np.concatenate(found).reshape(*leading, lines)


def value_of(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """What plans of `steps` (…, line) bring (…) in tables `values` (…, line, point)."""
    shape = np.broadcast_shapes(values.shape[:-1], steps.shape)
    picked = np.take_along_axis(
        np.broadcast_to(values, (*shape, values.shape[-1])), np.broadcast_to(steps, shape)[..., None], axis=-1
    )
    return picked[..., 0].sum(axis=-1, dtype=float)


def _search(values: np.ndarray, grid: MoneyGrid, in_full: bool) -> np.ndarray:
    """`best_steps` of tables (table, line, point), all at once."""
    tables, lines, _ = values.shape
    best = np.full((tables, grid.money + 1), -np.inf, dtype=values.dtype)
    best[:, 0] = 0.0
    choices = []
    for line in range(lines):
        most = min(int(grid.most[line]), grid.money)
        before = np.concatenate([np.full((tables, most), -np.inf, dtype=values.dtype), best], axis=1)
        # Window k holds W(k − most) … W(k), so that its place i stands for most − i steps of this line.
        windows = np.lib.stride_tricks.sliding_window_view(before, most + 1, axis=1)
        sums = windows + values[:, line, None, most::-1]
        place = sums.argmax(axis=2)
        best = np.take_along_axis(sums, place[..., None], axis=2)[..., 0]
        choices.append(most - place)
    left = np.full(tables, grid.money) if in_full else best.argmax(axis=1)
    steps = np.empty((tables, lines), dtype=int)
    for line in reversed(range(lines)):
        steps[:, line] = choices[line][np.arange(tables), left]
        left = left - steps[:, line]
    return steps


@dataclass(frozen=True)
class DynamicSolver:
    """The best plan on `points` steps of money, for objectives that are sums of one-line values.

    Lines' values between the points of the problem's table are interpolated by monotone cubics (Fritsch & Carlson,
    SIAM Journal on Numerical Analysis 17, 1980, 238-246).
    """

    name: str = "dynamic"
    points: int = 600

    def solve(self, problem: Problem) -> Solution:
        """Return the best levels on the grid, moved onto the budget; never worse than the nearest to the status quo.

        Raises:
            PlanError: the problem has no table, so that its objective is no sum of one-line values.
        """
        if problem.table is None:
            raise PlanError(
                "planning.solver 'dynamic' needs an objective that is a sum over lines, with its table; use 'slsqp'."
            )
        grid = MoneyGrid.of(problem.lower, problem.upper, problem.budget, self.points)
        steps = best_steps(_resampled(problem.table, grid), grid)
        plans = [spend_in_full(levels, problem) for levels in (grid.levels(steps), problem.status_quo)]
        worth = [problem.objective(levels)[0] for levels in plans]
        best = int(np.argmax(worth))
        bound = max(float(lagrangian_bound(problem.table, problem.budget).bound), worth[best])
        return Solution(plans[best], worth[best], 1, bound, f"exact on steps of {grid.step:,.4g} a week")


def _resampled(table: ValueTable, grid: MoneyGrid) -> np.ndarray:
    """The table's values (line, point) at the levels of the grid; beyond a line's last point they stay."""
    from scipy.interpolate import PchipInterpolator

    wanted = grid.lower[:, None] + grid.step * np.arange(grid.points)
    values = np.repeat(table.values[:, :1], grid.points, axis=1)
    for line in np.flatnonzero(grid.most):
        levels = table.levels[line]
        at = np.clip(wanted[line], levels[0], levels[-1])
        values[line] = PchipInterpolator(levels, table.values[line])(at)
    return values
