"""The exact solver of a mean: on steps of money where only the budget ties lines together, mixed-integer elsewhere."""

from mmm_models.planning.solvers.base import Problem, Solver
from mmm_models.planning.solvers.dynamic import DynamicSolver
from mmm_models.planning.solvers.milp import MilpSolver

# Steps of all the money are too coarse for what single ones of more lines spend: with 300 lines the plan on steps was
# 0.5 % short of the programme's.
_MOST_LINES = 100


def mean_solver(problem: Problem) -> Solver:
    """Who solves a problem without a measure of risk."""
    in_steps = problem.is_separable and problem.lines <= _MOST_LINES
    return DynamicSolver() if in_steps else MilpSolver()
