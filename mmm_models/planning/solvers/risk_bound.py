"""How good any plan can be under a measure of risk: the mean's bound, and that of the lowest weighted mean found."""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.risk import ProbGain
from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.mean import mean_solver
from mmm_models.planning.solvers.polish import climb
from mmm_models.planning.solvers.rounding import rounded
from mmm_models.planning.solvers.starts import frozen
from mmm_models.planning.solvers.weighted import planes, weighted_problem


@dataclass(frozen=True)
class RiskBound:
    """`bound` on the measure of all plans, `how` it is known, `prices` by row name.

    `plans`: levels (line) that are best for the weighted means tried, the first one exactly, the others on the hulls.
    """

    bound: float
    how: str
    prices: dict[str, float]
    plans: tuple[np.ndarray, ...] = ()


def best_mean(problem: Problem) -> Solution:
    """The exact solution of the problem without its measure of risk."""
    alone = replace(problem, utility=None, guards=())
    return mean_solver(alone).solve(alone)


def bound_of_mean(problem: Problem, bound: float | None) -> RiskBound:
    """No concave measure exceeds the mean gain, which no plan has above the mean's own bound; a probability is below 1.

    With a margin that is drawn the mean over its draws is another one: infinite.
    """
    utility = problem.utility
    if isinstance(utility.measure, ProbGain):
        return RiskBound(1.0, "1, as of every probability", {})
    if bound is None or np.ptp(utility.gains.margin) > 0:
        return RiskBound(np.inf, "unknown", {})
    before = problem.worth * float(utility.gains.before.mean()) - problem.cost * float(problem.status_quo.sum())
    return RiskBound(bound - before, "the mean's", {})


def bound_of_weighted_mean(problem: Problem, start: np.ndarray, width: float, steps: int) -> RiskBound | None:
    """The lowest of `steps` weighted means above the measure (see `weighted`); None where it is not concave.

    Args:
        problem: its utility is a `GainMeasure`.
        start: a good plan (line).
        width: gain over which corners are rounded to find weights.
        steps: how many weights are tried.
    """
    if isinstance(problem.utility.measure, ProbGain) or not steps:
        return None
    # Where the rounded measure is largest its weights make the plan the best of their plane, if curves are concave.
    start = climb(frozen(rounded(problem, width), start), start)
    found = list(planes(problem, start, width, steps))
    plane = min(found, key=lambda each: each.bound)
    best = best_mean(weighted_problem(problem, plane.ceiling))
    bound = plane.bound if best.bound is None else min(plane.bound, best.bound + plane.ceiling.constant)
    plans = (best.levels, *(each.levels for each in found))
    return RiskBound(bound, "that of a weighted mean", best.prices or plane.prices, plans)
