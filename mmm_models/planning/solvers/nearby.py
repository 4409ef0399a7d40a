"""From a plan to the best one near it, any number of lines: linear programmes over smaller and smaller windows.

Around a plan b each line that may move gets some levels and what it brings there; the programme takes the best
combination within all rows, the window shrinks, and so on (sequential linear programming with a trust region: R. E.
Griffith & R. A. Stewart, Management Science 7, 1961, 379-392, here with several points a line instead of its tangent).
Where a line's points are not concave, its tangent stands for them where that is lower: the programme then promises
no more than the curve keeps, so that rows on outcome hold for the plan itself. A plan that misses such a row by a
little, as one chosen above the curves does, is led back to it.
"""

from dataclasses import replace

import numpy as np

from mmm_models.planning.solvers.base import Problem, interpolate
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.pieces import Pieces
from mmm_models.planning.solvers.programme import Programme

# Points of a window, as shares of its half width.
_OFFSETS = np.array([-1.0, -0.5, -0.25, -0.1, -0.02, 0.0, 0.02, 0.1, 0.25, 0.5, 1.0])
# Half widths, as shares of a line's range.
_WINDOWS = (0.25, 0.05, 0.01, 0.002, 2e-4, 2e-5)
# Of many lines the narrowest windows bring nothing that a second's wait is worth.
_MANY_LINES, _FEW_WINDOWS = 200, 4


def best_nearby(problem: Problem, levels: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """The best levels (line) found around `levels`, and the prices of rows there.

    Which lines rest stays as it is, and lots do not move. A plan that keeps all rows ends no worse; another ends
    nearer to them, and within them wherever a programme finds such a plan.
    """
    domain = Domain.of(problem)
    resting = domain.resting(levels)
    off = resting.copy()
    for first, second in problem.needs:
        off[first] |= resting[second]
    held = problem.lot > 0
    lot = np.where(held, problem.lot, 1.0)
    low, high = np.where(off, 0.0, domain.least), np.where(off, 0.0, domain.most)
    now = np.clip(np.where(held, np.rint(levels / lot) * lot, levels), low, high)
    inside = Domain(np.zeros(problem.lines, dtype=bool), np.where(held, now, low), np.where(held, now, high))
    loose = replace(problem, needs=(), lot=np.array(0.0))
    value, missed = _standing(problem, now)
    prices: dict[str, float] = {}
    for width in _WINDOWS[:_FEW_WINDOWS] if problem.lines > _MANY_LINES else _WINDOWS:
        answer = Programme.of(loose, inside, _window(problem, now, inside, width)).relax()
        if answer is None:
            continue
        prices = answer.prices
        moved = np.clip(answer.levels, inside.least, inside.most) + 0.0
        new_value, still_missed = _standing(problem, moved)
        if still_missed < missed or (still_missed == missed and new_value > value):
            now, value, missed = moved, new_value, still_missed
    return now, prices


def _standing(problem: Problem, levels: np.ndarray) -> tuple[float, float]:
    """Exact value of a plan, and how far it misses limits, 0 where it keeps them."""
    return problem.value(levels)[0], sum(problem.violation(levels, problem.outcome(levels)[0]).values())


def _window(problem: Problem, now: np.ndarray, inside: Domain, width: float) -> Pieces:
    """Points around `now` (line), each with the outcome there or on the tangent of `now`, whichever is lower."""
    half = width * np.maximum(problem.upper - problem.floor, 0.0)
    outcome, slope = problem.outcome(now)
    drift = outcome - interpolate(problem.table, now)
    level = np.clip(now + _OFFSETS[:, None] * half, inside.least, inside.most)
    value = np.stack([interpolate(problem.table, each) for each in level]) + drift
    with np.errstate(invalid="ignore"):
        tangent = outcome + np.where(level == now, 0.0, slope * (level - now))
    value = np.minimum(value, np.where(np.isfinite(tangent), tangent, np.inf))
    keep = np.concatenate([np.ones((1, problem.lines), dtype=bool), np.diff(level, axis=0) > 0])
    line = np.broadcast_to(np.arange(problem.lines), level.shape)
    return Pieces(line.T[keep.T], line.T[keep.T], level.T[keep.T], value.T[keep.T])
