"""One allocation: bounds and an objective become a solver's problem, its solution becomes labelled levels."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.planning.bounds import LineBounds
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.request import PlanRequest
from mmm_models.planning.solvers import Problem, get_solver

# A line within this share of its range from a bound counts as held by it.
_BINDING = 1e-3


@dataclass(frozen=True)
class Allocation:
    """What the solver found on the choosing draws. `levels` (market, channel): money a week.

    `value`: mean outcome of the levels; `claimed_gain`: the same minus the status quo's; `bound`: no plan within
    the bounds and the budget has a higher mean on these draws (None when the solver knows no bound).
    """

    levels: xr.DataArray
    value: float
    claimed_gain: float
    bound: float | None
    solver: str
    iterations: int
    message: str


def allocate(objective: HorizonObjective, bounds: LineBounds, weekly_budget: float, request: PlanRequest) -> Allocation:
    """Solve for one weekly budget; the caller has checked that the bounds allow it."""
    now = bounds.status_quo.transpose("market", "channel")
    lower, upper = feasible_box(bounds, weekly_budget)
    problem = Problem(
        objective=objective.mean_and_gradient,
        status_quo=now.values.ravel(),
        lower=lower,
        upper=upper,
        budget=weekly_budget,
        table=objective.table(lower, upper),
        seed=request.seed,
    )
    solution = get_solver(request.solver).solve(problem)
    return Allocation(
        levels=now.copy(data=solution.levels.reshape(now.shape)).rename("level"),
        value=solution.value,
        claimed_gain=solution.value - objective.mean_and_gradient(now.values.ravel())[0],
        bound=solution.bound,
        solver=request.solver,
        iterations=solution.iterations,
        message=solution.message,
    )


def feasible_box(bounds: LineBounds, weekly_budget: float) -> tuple[np.ndarray, np.ndarray]:
    """The bounds, line by line, narrowed to what the budget leaves when all other lines sit at their bounds."""
    lower = bounds.lower.transpose("market", "channel").values.ravel()
    upper = bounds.upper.transpose("market", "channel").values.ravel()
    spare = max(weekly_budget - lower.sum(), 0.0)
    narrowed = np.minimum(upper, lower + spare)
    if np.all(np.isfinite(upper)):
        lower = np.maximum(lower, upper - max(upper.sum() - weekly_budget, 0.0))
    return lower, np.maximum(narrowed, lower)


def binding(levels: xr.DataArray, lower: xr.DataArray, upper: xr.DataArray) -> xr.DataArray:
    """Which bound holds each line: 'lower', 'upper', 'fixed' (may not move) or 'none'."""
    near = _BINDING * (upper - lower)
    return xr.where(
        upper == lower,
        "fixed",
        xr.where(levels <= lower + near, "lower", xr.where(levels >= upper - near, "upper", "none")),
    )
