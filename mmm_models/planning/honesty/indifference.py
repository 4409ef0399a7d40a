"""Which other plans are worth almost as much as the best one, and which of them changes least?

A plan's value is flat around its maximum: what looks like one answer is a region. Plans within a share of the best one
are told by the range of each line, by the plan of them that is nearest to the status quo, and by how much money a plan
of them can have elsewhere ("near-optimal alternatives": E. D. Brill, Management Science 25, 1979, 413-422).
"""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.honesty.joined import JoinedCurves, mesh_points
from mmm_models.planning.honesty.ranges import Ranges, ranges_within
from mmm_models.planning.solvers import Problem

# Times that a plan which is worth too little on the exact curves is asked for anew with more.
_RETRIES = 4
# Steps of the climb to the farthest plan.
_CLIMBS = 2
# With more lines than these it starts from one pattern and its opposite.
_MANY_STARTS = 60


@dataclass(frozen=True)
class Indifference:
    """Plans that lose at most `loss`, a share of the best one's objective on choosing draws. All (line): money a week.

    `lowest`, `highest`: between them lies the line in every such plan; `reached`: some such plan is at each of the ends
    (otherwise the range may be too wide, never too narrow). `least_change`: the such plan with the smallest sum of
    absolute changes from the status quo; `least_change_value` its objective. `elsewhere_share`: share of the planned
    money that some such plan spends on other lines; there may be plans with more.
    """

    loss: float
    lowest: np.ndarray
    highest: np.ndarray
    reached: bool
    least_change: np.ndarray
    least_change_value: float
    elsewhere_share: float


def indifference(problem: Problem, levels: np.ndarray, loss: float = 0.01) -> Indifference:
    """Look around the plan `levels` (line), the best of `problem`.

    With a risk measure it is the objective in the mean that is compared: plans that bring as much on average. Limits of
    risk hold for the plans that are given, and do not narrow the ranges.
    """
    best, in_mean = mean_objective(problem, levels), replace(problem, utility=None, guards=())
    least_value = best - loss * abs(best)
    ranges = ranges_within(in_mean, levels, least_value)
    error, now = 0.05 * loss * abs(best), problem.status_quo
    curves = JoinedCurves.of(in_mean, error, lowest=ranges.lowest, highest=ranges.highest)
    first = curves.nearest(now, least_value)
    if first is None:
        least_change = levels
    else:
        closer = _between(in_mean, error, ranges, now, first)
        least_change = _kept(problem, levels, least_value, lambda least: closer.nearest(now, least))
    if np.abs(least_change - now).sum() > np.abs(levels - now).sum():
        least_change = levels
    return Indifference(
        loss=loss,
        lowest=ranges.lowest,
        highest=ranges.highest,
        reached=ranges.reached,
        least_change=least_change,
        least_change_value=mean_objective(problem, least_change),
        elsewhere_share=_elsewhere(problem, curves, ranges, levels, least_change, least_value),
    )


def _between(problem: Problem, error: float, ranges: Ranges, now: np.ndarray, found: np.ndarray) -> JoinedCurves:
    """Curves on the way from the status quo to a plan only: the same number of points on shorter ranges."""
    cell = (ranges.highest - ranges.lowest) / (mesh_points(problem.lines) - 1)
    lowest, highest = np.minimum(now, found) - cell, np.maximum(now, found) + cell
    return JoinedCurves.of(
        problem, error, lowest=np.maximum(lowest, ranges.lowest), highest=np.minimum(highest, ranges.highest)
    )


def mean_objective(problem: Problem, levels: np.ndarray) -> float:
    """The objective without a risk measure, exact."""
    return problem.worth * float(problem.outcome(levels)[0].sum()) - problem.cost * float(levels.sum())


def _kept(problem: Problem, fallback: np.ndarray, least_value: float, ask: object) -> np.ndarray:
    """What `ask` finds at a value that is enough on the exact curves, too; `fallback` if nothing is found."""
    wanted = least_value
    for _ in range(_RETRIES):
        found = ask(wanted)
        if found is None:
            return fallback
        outcomes = problem.outcome(found)[0]
        short = least_value - (problem.worth * float(outcomes.sum()) - problem.cost * float(found.sum()))
        if short <= 1e-9 * abs(least_value):
            return fallback if problem.violation(found, outcomes) else found
        wanted += 1.1 * short
    return fallback


def _elsewhere(
    problem: Problem,
    curves: JoinedCurves,
    ranges: Ranges,
    levels: np.ndarray,
    least_change: np.ndarray,
    least_value: float,
) -> float:
    """The largest share of money found elsewhere.

    Distance is convex in the plan. From a pattern of lines that rise and fall, the plan farthest that way gives the
    next pattern, and never a smaller distance (successive linearisation).
    """
    spent = float(levels.sum())
    if spent <= 0:
        return 0.0
    room = np.argsort(ranges.lowest - ranges.highest, kind="stable")
    alternating = np.empty(levels.size)
    alternating[room] = np.where(np.arange(levels.size) % 2 == 0, 1.0, -1.0)
    up, down = ranges.highest - levels, levels - ranges.lowest
    farthest = _share(least_change, levels, spent)
    starts = (np.where(up >= down, 1.0, -1.0), alternating)
    for start in starts if levels.size <= _MANY_STARTS else starts[1:]:
        for pattern in (start, -start):
            reached = 0.0
            for _ in range(_CLIMBS):
                away = -pattern
                found = _kept(problem, levels, least_value, lambda least, away=away: curves.extreme(away, least))
                share = _share(found, levels, spent)
                if share <= reached * (1 + 1e-6):
                    break
                reached, pattern = share, np.where(found >= levels, 1.0, -1.0)
            farthest = max(farthest, reached)
    return farthest


def _share(other: np.ndarray, levels: np.ndarray, spent: float) -> float:
    """Money that leaves the lines of a plan for others, as a share of it."""
    return float(np.maximum(levels - other, 0.0).sum()) / spent
