"""From `planning.objective` to the measure that a plan is chosen by, and the CVaR that it must keep."""

import numpy as np

from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.risk.gains import GainDraws, GainMeasure
from mmm_models.planning.risk.joint import JointCurves
from mmm_models.planning.risk.margin import margin_draws
from mmm_models.planning.risk.measures import Cvar, measure_of
from mmm_models.spec import PlanningSpec


def risk_parts(
    objective: HorizonObjective,
    lower: np.ndarray,
    upper: np.ndarray,
    status_quo: np.ndarray,
    planning: PlanningSpec,
    *,
    worth: float,
    cost: float,
    seed: int = 0,
) -> tuple[GainMeasure, GainMeasure | None, float]:
    """The measure to make large, the CVaR that `cvar_min` limits (None without it), and the status quo's mean value.

    Args:
        objective: the draws that choose.
        lower, upper: levels (line) that a plan may hold.
        status_quo: levels (line) that gains are against.
        planning: goal, margin and risk.
        worth, cost: of the goal's own objective, for goals whose gain it is not: the largest budget, the target.
        seed: of the margin's draws.
    """
    aim = planning.objective
    samples = objective.samples.size
    profit = aim.goal == "profit"
    before = objective.evenly.draws_by_line(status_quo)[0].sum(axis=1)
    gains = GainDraws(
        exact=objective.draws_by_line,
        curves=JointCurves.tabulate(objective.draws_by_line, lower, upper, samples),
        status_quo=status_quo,
        before=before,
        margin=margin_draws(aim.margin, aim.margin_sd, samples, seed=seed) if profit else np.ones(samples),
        cost=float(planning.horizon_weeks) if profit else 0.0,
    )
    size = float((gains.margin * before).mean())
    guard = None if aim.cvar_min is None else GainMeasure(Cvar(aim.risk_level), gains)
    return GainMeasure(measure_of(aim, size), _own_gain(gains, planning, worth, cost)), guard, size


def _own_gain(gains: GainDraws, planning: PlanningSpec, worth: float, cost: float) -> GainDraws:
    """The draws of the goal's objective less the status quo's; for outcome and profit these are the gains."""
    if planning.objective.goal in ("outcome", "profit"):
        return gains
    return GainDraws(
        gains.exact, gains.curves, gains.status_quo, gains.before, np.full(gains.before.shape, worth), cost
    )
