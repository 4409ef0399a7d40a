"""Sequential quadratic programming from several starts, by name: scipy's SLSQP on the scaled problem.

One start is not enough: with S-shaped responses a single equal-split start loses more than 1 % of value in most
problems, so the starts cover the status quo, the relaxation, the marginal returns and random points.
Method: D. Kraft, "A software package for sequential quadratic programming", DFVLR-FB 88-28 (1988).
"""

from dataclasses import dataclass
from functools import partial

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.polish import climb
from mmm_models.planning.solvers.smooth import best_of_climbs


@dataclass(frozen=True)
class SlsqpSolver:
    """SLSQP from three informed and `random_starts` random starts; the best point seen wins, starts included."""

    name: str = "slsqp"
    random_starts: int = 6
    max_iterations: int = 200
    tolerance: float = 1e-10

    def solve(self, problem: Problem) -> Solution:
        """See `best_of_climbs`; never below the feasible point nearest to the status quo."""
        step = partial(climb, iterations=self.max_iterations, tolerance=self.tolerance)
        return best_of_climbs(problem, step, self.random_starts)
