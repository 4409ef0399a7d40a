"""A climb from a good plan to the top of its hill, within every constraint: what a grid leaves is won here.

Method: sequential least squares programming (D. Kraft, "A software package for sequential quadratic programming",
DFVLR-FB 88-28, 1988), scipy's SLSQP on the scaled problem.
"""

import numpy as np

from mmm_models.planning.solvers.base import Guard, Problem

# A quadratic programme of more lines takes minutes.
_MOST_LINES = 200


def polish(problem: Problem, levels: np.ndarray, *, iterations: int = 100, tolerance: float = 1e-10) -> np.ndarray:
    """Levels (line) near `levels` that are worth at least as much and are feasible if these are.

    Which lines rest stays as it is, and lines that spend in lots do not move.
    """
    end = climb(problem, levels, iterations=iterations, tolerance=tolerance)
    better = problem.value(end)[0] > problem.value(levels)[0] and not problem.violation(end, problem.outcome(end)[0])
    return end if better else levels


def climb(problem: Problem, levels: np.ndarray, *, iterations: int = 100, tolerance: float = 1e-10) -> np.ndarray:
    """Where SLSQP ends from `levels` (line): mostly better and feasible, but neither is sure."""
    from scipy.optimize import minimize

    free = movable(problem, levels)
    if not 0 < free.sum() <= _MOST_LINES:
        return levels
    lower, upper = problem.lower[free], problem.upper[free]
    money = float(levels[free].mean()) or float(upper.mean())
    worth = typical_value(problem, levels)
    if worth == 0:
        return levels

    def at(scaled: np.ndarray) -> np.ndarray:
        moved = levels.copy()
        moved[free] = np.clip(scaled * money, lower, upper)
        return moved

    def loss(scaled: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.value(at(scaled))
        return -value / worth, -gradient[free] * (money / worth)

    found = minimize(
        loss,
        levels[free] / money,
        jac=True,
        method="SLSQP",
        bounds=list(zip(lower / money, upper / money, strict=True)),
        constraints=constraints(problem, at, free, money),
        options={"maxiter": iterations, "ftol": tolerance},
    )
    return at(found.x) if np.all(np.isfinite(found.x)) else levels


def movable(problem: Problem, levels: np.ndarray) -> np.ndarray:
    """Which lines (line) a climb from `levels` moves: those with room that neither rest nor spend in lots."""
    on = ~problem.may_rest | (levels > 0)
    return on & (problem.lot == 0) & (problem.upper > problem.lower)


def typical_value(problem: Problem, levels: np.ndarray) -> float:
    """The size of the objective: its value, or what all money makes of it at its slope where that is more."""
    value, gradient = problem.value(levels)
    moved = np.where(levels > 0, gradient * levels, 0.0)
    return max(abs(value), float(np.abs(moved[np.isfinite(moved)]).sum()))


def constraints(problem: Problem, at: object, free: np.ndarray, money: float) -> list[dict[str, object]]:
    """Rows and guards as scipy's constraints, each in the size of its own terms."""
    found = []
    for row in problem.rows:
        touched = (row.spend[free] != 0).any() or (row.outcome[free] != 0).any()
        if not touched:
            continue
        sides = [("eq", 1.0, row.low)] if row.low == row.high else [("ineq", 1.0, row.low), ("ineq", -1.0, -row.high)]
        found += [_constraint(problem, row, at, free, money, *side) for side in sides if np.isfinite(side[2])]
    return found + [_guarded(guard, at, free, money) for guard in problem.guards]


def _guarded(guard: Guard, at: object, free: np.ndarray, money: float) -> dict[str, object]:
    return {
        "type": "ineq",
        "fun": lambda scaled: (guard.of(at(scaled))[0] - guard.low) / guard.size,
        "jac": lambda scaled: guard.of(at(scaled))[1][free] * (money / guard.size),
    }


def _constraint(
    problem: Problem, row: object, at: object, free: np.ndarray, money: float, kind: str, sign: float, limit: float
) -> dict[str, object]:
    """sign · row(levels) ≥ limit, or = limit."""
    linear = not row.outcome.any()
    size = max(float(np.abs(row.spend).max()) * money, 1e-300)
    if not linear:
        size = max(size, abs(limit), 1e-300)

    def held(scaled: np.ndarray) -> float:
        levels = at(scaled)
        outcomes = np.zeros_like(levels) if linear else problem.outcome(levels)[0]
        return (sign * float(row.value(levels, outcomes)) - limit) / size

    def slope(scaled: np.ndarray) -> np.ndarray:
        steepness = 0.0 if linear else row.outcome * problem.outcome(at(scaled))[1]
        return sign * (row.spend + steepness)[free] * money / size

    return {"type": kind, "fun": held, "jac": slope}
