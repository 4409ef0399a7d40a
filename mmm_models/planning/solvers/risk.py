"""The solver of plans under risk: measures of gains are no sums of lines, so that no exact search is known.

Starts: the exact optimum of the mean, the optimum of a weighted mean that bounds the measure (see `weighted`), plans
between the mean's and the safest, the status quo and random points. Each is climbed with the measure's corners rounded,
the best of them again with less and less rounding. The bound is that of the best weighted mean.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.errors import PlanError
from mmm_models.planning.risk import GainMeasure
from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.polish import MOST_LINES, climb
from mmm_models.planning.solvers.risk_bound import best_mean, bound_of_mean, bound_of_weighted_mean
from mmm_models.planning.solvers.rounding import SAME, WIDTHS, rounded, spread_of
from mmm_models.planning.solvers.starts import frozen, moved_in, random_points

# Small moves off the status quo can be the surest ones.
_ON_THE_WAY = (0.1, 0.5)
# How often a better plan may ask for better weights.
_ROUNDS = 3
# Weights tried where lines are very many.
_LARGE_STEPS = 4
# A plan this near to its bound, as a share of it, needs no other start.
_CERTAIN = 1e-3
# What a unit that is missing of a guard counts while climbs are chosen.
_FINE = 10.0
# A climb that misses a guard by more of the gains' spread than this has lost its way.
_FAR = 0.02


@dataclass(frozen=True)
class _Tried:
    """`score`: the measure, then the mean gain, which decides where many plans have the same measure.

    `short`: what is missing of the guards.
    """

    start: str
    levels: np.ndarray
    score: tuple[float, float]
    short: float


@dataclass(frozen=True)
class RiskSolver:
    """Climbs from some `starts` places, the `finalists` best to the end; `steps`: weights tried for the bound."""

    name: str = "risk"
    starts: int = 20
    finalists: int = 4
    steps: int = 12

    def solve(self, problem: Problem) -> Solution:
        """Return the best plan found, its exact value, and a bound on all plans.

        Raises:
            PlanError: no measure of risk is asked for, no plan keeps all rows, or none was found that keeps the least
                CVaR.
        """
        if not isinstance(problem.utility, GainMeasure):
            raise PlanError(
                "planning.solver 'risk' takes a measure of risk: set planning.objective.risk or .cvar_min, or use "
                "'auto'."
            )
        mean = best_mean(problem)
        spread = spread_of(problem, mean.levels)
        bounds = [bound_of_mean(problem, mean.bound)]
        begin = {"the best mean": mean.levels} | self._safer(problem, mean.levels)
        # The gain has a corner at the status quo, on which no climb ends exactly.
        known = begin | {"the status quo": moved_in(frozen(rounded(problem, 0.0), mean.levels), problem.status_quo)}
        best = self._finished(problem, [_tried(problem, *each) for each in known.items()], spread)
        others: dict[str, np.ndarray] = {}
        climbs = len(begin)
        # Climbs stop at so many lines: what remains are the exact plans of weighted means.
        large = problem.lines > MOST_LINES
        steps = min(self.steps, _LARGE_STEPS) if large else self.steps
        # Without climbs the plan is not where sharp weights make it the best; wide ones are surer.
        width = (WIDTHS[0] if large else WIDTHS[-2]) * spread
        for turn in range(_ROUNDS):
            before = best
            if (weighted := bound_of_weighted_mean(problem, best.levels, width, steps)) is not None:
                bounds.append(weighted)
                others |= {f"weighted mean {climbs + i}": levels for i, levels in enumerate(weighted.plans)}
            if min(each.bound for each in bounds) - best.score[0] <= _CERTAIN * abs(best.score[0]):
                break
            if turn == 0 and not large:
                others |= self._random(problem, best.levels, self.starts - len(begin))
            best = self._climbed(problem, best, others, spread)
            climbs += len(others)
            others = {}
            if np.abs(best.levels - before.levels).sum() <= SAME * before.levels.sum():
                break
        value = problem.utility.exactly(best.levels)
        lowest = min(bounds, key=lambda each: each.bound)
        message = f"best of {climbs} climb{'s' * (climbs > 1)}, from {best.start}; the bound is {lowest.how}"
        return Solution(best.levels, value, max(lowest.bound, value), message, climbs, lowest.prices)

    def _safer(self, problem: Problem, mean: np.ndarray) -> dict[str, np.ndarray]:
        """Plans from that of the greatest CVaR towards the best mean, where the best mean breaks a guard."""
        broken = [guard for guard in problem.guards if guard.of(mean)[0] < guard.low]
        if not broken:
            return {}
        safest = RiskSolver(starts=6, finalists=2, steps=0).solve(replace(problem, utility=broken[0].of, guards=()))
        if safest.value < broken[0].low:
            raise PlanError(
                f"No plan was found whose CVaR of the gain is at least {broken[0].low:,.0f} "
                f"({broken[0].key}); the best has {safest.value:,.0f}. Lower it, or let lines move further under "
                "planning.bounds."
            )
        shares = (0.0, 0.3, 0.6, 0.9)
        return {f"{1 - s:.0%} of the safest plan": safest.levels + s * (mean - safest.levels) for s in shares}

    def _random(self, problem: Problem, pattern: np.ndarray, count: int) -> dict[str, np.ndarray]:
        """Points near the status quo and random ones, within limits; what rests in `pattern` (line) rests in them."""
        box = frozen(rounded(problem, 0.0), pattern)
        now = moved_in(box, problem.status_quo)
        found = {f"{share:.0%} of the way to the best mean": now + share * (pattern - now) for share in _ON_THE_WAY}
        points = random_points(box, max(count - len(found), 0))
        return found | {f"random point {i + 1}": levels for i, levels in enumerate(points)}

    def _climbed(self, problem: Problem, best: _Tried, starts: dict[str, np.ndarray], spread: float) -> _Tried:
        """The best plan after short climbs from all starts, and long ones from where the best of these end."""
        smooth = rounded(problem, WIDTHS[0] * spread)
        tried, begun = [best], [best.levels]
        for name, levels in starts.items():
            here = frozen(smooth, levels)
            begin = moved_in(here, levels)
            if min(np.abs(begin - other).sum() for other in begun) <= SAME * begin.sum():
                continue
            begun.append(begin)
            end = climb(here, begin, iterations=25, tolerance=1e-6)
            tried += [_tried(problem, name, each) for each in (begin, end)]
        return self._finished(problem, tried, spread)

    def _finished(self, problem: Problem, tried: list[_Tried], spread: float) -> _Tried:
        """The best of the most promising plans after climbs to the end."""
        promising: list[_Tried] = []
        for each in sorted(tried, key=lambda one: one.score[0] - _FINE * one.short, reverse=True):
            size = SAME * float(each.levels.sum())
            if all(np.abs(each.levels - other.levels).sum() > size for other in promising):
                promising.append(each)
        found = list(tried)
        for each in promising[: self.finalists]:
            levels = each.levels
            for width in WIDTHS:
                stage = frozen(rounded(problem, width * spread), levels)
                if width == WIDTHS[-1]:
                    # The joint curves are near enough to see where to go, but a row is kept on the exact ones.
                    stage = replace(stage, outcome=problem.outcome)
                end = _tried(problem, each.start, climb(stage, levels, iterations=50, tolerance=1e-8))
                if end.short > _FAR * spread:
                    break
                found.append(end)
                levels = end.levels
        kept = [each for each in found if not _missed(problem, each.levels)]
        if not kept:
            raise PlanError(
                "No plan was found that keeps all limits and the CVaR of planning.objective.cvar_min. Ease it."
            )
        return max(kept, key=lambda each: each.score)


def _tried(problem: Problem, start: str, levels: np.ndarray) -> _Tried:
    gains = problem.utility.gains(levels)[0]
    short = sum(max(guard.low - guard.of(levels)[0], 0.0) for guard in problem.guards)
    return _Tried(start, levels, (problem.utility.measure(gains)[0], float(gains.mean())), short)


def _missed(problem: Problem, levels: np.ndarray) -> dict[str, float]:
    """See `Problem.violation`; outcomes are worked out only where a row limits them."""
    exact = any(row.outcome.any() for row in problem.rows)
    return problem.violation(levels, problem.outcome(levels)[0] if exact else None)
