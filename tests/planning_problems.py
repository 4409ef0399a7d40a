"""Budget problems whose answer is known by hand or by brute force."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mmm_models.planning.allocation import worth_and_cost
from mmm_models.planning.constraints import Row, compile_needs, compile_rows
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.risk import Cvar, GainDraws, GainMeasure, JointCurves
from mmm_models.planning.solvers import Guard, Problem
from mmm_models.spec import PlanningSpec

Curve = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def root(scale: float) -> Curve:
    """Concave: scale · sqrt(s + 1), and its slope."""
    return lambda s: scale * np.sqrt(s + 1.0), lambda s: 0.5 * scale / np.sqrt(s + 1.0)


def line(slope: float) -> Curve:
    return lambda s: slope * s, lambda s: slope * np.ones_like(np.asarray(s, float))


def hill(top: float, half: float, power: float) -> Curve:
    """S-shaped for powers above 1."""

    def value(s: Any) -> Any:
        return top * s**power / (s**power + half**power)

    def slope(s: Any) -> Any:
        with np.errstate(divide="ignore"):
            return top * power * s ** (power - 1) * half**power / (s**power + half**power) ** 2

    return value, slope


def budget_row(lines: int, money: float, *, in_full: bool = True) -> Row:
    """All lines together spend exactly, or at most, so much a week."""
    least = money if in_full else -np.inf
    return Row("budget", "planning.budget", np.ones(lines), np.zeros(lines), low=least, high=money)


def problem_of(
    curves: Sequence[Curve],
    *,
    lower: Sequence[float],
    upper: Sequence[float],
    budget: float | None,
    in_full: bool = True,
    status_quo: Sequence[float] | None = None,
    rows: Sequence[Row] = (),
    points: int = 201,
    **others: Any,
) -> Problem:
    """A problem of these curves; `rows` come beside the budget's, `others` go to `Problem`."""
    lower, upper = np.asarray(lower, float), np.asarray(upper, float)
    rests = np.broadcast_to(others.get("may_rest", False), lower.shape)
    floor = np.where(rests, 0.0, lower)
    grid = floor[:, None] + (upper - floor)[:, None] * np.linspace(0, 1, points)

    def outcome(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values = [value(level) for (value, _), level in zip(curves, levels, strict=True)]
        slopes = [slope(level) for (_, slope), level in zip(curves, levels, strict=True)]
        return np.array(values, float), np.array(slopes, float)

    table = ValueTable(
        levels=grid,
        values=np.stack([value(levels) for (value, _), levels in zip(curves, grid, strict=True)]),
        slopes=np.stack([slope(levels) for (_, slope), levels in zip(curves, grid, strict=True)]),
    )
    money = () if budget is None else (budget_row(lower.size, budget, in_full=in_full),)
    return Problem(
        outcome=outcome,
        table=table,
        status_quo=lower if status_quo is None else np.asarray(status_quo, float),
        lower=lower,
        upper=upper,
        rows=(*money, *rows),
        names=tuple(f"US/{chr(97 + i)}" for i in range(lower.size)),
        **others,
    )


def planned(
    curves: Sequence[Curve],
    planning: dict[str, Any],
    *,
    lower: float | Sequence[float] = 0.0,
    upper: float | Sequence[float] = 100.0,
    markets: Sequence[str] = ("US",),
    rows: Sequence[Row] = (),
    **others: Any,
) -> Problem:
    """The problem that a `planning:` section states for lines of these curves, market by market; channels a, b, …

    One week of horizon unless it says otherwise. Bounds of lines come as `lower`, `upper`, `may_rest`, `lot`.
    """
    spec = PlanningSpec(**{"horizon_weeks": 1, **planning})
    channels = tuple(chr(97 + i) for i in range(len(curves) // len(markets)))
    worth, cost = worth_and_cost(spec)
    shape = len(curves)
    problem = problem_of(
        curves,
        lower=np.broadcast_to(lower, shape),
        upper=np.broadcast_to(upper, shape),
        budget=None,
        rows=[*rows, *compile_rows(spec, tuple(markets), channels, spec.budget)],
        needs=compile_needs(spec, tuple(markets), channels),
        worth=worth,
        cost=cost,
        **others,
    )
    return replace(problem, names=tuple(f"{market}/{channel}" for market in markets for channel in channels))


Draws = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def hill_draws(tops: np.ndarray, halves: np.ndarray, powers: np.ndarray) -> Draws:
    """Hill curves by draw and line (sample, line), asked at levels (line)."""

    def by_line(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s = np.maximum(levels, 1e-9)[None, :]
        shape = s**powers / (s**powers + halves**powers)
        return tops * shape, tops * powers * shape * (1 - shape) / s

    return by_line


def risky_problem(
    by_line: Draws,
    measure: Any,
    *,
    samples: int,
    lower: Sequence[float],
    upper: Sequence[float],
    budget: float | None,
    status_quo: Sequence[float],
    margin: np.ndarray | float = 1.0,
    cost: float = 0.0,
    cvar_min: tuple[float, float] | None = None,
    **others: Any,
) -> Problem:
    """A problem whose objective is a measure of gains over the status quo; `cvar_min`: level and least CVaR."""
    status_quo = np.asarray(status_quo, float)
    margin = np.broadcast_to(margin, samples)
    curves = [
        (
            lambda s, i=i: np.array([by_line(np.full(len(lower), x))[0][:, i].mean() for x in np.ravel(s)]).reshape(
                np.shape(s)
            ),
            lambda s, i=i: np.array([by_line(np.full(len(lower), x))[1][:, i].mean() for x in np.ravel(s)]).reshape(
                np.shape(s)
            ),
        )
        for i in range(len(lower))
    ]
    plain = problem_of(
        curves,
        lower=lower,
        upper=upper,
        budget=budget,
        status_quo=status_quo,
        worth=float(margin.mean()),
        cost=cost,
        **others,
    )
    gains = GainDraws(
        exact=by_line,
        curves=JointCurves.tabulate(by_line, plain.floor, plain.upper, samples),
        status_quo=status_quo,
        before=by_line(status_quo)[0].sum(axis=1),
        margin=margin,
        cost=cost,
    )
    guards = ()
    if cvar_min is not None:
        held = GainMeasure(Cvar(cvar_min[0]), gains)
        guards = (Guard("CVaR", "planning.objective.cvar_min", held, cvar_min[1], float(gains.before.mean())),)
    return replace(plain, utility=GainMeasure(measure, gains), guards=guards)
