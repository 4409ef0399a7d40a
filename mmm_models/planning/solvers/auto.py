"""The solver that fits the problem: exact on a grid where only the budget ties lines, mixed-integer elsewhere."""

from dataclasses import dataclass

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.dynamic import DynamicSolver
from mmm_models.planning.solvers.milp import MilpSolver
from mmm_models.planning.solvers.risk import RiskSolver


@dataclass(frozen=True)
class AutoSolver:
    """Chooses by what the problem holds."""

    name: str = "auto"

    def solve(self, problem: Problem) -> Solution:
        """See `Solver.solve`."""
        if problem.utility is not None:
            return RiskSolver().solve(problem)
        return (DynamicSolver() if problem.is_separable else MilpSolver()).solve(problem)
