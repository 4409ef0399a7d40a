"""Planes over a measure of gains: each is a problem of means, whose bound is one of the measure, too.

For a concave measure ρ and any weights w that it allows, ρ(Δ(b)) ≤ w·Δ(b) + ρ*(w) (see `risk.measures`), and w·Δ is a
sum of lines: a budget problem of the plain kind. Its optimum therefore bounds every plan under ρ, and

    min_w { ρ*(w) + max_b w·Δ(b) }  =  max over lotteries of plans of ρ of their mean gains,

so that good weights are found by playing the two sides against each other: mix the plans that were best so far, take
the derivative of ρ at the mixture as weights, add the plan that is best under these (M. Frank & P. Wolfe, Naval
Research Logistics Quarterly 3, 1956, 95-110). Where curves are concave a lottery gains nothing, and the bound closes.
A guard, ρ_g(Δ) ≥ c, enters with a multiplier μ ≥ 0: the objective gets μ (ρ_g(Δ) − c), which no plan that keeps the
guard loses by.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.risk import Ceiling, GainMeasure
from mmm_models.planning.solvers.base import Guard, Problem
from mmm_models.planning.solvers.relaxation import relaxed

_GOLDEN = 0.5 * (np.sqrt(5) - 1)
# Multipliers of a guard are searched for as μ/(1 + μ).
_MULTIPLIER_STEPS = 12


@dataclass(frozen=True)
class Plane:
    """One problem of means above the measure: `bound` on all plans; `levels` (line) that reach it on the hulls."""

    ceiling: Ceiling
    bound: float
    levels: np.ndarray
    prices: dict[str, float]


def planes(problem: Problem, start: np.ndarray, width: float, steps: int) -> Iterator[Plane]:
    """Planes over the problem's concave utility (a `GainMeasure`) and its guards, mostly lower and lower.

    Args:
        problem: its utility and the `of` of its guards are of `GainMeasure`, with the same curves.
        start: a good plan (line).
        width: gains over which the corners of measures are rounded to find weights.
        steps: how many.
    """
    objective: GainMeasure = problem.utility
    guards: list[tuple[Guard, GainMeasure]] = [(guard, guard.of) for guard in problem.guards]
    means = [objective.gains, *(measure.gains for _, measure in guards)]
    mixture = [gains(start)[0] for gains in means]
    for step in range(steps):
        own = objective.ceiling(objective.measure.smoothed(width)(mixture[0])[1])
        plane = _lowest(problem, own, guards, mixture[1:], width)
        yield plane
        share = 1 / (step + 3)
        mixture = [
            (1 - share) * mixed + share * gains(plane.levels)[0] for mixed, gains in zip(mixture, means, strict=True)
        ]


def weighted_problem(problem: Problem, ceiling: Ceiling) -> Problem:
    """The problem of means with this objective, less `ceiling.constant`. Rows on outcome are left out of it."""
    curves = problem.utility.gains.curves

    def outcome(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, slopes = curves.at(levels)
        return values @ ceiling.outcome, slopes @ ceiling.outcome

    return replace(
        problem,
        outcome=outcome,
        table=curves.weighted(ceiling.outcome),
        rows=tuple(row for row in problem.rows if not row.outcome.any()),
        worth=1.0,
        cost=ceiling.cost,
        utility=None,
        guards=(),
    )


def _lowest(
    problem: Problem,
    own: Ceiling,
    guards: list[tuple[Guard, GainMeasure]],
    gains: list[np.ndarray],
    width: float,
) -> Plane:
    """The plane with the best multiplier of the guards, which share one: golden sections, for the bound is convex."""
    if not guards:
        return _plane(problem, own)
    slack = Ceiling(np.zeros_like(own.outcome), 0.0, 0.0)
    for (guard, measure), gain in zip(guards, gains, strict=True):
        held = measure.ceiling(measure.measure.smoothed(width)(gain)[1])
        slack = slack.plus(replace(held, constant=held.constant - guard.low), 1.0)

    def at(place: float) -> Plane:
        return _plane(problem, own.plus(slack, place / (1 - place)))

    low, high, best = 0.0, 0.999, at(0.0)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = at(left), at(right)
    for _ in range(_MULTIPLIER_STEPS):
        best = min(best, at_left, at_right, key=lambda plane: plane.bound)
        if at_left.bound < at_right.bound:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = at(right)
    return min(best, at_left, at_right, key=lambda plane: plane.bound)


def _plane(problem: Problem, ceiling: Ceiling) -> Plane:
    bound, levels, prices = relaxed(weighted_problem(problem, ceiling))
    return Plane(ceiling, bound + ceiling.constant, levels, prices)
