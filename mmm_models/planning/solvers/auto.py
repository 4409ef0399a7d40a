"""The solver that fits the problem: exact for a mean, climbing with a bound for a measure of risk."""

from dataclasses import dataclass

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.mean import mean_solver
from mmm_models.planning.solvers.risk import RiskSolver


@dataclass(frozen=True)
class AutoSolver:
    """Chooses by what the problem holds."""

    name: str = "auto"

    def solve(self, problem: Problem) -> Solution:
        """See `Solver.solve`."""
        return (mean_solver(problem) if problem.utility is None else RiskSolver()).solve(problem)
