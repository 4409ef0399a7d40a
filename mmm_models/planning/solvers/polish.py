"""A climb from a good plan to the top of its hill, within every constraint: what a grid leaves is won here.

Method: sequential least squares programming (D. Kraft, "A software package for sequential quadratic programming",
DFVLR-FB 88-28, 1988), scipy's SLSQP on the scaled problem.
"""

import numpy as np

from mmm_models.planning.solvers.base import Problem
from mmm_models.planning.solvers.scaled import Scaled

# A quadratic programme of more lines takes minutes.
MOST_LINES = 200


def polish(problem: Problem, levels: np.ndarray, *, iterations: int = 100, tolerance: float = 1e-10) -> np.ndarray:
    """Levels (line) near `levels` that are worth at least as much and are feasible if these are.

    Which lines rest stays as it is, and lines that spend in lots do not move.
    """
    end = climb(problem, levels, iterations=iterations, tolerance=tolerance)
    if end is levels:
        return levels
    better = problem.value(end)[0] > problem.value(levels)[0] and not problem.violation(end, problem.outcome(end)[0])
    return end if better else levels


def climb(problem: Problem, levels: np.ndarray, *, iterations: int = 100, tolerance: float = 1e-10) -> np.ndarray:
    """Where SLSQP ends from `levels` (line): mostly better and feasible, but neither is sure."""
    from scipy.optimize import minimize

    scaled = Scaled.around(problem, levels)
    if scaled.is_still or scaled.free.sum() > MOST_LINES:
        return levels
    found = minimize(
        scaled.loss,
        scaled.start,
        jac=True,
        method="SLSQP",
        bounds=np.stack(scaled.bounds, axis=1),
        constraints=[
            {"type": "eq" if each.equation else "ineq", "fun": each.value, "jac": each.slope}
            for each in scaled.conditions()
        ],
        options={"maxiter": iterations, "ftol": tolerance},
    )
    return scaled.at(found.x) if np.all(np.isfinite(found.x)) else levels
