"""The solver that fits the problem: exact on a grid where only the budget ties lines, mixed-integer elsewhere."""

from dataclasses import dataclass

from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.dynamic import DynamicSolver
from mmm_models.planning.solvers.milp import MilpSolver
from mmm_models.planning.solvers.risk import RiskSolver

# Steps of all the money are too coarse for what single ones of more lines spend: with 300 lines the plan on steps was
# 0.5 % short of the programme's.
_MOST_LINES = 100


@dataclass(frozen=True)
class AutoSolver:
    """Chooses by what the problem holds."""

    name: str = "auto"

    def solve(self, problem: Problem) -> Solution:
        """See `Solver.solve`."""
        if problem.utility is not None:
            return RiskSolver().solve(problem)
        in_steps = problem.is_separable and problem.lines <= _MOST_LINES
        return (DynamicSolver() if in_steps else MilpSolver()).solve(problem)
