"""Sequential quadratic programming from several starts: scipy's SLSQP on the scaled problem.

One start is not enough: with S-shaped responses a single equal-split start loses more than 1 % of value in most
problems, so the starts cover the status quo, the marginal returns, the Lagrangian relaxation and random points.
Method: D. Kraft, "A software package for sequential quadratic programming", DFVLR-FB 88-28 (1988).
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.certificate import separable_bound
from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.base import Problem, Solution, spend_in_full
from mmm_models.planning.solvers.polish import polish


@dataclass(frozen=True)
class _Found:
    value: float
    start: str
    levels: np.ndarray


@dataclass(frozen=True)
class SlsqpSolver:
    """SLSQP from up to three informed and `random_starts` random starts; the best point seen wins, starts included.

    A point within `certain` (a share of its value) of the upper bound ends the search: no other start can beat it.
    """

    name: str = "slsqp"
    random_starts: int = 6
    max_iterations: int = 200
    tolerance: float = 1e-10
    certain: float = 1e-6

    def solve(self, problem: Problem) -> Solution:
        """Return the best feasible levels; never below the feasible point nearest to the status quo.

        Raises:
            PlanError: the plan has no budget, or more than the budget ties lines together.
        """
        if problem.budget is None or not problem.is_separable:
            raise PlanError("planning.solver 'slsqp' takes a budget and limits of single lines; use 'auto'.")
        money = min(problem.budget.high, float(problem.upper.sum()))
        in_full = np.isfinite(problem.budget.low)
        dual = lagrangian_bound(problem.objective_table, money, in_full=in_full)
        tried, best = 0, None
        for name, start in self._starts(problem, dual.levels, money):
            for levels in (start, polish(problem, start, iterations=self.max_iterations, tolerance=self.tolerance)):
                found = _Found(problem.value(levels)[0], name, levels)
                best = found if best is None or found.value > best.value else best
            tried += 1
            if best.value >= float(dual.bound) - self.certain * abs(best.value):
                break
        bound, price = separable_bound(problem, money, best.levels)
        message = f"best of {tried} start{'s' * (tried > 1)}, from {best.start}"
        return Solution(best.levels, best.value, bound, message, tried, {problem.budget.name: price})

    def _starts(self, problem: Problem, relaxed: np.ndarray, money: float) -> list[tuple[str, np.ndarray]]:
        marginal = np.maximum(problem.value(problem.status_quo)[1], 0.0)
        marginal = np.where(np.isfinite(marginal), marginal, 0.0)
        share = marginal / marginal.sum() if marginal.sum() > 0 else np.full(marginal.shape, 1 / marginal.size)
        rng = np.random.default_rng(problem.seed)
        raw = [
            ("the status quo", problem.status_quo),
            ("the relaxation", relaxed),
            ("marginal returns", share * money),
        ]
        room = problem.upper - problem.lower
        raw += [
            (f"random point {i + 1}", problem.lower + rng.uniform(size=room.size) * room)
            for i in range(self.random_starts)
        ]
        return [(name, spend_in_full(levels, problem.lower, problem.upper, money)) for name, levels in raw]
