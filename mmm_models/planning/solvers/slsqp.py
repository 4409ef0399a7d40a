"""Sequential quadratic programming from several starts: scipy's SLSQP on the scaled problem.

One start is not enough: with S-shaped responses a single equal-split start loses more than 1 % of value in most
problems, so the starts cover the status quo, the marginal returns, the Lagrangian relaxation and random points.
Method: D. Kraft, "A software package for sequential quadratic programming", DFVLR-FB 88-28 (1988).
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.solvers.base import Problem, Solution, spend_in_full


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
        """Return the best feasible levels; never below the feasible point nearest to the status quo."""
        dual = None if problem.table is None else lagrangian_bound(problem.table, problem.budget)
        free = problem.upper > problem.lower
        iterations, tried, best = 0, 0, None
        for name, start in self._starts(problem, None if dual is None else dual.levels):
            found = _Found(problem.objective(start)[0], name, start)
            best = found if best is None or found.value > best.value else best
            if free.sum() > 1:
                end, used = self._climb(problem, start, found.value, free)
                iterations += used
                found = _Found(problem.objective(end)[0], name, end)
                best = found if found.value > best.value else best
            tried += 1
            if dual is not None and best.value >= float(dual.bound) - self.certain * abs(best.value):
                break
        bound = None if dual is None else max(float(dual.bound), best.value)
        message = f"best of {tried} start{'s' * (tried > 1)}, from {best.start}"
        return Solution(best.levels, best.value, iterations, bound, message)

    def _starts(self, problem: Problem, relaxed: np.ndarray | None) -> list[tuple[str, np.ndarray]]:
        marginal = np.maximum(problem.objective(problem.status_quo)[1], 0.0)
        share = marginal / marginal.sum() if marginal.sum() > 0 else np.full(marginal.shape, 1 / marginal.size)
        rng = np.random.default_rng(problem.seed)
        raw = [("the status quo", problem.status_quo), ("marginal returns", share * problem.budget)]
        if relaxed is not None:
            raw.insert(1, ("the relaxation", relaxed))
        room = problem.upper - problem.lower
        raw += [
            (f"random point {i + 1}", problem.lower + rng.uniform(size=room.size) * room)
            for i in range(self.random_starts)
        ]
        return [(name, spend_in_full(levels, problem)) for name, levels in raw]

    def _climb(
        self, problem: Problem, start: np.ndarray, start_value: float, free: np.ndarray
    ) -> tuple[np.ndarray, int]:
        """One SLSQP run in units where a typical level and a typical value are one."""
        from scipy.optimize import minimize

        money = max(float(start[free].mean()), float(np.finfo(float).tiny))
        worth = max(abs(start_value), float(np.finfo(float).tiny))

        def at(scaled: np.ndarray) -> np.ndarray:
            levels = start.copy()
            levels[free] = np.clip(scaled * money, problem.lower[free], problem.upper[free])
            return levels

        def loss(scaled: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = problem.objective(at(scaled))
            return -value / worth, -gradient[free] * (money / worth)

        to_spend = float(start[free].sum()) / money
        result = minimize(
            loss,
            start[free] / money,
            jac=True,
            method="SLSQP",
            bounds=list(zip(problem.lower[free] / money, problem.upper[free] / money, strict=True)),
            constraints={
                "type": "eq",
                "fun": lambda scaled: scaled.sum() - to_spend,
                "jac": lambda scaled: np.ones_like(scaled),
            },
            options={"maxiter": self.max_iterations, "ftol": self.tolerance},
        )
        if not np.all(np.isfinite(result.x)):
            return start, int(result.nit)
        return spend_in_full(at(result.x), problem), int(result.nit)
