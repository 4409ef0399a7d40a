"""Where climbs begin: feasible plans that lie far apart."""

from dataclasses import replace

import numpy as np

from mmm_models.planning.solvers.base import Problem, spend_in_full
from mmm_models.planning.solvers.domain import token
from mmm_models.planning.solvers.polish import climb


def frozen(problem: Problem, levels: np.ndarray) -> Problem:
    """The problem in which the same lines rest, and the same lots are bought, as in `levels` (line): a smooth one."""
    least = token(problem)
    off = problem.may_rest & (levels <= 0)
    lower = problem.lower.copy()
    for first, needed in problem.needs:
        if levels[first] <= least:
            off[first] = True
        else:
            lower[needed] = max(lower[needed], least)
    held = problem.lot > 0
    return replace(
        problem,
        lower=np.where(off, 0.0, np.where(held, levels, lower)),
        upper=np.where(off, 0.0, np.where(held, levels, problem.upper)),
        may_rest=np.array(False),
        lot=np.array(0.0),
        needs=(),
    )


def moved_in(problem: Problem, levels: np.ndarray) -> np.ndarray:
    """The levels (line) within bounds and rows that lie near `levels`; rows on outcome may be missed.

    With a budget alone every line moves by the same share of its range; with other rows it is the nearest point.
    """
    inside = np.clip(levels, problem.lower, problem.upper)
    if not problem.rows or not problem.upper.any():
        return inside
    if all(row.is_budget for row in problem.rows):
        budget = problem.budget
        least = inside.sum() if np.isinf(budget.low) else budget.low
        money = float(np.clip(inside.sum(), least, budget.high))
        return spend_in_full(inside, problem.lower, problem.upper, money)
    size = float(inside.mean()) or float(problem.upper.mean())

    def nearness(at: np.ndarray) -> tuple[float, np.ndarray]:
        off = (at - inside) / size
        return 1.0 - float(off @ off), -2 * off / size

    return climb(replace(problem, utility=nearness, guards=()), inside, iterations=30, tolerance=1e-8)


def random_points(problem: Problem, count: int) -> list[np.ndarray]:
    """Points (line) of the problem's seed, within bounds and, but for rows on outcome, within rows.

    Money is dealt unevenly: shares of a line's range are drawn from an exponential distribution, so that some points
    lie in corners and others inside.
    """
    rng = np.random.default_rng(problem.seed)
    room = problem.upper - problem.lower
    shares = rng.exponential(size=(count, problem.lines))
    shares /= np.maximum(shares.max(axis=1, keepdims=True), 1.0)
    return [moved_in(problem, problem.lower + share * room) for share in shares]
