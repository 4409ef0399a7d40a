"""One allocation: limits and an objective become a solver's problem, its solution becomes labelled levels."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from mmm_models.planning.constraints import LineBounds, Row, bound_key, compile_needs, compile_rows
from mmm_models.planning.errors import PlanError
from mmm_models.planning.horizon.peaks import staggered, week_rows
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.risk import GainMeasure, risk_parts
from mmm_models.planning.solvers import Guard, Problem, Solution, get_solver
from mmm_models.planning.solvers.base import ROUNDING
from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class Allocation:
    """What the solver found on the choosing draws. `levels` (market, channel): money a week.

    `value`: the objective there; `claimed_gain`: mean outcome of the levels minus the status quo's; `bound`: no plan
    within the limits has a higher objective on these draws (None when the solver knows no bound). `problem`: what was
    solved; `prices`: see `Solution.prices`. `laydowns`: how each line's money lies over the weeks, see
    `HorizonObjective.laydowns`.
    """

    levels: xr.DataArray
    laydowns: xr.Dataset
    value: float
    claimed_gain: float
    bound: float | None
    solver: str
    message: str
    problem: Problem
    prices: dict[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What tied lines together."""
        return self.problem.rows

    @property
    def gap(self) -> float | None:
        """How far the bound on any plan lies above this one, as a share of its value; None without a bound.

        Where risk is measured the value is that of a gain, which may be 0: then it is a share of what the status quo
        brings (of 1 for a probability).
        """
        size = abs(self.value) if self.problem.utility is None else self.problem.utility.size
        if self.bound is None or size == 0:
            return None
        return max(self.bound - self.value, 0.0) / size


def plan_problem(
    objective: HorizonObjective,
    bounds: LineBounds,
    budget: float | None,
    planning: PlanningSpec,
    *,
    rows: tuple[Row, ...] = (),
    seed: int = 0,
) -> Problem:
    """The problem of a planning section.

    Args:
        objective: what lines bring over the horizon, on the draws that choose.
        bounds: limits of each line.
        budget: money over the horizon; None: no limit.
        planning: goal, groups and all else but the weekly maximum of all lines, which depends on laydowns.
        rows: what ties lines together beside that.
        seed: of random starts.
    """
    weeks, in_full = planning.horizon_weeks, not planning.may_keep_money
    weekly = None if budget is None else budget / weeks
    bounds = replace(bounds, upper=np.minimum(bounds.upper, objective.greatest_levels))
    floor, upper = bounds.box(weekly, in_full=in_full)
    lower, asked_upper, may_rest, lot, now = (
        part.transpose("market", "channel").values.ravel()
        for part in (bounds.lower, bounds.upper, bounds.may_rest, bounds.lot, bounds.status_quo)
    )
    # The money does not reach the least spend: such a line can only rest.
    out_of_reach = may_rest & (upper < lower * (1 - ROUNDING))
    upper, may_rest = np.where(out_of_reach, 0.0, upper), may_rest & ~out_of_reach
    worth, cost = worth_and_cost(planning)
    utility, guards = None, ()
    if planning.objective.risk != "mean" or planning.objective.cvar_min is not None:
        utility, guards = _risk(objective, floor, upper, now, planning, worth, cost, seed)
    return Problem(
        outcome=objective.mean_by_line,
        table=objective.table(floor, upper),
        status_quo=now,
        lower=np.where(may_rest, np.minimum(lower, upper), np.minimum(floor, upper)),
        upper=upper,
        rows=(*compile_rows(planning, objective.markets, objective.channels, budget), *rows),
        names=bounds.names,
        worth=worth,
        cost=cost,
        may_rest=may_rest,
        lot=lot,
        needs=compile_needs(planning, objective.markets, objective.channels),
        stated=(lower, asked_upper),
        keys=tuple(bound_key(planning, name) for name in bounds.names),
        utility=utility,
        guards=guards,
        seed=seed,
    )


def allocate(
    objective: HorizonObjective, bounds: LineBounds, budget: float | None, planning: PlanningSpec, *, seed: int = 0
) -> Allocation:
    """Solve for one budget over the horizon. Arguments as `plan_problem`.

    A weekly maximum of all lines is no limit of levels until it is known how money lies. Where the best plan breaks it,
    its laydowns are held, or its pulses moved apart, or all money spread evenly, and the best of these plans is taken.

    Raises:
        PlanError: no plan keeps all limits.
    """
    now, solver = bounds.status_quo.transpose("market", "channel"), get_solver(planning.solver)

    def labelled(levels: np.ndarray) -> xr.DataArray:
        return now.copy(data=levels.reshape(now.shape)).rename("level")

    def held(laydowns: xr.Dataset) -> tuple[HorizonObjective, Problem, Solution]:
        fixed = objective.with_laydowns(laydowns)
        rows = week_rows(objective.terms, laydowns, planning.week_max)
        own = plan_problem(fixed, bounds, budget, planning, rows=rows, seed=seed)
        return fixed, own, solver.solve(own)

    problem = plan_problem(objective, bounds, budget, planning, rows=_mean_row(planning, budget, now.size), seed=seed)
    solution = solver.solve(problem)
    levels = labelled(solution.levels)
    bound = solution.bound
    if planning.week_max is not None and float(_weeks(objective, levels).max()) > planning.week_max * (1 + ROUNDING):
        laydowns = objective.laydowns(levels)
        options = [laydowns, staggered(laydowns, levels, objective.terms), objective.flattest]
        objective, problem, solution = _best_of(held, options)
        levels = labelled(solution.levels)
        # Pulses that were moved apart are not among those that the first bound is about.
        bound = None if bound is None or solution.bound is None else max(bound, solution.bound)
    caused = float(objective.mean_by_line(solution.levels)[0].sum())
    as_now = float(objective.evenly.mean_by_line(problem.status_quo)[0].sum())
    return Allocation(
        levels=levels,
        laydowns=objective.laydowns(levels),
        value=solution.value,
        claimed_gain=caused - as_now,
        bound=bound,
        solver=planning.solver,
        message=solution.message,
        problem=problem,
        prices=solution.prices,
    )


def _mean_row(planning: PlanningSpec, budget: float | None, lines: int) -> tuple[Row, ...]:
    """What a weekly maximum of all lines says whatever the laydowns: the mean week is not above the greatest one."""
    most = planning.week_max
    if most is None or (budget is not None and budget <= most * planning.horizon_weeks):
        return ()
    return (Row(f"at most {most:,.0f} in any week", "planning.week_max", np.ones(lines), np.zeros(lines), high=most),)


def _weeks(objective: HorizonObjective, levels: xr.DataArray) -> xr.DataArray:
    """Money of all lines (week)."""
    return objective.spend(levels).sum(("market", "channel"))


def _best_of(
    solve: Callable[[xr.Dataset], tuple[HorizonObjective, Problem, Solution]], options: list[xr.Dataset]
) -> tuple[HorizonObjective, Problem, Solution]:
    """The option whose solution is worth most; the last one's complaint where none has a plan."""
    found, complaint = [], None
    for laydowns in options:
        try:
            found.append(solve(laydowns))
        except PlanError as clash:
            complaint = clash
    if not found:
        raise complaint
    return max(found, key=lambda each: each[2].value)


def _risk(
    objective: HorizonObjective,
    floor: np.ndarray,
    upper: np.ndarray,
    now: np.ndarray,
    planning: PlanningSpec,
    worth: float,
    cost: float,
    seed: int,
) -> tuple[GainMeasure, tuple[Guard, ...]]:
    """The measure of gains that replaces the objective, and the CVaR that it must keep."""
    utility, guarded, size = risk_parts(objective, floor, upper, now, planning, worth=worth, cost=cost, seed=seed)
    least = planning.objective.cvar_min
    if guarded is None:
        return utility, ()
    name = f"CVaR of the gain at least {least:,.0f}"
    return utility, (Guard(name, "planning.objective.cvar_min", guarded, least, max(abs(least), abs(size), 1e-300)),)


def worth_and_cost(planning: PlanningSpec) -> tuple[float, float]:
    """What a unit of outcome is worth in the objective, and what a week's unit of money costs there.

    The largest budget whose last money returns τ maximises outcome − τ · money: there the slope is τ, on the hull of
    the curve and not on a local part of it.
    """
    aim, weeks = planning.objective, float(planning.horizon_weeks)
    if aim.goal == "profit":
        return aim.margin, weeks
    if aim.goal == "marginal_return":
        return 1.0, aim.target * weeks
    if aim.goal == "target":
        return 0.0, weeks
    return 1.0, 0.0
