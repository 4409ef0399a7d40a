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
    lines = floor.size
    cells = min(_CELLS, int(np.sqrt(_WORK / lines)))
    spare = money - float(floor.sum())
    if spare <= 0 or cells < 10 * lines:
        return np.inf
    width = spare / cells
    best = np.full((1, cells + 1), -np.inf)
    best[0, 0] = 0.0
    for line in range(lines):
        reduced = _cell_maxima(*(part[line] for part in envelope(table)), floor[line], width, cells, price)
        best, _ = combine(best, reduced[None], cells)
    total = np.arange(cells + 1)
    spent = np.minimum(money, float(floor.sum()) + (total + lines) * width)
    reachable = best[0] + price * spent
    return float(reachable[cells - lines :].max() if in_full else reachable.max())


def _cell_maxima(
    levels: np.ndarray, values: np.ndarray, floor: float, width: float, cells: int, price: float
) -> np.ndarray:
    """Largest V(b) − price · b in each cell (cell), V joining (levels, values) by straight lines; −inf beyond them."""
    reduced = values - price * levels
    edges = floor + width * np.arange(cells + 2)
    with np.errstate(invalid="ignore"):
        at_edges = np.interp(edges, levels, reduced, right=-np.inf)
    at_edges = np.where(np.isnan(at_edges), -np.inf, at_edges)
    maxima = np.maximum(at_edges[:-1], at_edges[1:])
    inside = np.clip(((levels - floor) / width).astype(int), 0, cells)
    np.maximum.at(maxima, inside, reduced)
    return maxima


def allowed_table(problem: Problem) -> ValueTable:
    """The objective's table without what lies between rest and the least spend of a line."""
    table = problem.objective_table
    next_level = np.concatenate([table.levels[:, 1:], table.levels[:, -1:]], axis=1)
    # The last point before the least spend stays: the cell that holds the least spend needs both its ends.
    between = problem.may_rest[:, None] & (table.levels > 0) & (next_level < problem.lower[:, None])
    return replace(table, values=np.where(between, -np.inf, table.values))
