"""What all smooth solvers share: what they cannot decide, where they start, what they may claim.

A climb moves money; it does not switch lines on and off or count lots. Where a plan holds such choices they are taken
from the exact plan for the mean, and stay as they are there. Measures of risk are climbed with rounded corners.
"""

from collections.abc import Callable, Iterator

import numpy as np

from mmm_models.planning.certificate import separable_bound
from mmm_models.planning.clash import clash_error
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.relaxation import relaxed
from mmm_models.planning.solvers.risk_bound import best_mean, bound_of_mean, bound_of_weighted_mean
from mmm_models.planning.solvers.rounding import WIDTHS, rounded, spread_of
from mmm_models.planning.solvers.starts import frozen, moved_in, random_points

Climb = Callable[[Problem, np.ndarray], np.ndarray]

# A plan this near to the Lagrangian's bound, as a share of it, cannot be beaten by another start.
_CERTAIN = 1e-6
# Weights tried for the bound of a measure of risk.
_STEPS = 12


def best_of_climbs(problem: Problem, climb: Climb, random_starts: int) -> Solution:
    """The best feasible plan that `climb` finds from the starts, or a start itself, with a bound and prices.

    Raises:
        PlanError: no plan keeps all limits, or none was found.
    """
    hull, levels, prices = relaxed(problem)
    chooses = problem.may_rest.any() or problem.needs or (problem.lot > 0).any()
    smooth = frozen(problem, best_mean(problem).levels) if chooses else problem
    stages = _stages(smooth)
    tried, best = 0, None
    for name, start in _starts(smooth, levels, random_starts):
        points = [moved_in(smooth, start)]
        for stage in stages:
            points.append(climb(stage, points[-1]))
        tried += 1
        for point in points:
            if problem.violation(point, problem.outcome(point)[0]):
                continue
            value = problem.value(point)[0]
            if best is None or value > best[0]:
                best = (value, name, point)
        if problem.utility is None and best is not None and best[0] >= hull - _CERTAIN * abs(best[0]):
            break
    if best is None:
        if problem.guards:
            guard = problem.guards[0]
            raise PlanError(f"No climb found a plan with {guard.name} ({guard.key}). Lower it, or use solver 'auto'.")
        raise clash_error(problem)
    value, name, levels = best
    if problem.utility is not None:
        value = problem.utility.exactly(levels)
        bound, prices = _bound_under_risk(problem, levels)
    elif problem.is_separable:
        bound, prices = _separable(problem, levels)
    else:
        bound = hull
    kept = ", what rests and lots as in the exact plan of the mean" if chooses else ""
    message = f"best of {tried} start{'s' * (tried > 1)}, from {name}{kept}"
    return Solution(levels, value, max(bound, value), message, tried, prices)


def _stages(problem: Problem) -> list[Problem]:
    if problem.utility is None:
        return [problem]
    spread = spread_of(problem, problem.status_quo)
    return [rounded(problem, width * spread) for width in WIDTHS]


def _starts(problem: Problem, relaxed_levels: np.ndarray, count: int) -> Iterator[tuple[str, np.ndarray]]:
    yield "the status quo", problem.status_quo
    yield "the relaxation", relaxed_levels
    marginal = np.maximum(problem.value(problem.status_quo)[1], 0.0)
    marginal = np.where(np.isfinite(marginal), marginal, 0.0)
    if marginal.sum() > 0:
        yield "marginal returns", marginal / marginal.sum() * float(problem.status_quo.sum())
    for i, levels in enumerate(random_points(problem, count)):
        yield f"random point {i + 1}", levels


def _bound_under_risk(problem: Problem, levels: np.ndarray) -> tuple[float, dict[str, float]]:
    width = WIDTHS[-2] * spread_of(problem, levels)
    bounds = [bound_of_mean(problem, best_mean(problem).bound), bound_of_weighted_mean(problem, levels, width, _STEPS)]
    lowest = min((each for each in bounds if each is not None), key=lambda each: each.bound)
    return lowest.bound, lowest.prices


def _separable(problem: Problem, levels: np.ndarray) -> tuple[float, dict[str, float]]:
    bound, price = separable_bound(problem, levels)
    return bound, {} if problem.budget is None else {problem.budget.name: price}
