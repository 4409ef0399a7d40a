"""Limited-memory quasi-Newton climbs, by name: bounds are its own, rows come in by an augmented Lagrangian.

Methods: R. H. Byrd, P. Lu, J. Nocedal & C. Zhu, SIAM Journal on Scientific Computing 16, 1995, 1190-1208 (L-BFGS-B);
J. Nocedal & S. J. Wright, "Numerical Optimization", 2nd ed. 2006, section 17.4 (the augmented Lagrangian).
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.scaled import Condition, Scaled
from mmm_models.planning.solvers.smooth import best_of_climbs

# The penalty of a missed condition at first, and how it grows while the miss does not fall to a quarter.
_PENALTY, _GROWTH, _FALL = 10.0, 10.0, 0.25
_MISSED = 1e-8


@dataclass(frozen=True)
class LbfgsbSolver:
    """L-BFGS-B climbs from two informed and `random_starts` random starts, each of `rounds` multiplier updates."""

    name: str = "lbfgsb"
    random_starts: int = 2
    rounds: int = 15

    def solve(self, problem: Problem) -> Solution:
        """See `best_of_climbs`."""
        return best_of_climbs(problem, self._climb, self.random_starts)

    def _climb(self, problem: Problem, levels: np.ndarray) -> np.ndarray:
        from scipy.optimize import minimize

        scaled = Scaled.around(problem, levels)
        if scaled.is_still:
            return levels
        conditions = scaled.conditions()
        x, multipliers, penalty, missed = scaled.start, np.zeros(len(conditions)), _PENALTY, np.inf
        for _ in range(self.rounds if conditions else 1):
            found = minimize(
                _augmented,
                x,
                args=(scaled, conditions, multipliers, penalty),
                jac=True,
                method="L-BFGS-B",
                bounds=np.stack(scaled.bounds, axis=1),
                options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
            )
            if not np.all(np.isfinite(found.x)):
                break
            x = found.x
            held = np.array([each.value(x) for each in conditions])
            even = np.array([each.equation for each in conditions], dtype=bool)
            # An inequality that holds with a multiplier left is missed, too: by complementarity.
            now = np.abs(np.where(even, held, np.minimum(held, multipliers / penalty))).max(initial=0.0)
            if now <= _MISSED:
                break
            multipliers = np.where(even, multipliers - penalty * held, np.maximum(multipliers - penalty * held, 0.0))
            penalty = penalty if now <= _FALL * missed else penalty * _GROWTH
            missed = now
        return scaled.at(x)


def _augmented(
    x: np.ndarray, scaled: Scaled, conditions: list[Condition], multipliers: np.ndarray, penalty: float
) -> tuple[float, np.ndarray]:
    """The loss plus −λ c + μ c²/2 for each condition c with multiplier λ; its least for a slack one."""
    loss, slope = scaled.loss(x)
    for condition, multiplier in zip(conditions, multipliers, strict=True):
        held = condition.value(x)
        push = multiplier - penalty * held
        if not condition.equation:
            push = max(push, 0.0)
        loss += (push**2 - multiplier**2) / (2 * penalty)
        slope = slope - push * condition.slope(x)
    return loss, slope
