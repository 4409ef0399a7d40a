"""From a plan to the best one near it, any number of lines: linear programmes over smaller and smaller windows.

Around a plan b each line that may move gets some levels and what it brings there; the programme takes the best
combination within all rows, the window shrinks, and so on (sequential linear programming with a trust region: R. E.
Griffith & R. A. Stewart, Management Science 7, 1961, 379-392, here with several points a line instead of its tangent).
Where a line's points are not concave, its tangent stands for them where that is lower: the programme then promises
no more than the curve keeps, so that rows on outcome hold for the plan itself. A plan that misses such a row by a
little, as one chosen above the curves does, is led back to it.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.solvers.base import Problem, interpolate
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.pieces import Pieces
from mmm_models.planning.solvers.programme import Programme

# Points of a window, as shares of its half width.
_OFFSETS = np.array([-1.0, -0.5, -0.25, -0.1, -0.02, 0.0, 0.02, 0.1, 0.25, 0.5, 1.0])
# Half widths, as shares of a line's range; for many lines, where the narrowest bring nothing worth the wait, fewer.
_WINDOWS = (0.25, 0.05, 0.01, 0.002, 2e-4, 2e-5)
_MANY_LINES, _FEW_WINDOWS = 200, (0.1, 0.02, 0.003)


@dataclass(frozen=True)
class Standing:
    """A plan as it stands: `levels`, `outcome`, `slope` (line), all exact; `value`; what it misses, by name."""

    levels: np.ndarray
    outcome: np.ndarray
    slope: np.ndarray
    value: float
    missed: dict[str, float]

    @classmethod
    def of(cls, problem: Problem, levels: np.ndarray) -> "Standing":
        """The plan with these levels (line), of a problem that is no utility."""
        outcome, slope = problem.outcome(levels)
        value = problem.worth * float(outcome.sum()) - problem.cost * float(levels.sum())
        return cls(levels, outcome, slope, value, problem.violation(levels, outcome))

    def is_better_than(self, other: "Standing") -> bool:
        """Does it miss less, or as little and is worth more?"""
        here, there = sum(self.missed.values()), sum(other.missed.values())
        return here < there or (here == there and self.value > other.value)


def best_nearby(problem: Problem, levels: np.ndarray) -> tuple[Standing, dict[str, float]]:
    """The best plan found around `levels` (line), and the prices of rows there.

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
    start = np.clip(np.where(held, np.rint(levels / lot) * lot, levels), low, high)
    inside = Domain(np.zeros(problem.lines, dtype=bool), np.where(held, start, low), np.where(held, start, high))
    loose = replace(problem, needs=(), lot=np.array(0.0))
    best, prices = Standing.of(problem, start), {}
    for width in _FEW_WINDOWS if problem.lines > _MANY_LINES else _WINDOWS:
        answer = Programme.of(loose, inside, _window(problem, best, inside, width)).relax()
        if answer is None:
            continue
        prices = answer.prices
        moved = Standing.of(problem, np.clip(answer.levels, inside.least, inside.most) + 0.0)
        best = moved if moved.is_better_than(best) else best
    return best, prices


def _window(problem: Problem, plan: Standing, inside: Domain, width: float) -> Pieces:
    """Points around a plan, each with the outcome there or on the tangent of the plan, whichever is lower."""
    now, half = plan.levels, width * np.maximum(problem.upper - problem.floor, 0.0)
    drift = plan.outcome - interpolate(problem.table, now)
    level = np.clip(now + _OFFSETS[:, None] * half, inside.least, inside.most)
    value = np.stack([interpolate(problem.table, each) for each in level]) + drift
    with np.errstate(invalid="ignore"):
        tangent = plan.outcome + np.where(level == now, 0.0, plan.slope * (level - now))
    value = np.minimum(value, np.where(np.isfinite(tangent), tangent, np.inf))
    keep = np.concatenate([np.ones((1, problem.lines), dtype=bool), np.diff(level, axis=0) > 0])
    line = np.broadcast_to(np.arange(problem.lines), level.shape)
    return Pieces(line.T[keep.T], line.T[keep.T], level.T[keep.T], value.T[keep.T])
