"""How good could any plan be, where only a budget ties lines together? Two upper bounds, the lower of them.

The Lagrangian bound (see `dual`) equals the problem with every curve replaced by its concave hull. Where few S-shaped
lines compete it can lie some per cent above every plan. The second bound cuts money into cells of width h: a plan b
lies in the cells k_l = ⌊(b_l − floor_l) / h⌋, whose sum the budget limits, and for any price λ of money

    value(b) = Σ_l [V_l(b_l) − λ b_l] + λ Σ_l b_l
             ≤ max_K { max_{Σ k = K} Σ_l max_{b in cell k_l} [V_l(b) − λ b] + λ · (most money that K cells hold) },

a dynamic programme over cells. Where λ is what a plan's last money earns, the slope of V_l − λ b is about zero around
that plan, so that a cell's maximum lies above what the line is worth in it by a term of second order in h only.
"""

from dataclasses import replace

import numpy as np

from mmm_models.planning.dual import ValueTable, envelope, lagrangian_bound
from mmm_models.planning.knapsack import combine
from mmm_models.planning.solvers.base import Problem

# Cells of the second bound, and the work (line x cell x cell) that it may take.
_CELLS = 1000
_WORK = 60_000_000
# A Lagrangian bound this near to the plan, as a share of it, needs no second one.
_NEAR = 1e-4


def separable_bound(problem: Problem, levels: np.ndarray) -> tuple[float, float]:
    """An upper bound on the objective of every plan, and the Lagrangian's price of a week's money.

    Args:
        problem: one that is separable.
        levels: a good plan; where the first bound lies well above it, the second one is worked out, too, at the
            Lagrangian's price and at the plan's own marginal value of money.
    """
    money, in_full = problem.money, problem.in_full
    table = allowed_table(problem)
    value, slopes = problem.value(levels)
    dual = lagrangian_bound(table, money, in_full=in_full)
    bound, price = float(dual.bound), float(dual.price)
    if bound <= value + _NEAR * abs(value):
        # Curves of the table are joined by cubics: what the plan itself is worth is the least that a bound may say.
        return max(bound, value), price
    inside = (levels > problem.lower) & (levels < problem.upper) & np.isfinite(slopes)
    own = float(np.median(slopes[inside])) if inside.any() else price
    for tried in {price, own if in_full else max(own, 0.0)}:
        bound = min(bound, cell_bound(table, problem.floor, money, tried, in_full=in_full))
    return max(bound, value), price


def cell_bound(table: ValueTable, floor: np.ndarray, money: float, price: float, *, in_full: bool) -> float:
    """The second bound of the module's text, at one price; infinite where it would take too long.

    Args:
        table: the objective (line, point); −inf where a level is not allowed.
        floor: the lowest level (line).
        money: the most, or `in_full` exactly what, is spent a week.
        price: any; of 0 or more unless `in_full`.
    """
    cells = min(_CELLS, int(np.sqrt(_WORK / floor.size)))
    if cells < 10 * floor.size:
        return np.inf
    alone = ValueTable(table.levels, table.values[None], table.slopes[None])
    return float(bound_by_cells(alone, floor, money, np.array([price]), cells, in_full=in_full)[0][0])


def bound_by_cells(
    table: ValueTable, floor: np.ndarray, money: float, prices: np.ndarray, cells: int, *, in_full: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The second bound of the module's text (draw), each draw at its own price, and the levels (draw, line) behind it.

    Args:
        table: the objective (draw, line, point); −inf where a level is not allowed.
        floor, money, in_full: as `cell_bound`.
        prices: of money (draw).
        cells: into how many the money above the floors is cut.
    """
    levels, values = envelope(table)
    spare, draws = money - float(floor.sum()), len(prices)
    if spare <= 0:
        return np.full(draws, np.inf), np.tile(floor, (draws, 1))
    width, price, each = spare / cells, prices[:, None], np.arange(draws)
    best = np.full((draws, cells + 1), -np.inf)
    best[:, 0] = 0.0
    choices = []
    for line, lowest in enumerate(floor):
        edges = lowest + width * np.arange(cells + 2)
        at_edges = _from_above(table, line, edges) - price * edges
        maxima = np.maximum(at_edges[:, :-1], at_edges[:, 1:])
        inside = np.clip(((levels[:, line] - lowest) / width).astype(int), 0, cells)
        np.maximum.at(maxima, (each[:, None], inside), values[:, line] - price * levels[:, line])
        best, choice = combine(best, maxima, cells)
        choices.append(choice)
    total = np.arange(cells + 1)
    reachable = best + price * np.minimum(money, float(floor.sum()) + (total + floor.size) * width)
    if in_full:
        reachable[:, : cells - floor.size] = -np.inf
    left = reachable.argmax(axis=1)
    bound, taken = reachable[each, left], np.empty((draws, floor.size), dtype=int)
    for line in reversed(range(floor.size)):
        taken[:, line] = choices[line][each, left]
        left = left - taken[:, line]
    return bound, floor + width * (taken + 0.5)


def _from_above(table: ValueTable, line: int, wanted: np.ndarray) -> np.ndarray:
    """What `dual.envelope` joins, at `wanted`, by draw (draw, wanted); −inf beyond the table."""
    grid, values, slopes = table.levels[line], table.values[:, line], table.slopes[:, line]
    k = np.clip(np.searchsorted(grid, wanted, side="right") - 1, 0, grid.size - 2)
    width, into = grid[k + 1] - grid[k], wanted - grid[k]
    share = np.clip(np.divide(into, width, out=np.zeros_like(wanted), where=width > 0), 0.0, 1.0)
    with np.errstate(invalid="ignore"):
        chord = (1 - share) * values[:, k] + share * values[:, k + 1]
        left = values[:, k] + np.where(into > 0, slopes[:, k] * into, 0.0)
        right = values[:, k + 1] - slopes[:, k + 1] * (width - into)
    tangents = np.minimum(left, right)
    found = np.where(tangents > chord, tangents, chord)
    return np.where((wanted > grid[-1]) | np.isnan(found), -np.inf, found)


def allowed_table(problem: Problem) -> ValueTable:
    """The objective's table ([draw,] line, point) without what lies between rest and the least spend of a line."""
    table = problem.objective_table
    next_level = np.concatenate([table.levels[:, 1:], table.levels[:, -1:]], axis=1)
    # The last point before the least spend stays: the cell that holds the least spend needs both its ends.
    between = problem.may_rest[:, None] & (table.levels > 0) & (next_level < problem.lower[:, None])
    return replace(table, values=np.where(between, -np.inf, table.values))
