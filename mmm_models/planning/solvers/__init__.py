"""Solvers by name; a spec names the one it wants."""

from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.auto import AutoSolver
from mmm_models.planning.solvers.base import Guard, Problem, Solution, Solver, spend_in_full
from mmm_models.planning.solvers.dynamic import DynamicSolver
from mmm_models.planning.solvers.lbfgsb import LbfgsbSolver
from mmm_models.planning.solvers.milp import MilpSolver
from mmm_models.planning.solvers.risk import RiskSolver
from mmm_models.planning.solvers.slsqp import SlsqpSolver
from mmm_models.planning.solvers.trust_constr import TrustConstrSolver

__all__ = [
    "AutoSolver",
    "DynamicSolver",
    "Guard",
    "LbfgsbSolver",
    "MilpSolver",
    "Problem",
    "RiskSolver",
    "SlsqpSolver",
    "Solution",
    "Solver",
    "TrustConstrSolver",
    "get_solver",
    "spend_in_full",
]

_SOLVERS = {
    "auto": AutoSolver,
    "dynamic": DynamicSolver,
    "lbfgsb": LbfgsbSolver,
    "milp": MilpSolver,
    "risk": RiskSolver,
    "slsqp": SlsqpSolver,
    "trust_constr": TrustConstrSolver,
}


def get_solver(name: str) -> Solver:
    """Return the solver called `name`; raises `PlanError` naming the known ones."""
    if name not in _SOLVERS:
        known = ", ".join(sorted(_SOLVERS))
        raise PlanError(f"planning.solver is '{name}', which is not a solver. Use one of: {known}.")
    return _SOLVERS[name]()
