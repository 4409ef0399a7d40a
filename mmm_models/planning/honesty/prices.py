"""What binds a plan and what easing it is worth: multipliers of rows and bounds at the plan, and money's price by draw.

At the best plan there are prices y of the rows with f'_l(b_l) = Σ_r y_r (spend_rl + outcome_rl R'_l(b_l)) for each
line between its bounds (Karush, Kuhn & Tucker); at a bound the difference is what moving the bound is worth. Prices are
the least squares solution with the right signs, drawn ever so slightly to the solver's where lines do not tell them.

What a little more money is worth in a single draw depends on where it would go. It goes where the best plan's change
puts it: with C the curvatures of the lines, the direction d that makes ½ d·C d smallest with Σ d = 1 and with the other
binding rows kept (sensitivity of a constrained optimum: A. V. Fiacco, Mathematical Programming 10, 1976, 287-311). In
the mean over the draws that chose, every direction between the bounds earns the same.
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.constraints import Row
from mmm_models.planning.solvers import Problem

# A row or bound nearer than this, as a share of its terms or of the line's range, holds the plan.
_NEAR = 1e-3
# Weight of the solver's prices against the lines' own.
_PULL = 1e-6
# Step, as a share of a line's range, over which curvature is read off the slopes.
_STEP = 0.02


@dataclass(frozen=True)
class Prices:
    """`rows` (row): what the objective gains when a row's limit is eased by one unit of its own, with the row's sign:
    above 0 where `high` holds the plan, below 0 where `low` does, 0 where neither does. `bounds` (line): what it gains
    for each unit of a week's money by which a line may go up (above 0) or down (below 0).

    `holds` (row): does the row hold the plan? `free` (line): which lines lie between their bounds.
    """

    rows: np.ndarray
    bounds: np.ndarray
    holds: np.ndarray
    free: np.ndarray


def prices_at(problem: Problem, levels: np.ndarray, solver_prices: dict[str, float] | None = None) -> Prices:
    """Multipliers at the plan `levels` (line), of the objective in the mean."""
    from scipy.optimize import lsq_linear

    outcomes, steep = problem.outcome(levels)
    slopes = problem.worth * steep - problem.cost
    holds = np.array([held_side(row, levels, outcomes) for row in problem.rows], dtype=float)
    free = free_lines(problem, levels) & np.isfinite(slopes)
    prices = np.zeros(len(problem.rows))
    active = np.flatnonzero(holds)
    if active.size:
        gradients = np.array([problem.rows[r].spend + problem.rows[r].outcome * steep for r in active])
        size = np.abs(gradients).max(axis=1)
        known = solver_prices or {}
        pull = np.array([abs(known.get(problem.rows[r].name, 0.0)) * np.sign(holds[r]) for r in active]) * size
        unit = max(float(np.abs(slopes[free]).max(initial=0.0)), float(np.abs(pull).max()), np.finfo(float).tiny)
        matrix = np.concatenate([(gradients / size[:, None])[:, free].T, _PULL * np.eye(active.size)])
        wanted = np.concatenate([slopes[free], _PULL * pull]) / unit
        equal = np.array([problem.rows[r].low == problem.rows[r].high for r in active])
        least = np.where(equal | (holds[active] < 0), -np.inf, 0.0)
        most = np.where(equal | (holds[active] > 0), np.inf, 0.0)
        prices[active] = lsq_linear(matrix, wanted, (least, most)).x * unit / size
    pressing = np.array([row.spend + row.outcome * steep for row in problem.rows]).reshape(-1, problem.lines)
    return Prices(prices, np.where(free, 0.0, slopes - prices @ pressing), holds != 0, free)


def held_side(row: Row, levels: np.ndarray, outcomes: np.ndarray) -> int:
    """1 where the row's `high` holds the plan, -1 where its `low` does, 0 where neither does."""
    value = float(row.value(levels, outcomes))
    terms = float(np.abs(levels * row.spend).sum() + np.abs(outcomes * row.outcome).sum())
    near = _NEAR * max(terms, abs(value), float(np.finfo(float).tiny))
    if value >= row.high - near:
        return 1
    return -1 if value <= row.low + near else 0


def free_lines(problem: Problem, levels: np.ndarray) -> np.ndarray:
    """Lines (line) that lie between their bounds and may spend any amount."""
    room = _NEAR * (problem.table.levels[:, -1] - problem.table.levels[:, 0])
    return (levels > problem.lower + room) & (levels < problem.upper - room) & (problem.lot == 0)


def money_direction(problem: Problem, levels: np.ndarray, prices: Prices) -> np.ndarray | None:
    """Where one more unit of money goes (line), adding up to 1; None where no line can take it.

    Where the other rows leave it nowhere to go, as budgets of all markets do, they are eased along.
    """
    free = np.flatnonzero(prices.free)
    if not free.size:
        return None
    steep = problem.outcome(levels)[1]
    curvature = _curvatures(problem, levels)[free]
    others = [row for row, holds in zip(problem.rows, prices.holds, strict=True) if holds and not row.is_budget]
    kept = np.array([(row.spend + row.outcome * steep)[free] for row in others]).reshape(len(others), free.size)
    kept /= np.maximum(np.abs(kept).max(axis=1, keepdims=True, initial=0.0), np.finfo(float).tiny)
    for rows in (kept, kept[:0]):
        found = _cheapest_step(curvature, rows)
        if abs(found.sum() - 1.0) < 1e-6:
            direction = np.zeros(problem.lines)
            direction[free] = found
            return direction
    return None


def _cheapest_step(curvature: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """d (line) with the smallest d·C d among those that add up to 1 and leave `rows` (row, line) as they are."""
    held = np.concatenate([np.ones((1, curvature.size)), rows])
    easy = held * (curvature.min() / curvature)
    wanted = np.zeros(len(held))
    wanted[0] = 1.0
    return easy.T @ np.linalg.lstsq(easy @ held.T, wanted, rcond=1e-12)[0]


def _curvatures(problem: Problem, levels: np.ndarray) -> np.ndarray:
    """How fast each line's slope falls (line), above 0; lines that do not fall count as nearly straight."""
    table = problem.table
    lowest, highest = table.levels[:, 0], table.levels[:, -1]
    step = _STEP * np.maximum(highest - lowest, np.finfo(float).tiny)
    ends = np.minimum(levels + step, highest), np.maximum(levels - step, lowest)
    above, below = (
        np.array([np.interp(end[i], table.levels[i], table.slopes[i]) for i in range(problem.lines)]) for end in ends
    )
    fall = (below - above) / np.maximum(ends[0] - ends[1], np.finfo(float).tiny)
    fall = np.where(np.isfinite(fall), fall, 0.0)
    most = max(float(fall.max(initial=0.0)), float(np.finfo(float).tiny))
    return np.maximum(fall, 1e-6 * most)
