"""How others look for a plan of which only the budget ties the lines together; each returns levels (line)."""

from __future__ import annotations

import numpy as np

from benchmarks.planning.curves import Curves
from mmm_models.planning.solvers import Problem
from mmm_models.planning.solvers.base import spend_in_full

# Points between nothing and the whole budget.
_GRID = 600


def from_equal_start(problem: Problem, *, in_shares: bool = False) -> np.ndarray:
    """scipy's SLSQP from equal levels, with the tolerance and the iterations of PyMC-Marketing.

    Its first step depends on the units in which it is asked: money and outcome as they are, or shares of the budget and
    of what the start is worth.
    """
    equal = np.full(problem.lines, problem.budget.high / problem.lines)
    start = spend_in_full(equal, problem.lower, problem.upper, problem.budget.high)
    return _slsqp(problem, start, in_shares=in_shares)


def from_many_starts(problem: Problem, seed: int, starts: int = 20) -> np.ndarray:
    """The best of SLSQP from equal levels and from random ones, all plans being alike likely (Dirichlet, all 1)."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(problem.lines), starts - 1)
    found = [from_equal_start(problem), *(_slsqp(problem, share * problem.budget.high) for share in shares)]
    return max(found, key=lambda levels: problem.value(levels)[0])


def along_the_hull(curves: Curves) -> np.ndarray:
    """Money goes where the average slope up to any higher point is steepest, until the next such step costs too much.

    That is the rule of Meridian's optimizer (google/meridian, `analysis/optimizer.py`), without its bounds of 30 %.
    """
    step, lines = curves.budget / _GRID, curves.top.size
    grid = np.arange(_GRID + 1)
    values = curves.values(grid[:, None] * step).T
    at, spent = np.zeros(lines, dtype=int), 0
    while True:
        rise, steps = values - values[np.arange(lines), at][:, None], grid[None, :] - at[:, None]
        slopes = np.where(steps > 0, rise / np.maximum(steps, 1), -np.inf)
        line, point = np.unravel_index(int(slopes.argmax()), slopes.shape)
        cost = int(point - at[line])
        if slopes[line, point] <= 0 or spent + cost > _GRID:
            return at * step
        at[line], spent = point, spent + cost


def _slsqp(problem: Problem, start: np.ndarray, *, in_shares: bool = False) -> np.ndarray:
    from scipy.optimize import minimize

    budget = problem.budget.high
    money, worth = (budget, max(abs(problem.value(start)[0]), 1e-300)) if in_shares else (1.0, 1.0)

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.value(np.maximum(point, 0.0) * money)
        return -value / worth, -gradient * (money / worth)

    found = minimize(
        loss,
        start / money,
        jac=True,
        method="SLSQP",
        bounds=list(zip(problem.lower / money, problem.upper / money, strict=True)),
        constraints=[{"type": "eq", "fun": lambda point: point.sum() - budget / money, "jac": np.ones_like}],
        options={"ftol": 1e-9, "maxiter": 1000},
    )
    # What rounding, or a search that failed, has left over is spent and not counted against it.
    end = np.where(np.isfinite(found.x), found.x * money, start)
    return spend_in_full(end, problem.lower, problem.upper, budget)
