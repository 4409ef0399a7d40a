"""A trust-region climb, by name: for checking what the other solvers say, at some cost in time.

Method: scipy's `trust-constr`, that is Byrd-Omojokun sequential quadratic programming, and an interior point method
where there are inequalities (R. H. Byrd, M. E. Hribar & J. Nocedal, SIAM Journal on Optimization 9, 1999, 877-900).
"""

import warnings
from dataclasses import dataclass

import numpy as np

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.scaled import Scaled
from mmm_models.planning.solvers.smooth import best_of_climbs


@dataclass(frozen=True)
class TrustConstrSolver:
    """Trust-region climbs from two informed and `random_starts` random starts."""

    name: str = "trust_constr"
    random_starts: int = 1
    max_iterations: int = 300

    def solve(self, problem: Problem) -> Solution:
        """See `best_of_climbs`."""
        return best_of_climbs(problem, self._climb, self.random_starts)

    def _climb(self, problem: Problem, levels: np.ndarray) -> np.ndarray:
        from scipy.optimize import BFGS, Bounds, NonlinearConstraint, minimize

        scaled = Scaled.around(problem, levels)
        if scaled.is_still:
            return levels
        flat = np.zeros((int(scaled.free.sum()),) * 2)
        held = [
            NonlinearConstraint(
                each.value,
                0.0,
                0.0 if each.equation else np.inf,
                jac=each.slope,
                hess=(lambda x, v: flat) if each.is_linear else BFGS(),
            )
            for each in scaled.conditions()
        ]
        with warnings.catch_warnings():
            # Straight lines have no curvature to learn, which BFGS remarks on at each step.
            warnings.filterwarnings("ignore", "delta_grad == 0.0", UserWarning)
            found = minimize(
                scaled.loss,
                scaled.start,
                jac=True,
                hess=BFGS(),
                method="trust-constr",
                bounds=Bounds(*scaled.bounds),
                constraints=held,
                options={"maxiter": self.max_iterations, "gtol": 1e-8, "xtol": 1e-10},
            )
        return scaled.at(found.x) if np.all(np.isfinite(found.x)) else levels
