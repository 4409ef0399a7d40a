"""What not knowing the truth costs: the plan against the plan one would make if the true draw were known.

Also known as the expected value of perfect information (H. Raiffa & R. Schlaifer, "Applied Statistical Decision
Theory", 1961). The best value of a draw is bounded from above, so that regret is never understated: at any prices y of
the rows, of the right signs,

    best ≤ Σ_l max_b [f_l(b) − y·a_l b] + y·limits.

The bound is convex in y; one price after the other is moved to its minimum by bisection, in all draws at once. Where
only a budget ties few lines together, the cells of `certificate` bound S-shaped draws more tightly.
"""

import warnings
from dataclasses import replace

import numpy as np

from mmm_models.planning.certificate import allowed_table, bound_by_cells
from mmm_models.planning.constraints import Row
from mmm_models.planning.dual import ValueTable, envelope, lagrangian_bound
from mmm_models.planning.honesty.prices import held_side
from mmm_models.planning.honesty.tables import at_levels, resampled
from mmm_models.planning.solvers import Problem

# Draws of a plan of few lines, fewer in proportion of one with many; the same for points of a line.
_DRAWS = (50, 150)
_LINE_DRAWS = 10_000
_POINTS = (31, 81)
_LINE_POINTS = 60_000
# Passes over the rows' prices, and halvings of each.
_PASSES = 4
_HALVINGS = 20
# Work (draw x line x cell x cell) of the bound by cells, and the fewest cells a line that make it worth while.
_WORK = 20_000_000
_CELLS_A_LINE = 8


def expected_regret(problem: Problem, table: ValueTable, levels: np.ndarray) -> float | None:
    """Mean over draws of (the objective's best for that draw − the plan's), in units of the objective.

    Rows in outcome (least returns), needs, lots and measures of risk do not hold back the plan that knows the draw:
    with them regret would be smaller.

    Args:
        problem: the plan's.
        table: outcome in draws that did not choose the plan (draw, line, point), over the levels of `problem` at least.
        levels: the plan, money a week (line).

    Returns:
        None where the goal is a smallest budget: in most draws another one is smallest, and no plan is wrong by that.
    """
    if problem.worth == 0:
        return None
    most = int(np.clip(_LINE_DRAWS // problem.lines, *_DRAWS))
    draws = np.linspace(0, len(table.values) - 1, min(most, len(table.values))).round().astype(int)
    few = ValueTable(table.levels, table.values[draws], table.slopes[draws])
    # Denser where levels are low: a line that may take the whole budget seldom does.
    mesh = np.linspace(0.0, 1.0, int(np.clip(_LINE_POINTS // problem.lines, *_POINTS))) ** 2
    grid = problem.floor[:, None] + (problem.upper - problem.floor)[:, None] * mesh
    own = problem.worth * at_levels(few, levels[:, None])[..., 0].sum(axis=-1, dtype=float)
    best = best_of_draws(problem, resampled(few, grid), levels)
    return float(np.maximum(best - (own - problem.cost * float(levels.sum())), 0.0).mean())


def best_of_draws(problem: Problem, table: ValueTable, levels: np.ndarray) -> np.ndarray:
    """No plan is worth more in a draw (draw), for outcomes of `table` (draw, line, point); see the module's text.

    Args:
        problem: limits and goal.
        table: from the lowest levels of `problem` to the highest.
        levels: a plan (line): rows that do not hold it are left out.
    """
    worth = allowed_table(replace(problem, table=table))
    budget, money, in_full = problem.budget, problem.money, problem.in_full
    no_outcome = np.zeros(problem.lines)
    rows = [
        row for row in problem.rows
        if not row.outcome.any() and not row.is_budget and held_side(row, levels, no_outcome)
    ]  # fmt: skip
    if rows:
        return _by_prices(worth, [*([] if budget is None else [budget]), *rows])
    dual = lagrangian_bound(worth, money, in_full=in_full)
    bound, bent = dual.bound.copy(), np.flatnonzero(_is_bent(worth))
    cells = int(np.sqrt(_WORK / (max(bent.size, 1) * problem.lines)))
    if problem.is_separable and bent.size and cells >= _CELLS_A_LINE * problem.lines:
        few = ValueTable(worth.levels, worth.values[bent], worth.slopes[bent])
        prices = dual.price[bent]
        # At what a plan's last money earns itself, the bound is tighter than at the price of the hull (`certificate`).
        for _ in range(2):
            tighter, levels = bound_by_cells(few, problem.floor, money, prices, cells, in_full=in_full)
            bound[bent] = np.minimum(bound[bent], tighter)
            prices = _earned(few, levels, prices, in_full=in_full)
    return bound


def _by_prices(worth: ValueTable, rows: list[Row]) -> np.ndarray:
    """The bound (draw) at prices of rows in money."""
    levels, values = envelope(worth)
    draws = len(values)
    most = np.abs(worth.slopes[np.isfinite(worth.slopes)]).max(initial=0.0) + 1.0
    uses = np.array([row.spend for row in rows])
    prices = np.zeros((draws, len(rows)))

    def look(tried: np.ndarray, row: int) -> tuple[np.ndarray, np.ndarray]:
        """The bound (draw), and what the chosen levels use of a row."""
        reduced = values - (tried @ uses)[:, :, None] * levels
        place = reduced.argmax(axis=2)[..., None]
        spent = np.take_along_axis(levels, place, axis=2)[..., 0]
        limits = np.where(tried > 0, [r.high for r in rows], np.where(tried < 0, [r.low for r in rows], 0.0))
        charged = np.where(tried == 0, 0.0, tried * limits).sum(axis=1)
        return np.take_along_axis(reduced, place, axis=2)[..., 0].sum(axis=1) + charged, spent @ uses[row]

    best = look(prices, 0)[0]
    for _ in range(_PASSES):
        for place, row in enumerate(rows):
            size = most / max(float(np.abs(row.spend).max()), float(np.finfo(float).tiny))
            low = np.full(draws, -size if np.isfinite(row.low) else 0.0)
            high = np.full(draws, size if np.isfinite(row.high) else 0.0)
            for _ in range(_HALVINGS):
                tried = prices.copy()
                tried[:, place] = 0.5 * (low + high)
                bound, used = look(tried, place)
                limit = np.where(tried[:, place] > 0, row.high, row.low) if row.low != row.high else row.high
                better = bound < best
                best = np.where(better, bound, best)
                prices[better] = tried[better]
                too_much = used > limit
                low, high = np.where(too_much, tried[:, place], low), np.where(too_much, high, tried[:, place])
    return best


def _is_bent(worth: ValueTable) -> np.ndarray:
    """Is a curve of the draw (draw) not concave between the points of its table?"""
    with np.errstate(invalid="ignore"):
        rises = np.diff(worth.slopes, axis=-1)
    size = np.abs(np.where(np.isfinite(worth.slopes), worth.slopes, 0.0)).max(axis=-1, keepdims=True)
    return (rises > 1e-3 * size).any(axis=(-2, -1)) | ~np.isfinite(worth.values).all(axis=(-2, -1))


def _earned(worth: ValueTable, levels: np.ndarray, otherwise: np.ndarray, *, in_full: bool) -> np.ndarray:
    """The median slope (draw) of the lines that lie inside their range at `levels` (draw, line)."""
    lowest, highest = worth.levels[:, 0], worth.levels[:, -1]
    slopes = np.empty(levels.shape)
    for line, grid in enumerate(worth.levels):
        place = np.clip(np.searchsorted(grid, levels[:, line]), 0, grid.size - 1)
        slopes[:, line] = worth.slopes[np.arange(len(levels)), line, place]
    room = 0.02 * (highest - lowest)
    inside = (levels > lowest + room) & (levels < highest - room) & np.isfinite(slopes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = np.nanmedian(np.where(inside, slopes, np.nan), axis=1)
    found = np.where(np.isfinite(found), found, otherwise)
    return found if in_full else np.maximum(found, 0.0)
