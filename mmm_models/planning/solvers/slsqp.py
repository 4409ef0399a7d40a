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
class SlsqpSolver:
    """SLSQP from `random_starts` + up to three informed starts; the best point seen wins, starts included."""

    name: str = "slsqp"
    random_starts: int = 6
    max_iterations: int = 200
    tolerance: float = 1e-10

    def solve(self, problem: Problem) -> Solution:
        """Return the best feasible levels; never below the feasible point nearest to the status quo."""
        dual = None if problem.table is None else lagrangian_bound(problem.table, problem.budget)
        starts = self._starts(problem, None if dual is None else dual.levels)
        free = problem.upper > problem.lower
        iterations, ends = 0, []
        for name, start in starts:
            start_value = problem.objective(start)[0]
            ends.append((start_value, name, start))
            if free.sum() > 1:
                end, used = self._climb(problem, start, start_value, free)
                iterations += used
                ends.append((problem.objective(end)[0], name, end))
        value, name, levels = max(ends, key=lambda end: end[0])
        agreeing = len({n for v, n, _ in ends if v >= value - 1e-4 * abs(value)})
        bound = None if dual is None else max(float(dual.bound), value)
        message = f"best of {len(starts)} starts ({name}); {agreeing} of them within 0.01 % of it"
        return Solution(levels=levels, value=value, iterations=iterations, bound=bound, message=message)

    def _starts(self, problem: Problem, relaxed: np.ndarray | None) -> list[tuple[str, np.ndarray]]:
        marginal = np.maximum(problem.objective(problem.status_quo)[1], 0.0)
        share = marginal / marginal.sum() if marginal.sum() > 0 else np.full(marginal.shape, 1 / marginal.size)
        rng = np.random.default_rng(problem.seed)
        raw = [("status quo", problem.status_quo), ("marginal return", share * problem.budget)]
        if relaxed is not None:
            raw.append(("relaxation", relaxed))
        room = problem.upper - problem.lower
        raw += [
            (f"random {i + 1}", problem.lower + rng.uniform(size=room.size) * room)
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
