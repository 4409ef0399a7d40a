"""How good could any plan be? The Lagrangian upper bound of a separable budget problem, and its price of money.

For  max Σᵢ fᵢ(sᵢ)  subject to  Σᵢ sᵢ = B, lᵢ ≤ sᵢ ≤ uᵢ  every price λ gives an upper bound

    U(λ) = λ B + Σᵢ max_s [fᵢ(s) − λ s]

(H. Everett, "Generalized Lagrange multiplier method", Operations Research 11, 1963, 399–417). U is convex in λ; its
minimum equals the value of the problem when every fᵢ is concave, and lies above it by at most the hull gaps otherwise.
"""

from dataclasses import dataclass

import numpy as np

# The bound holds for every price; the steps only decide how tight it is. 60 halvings reach rounding.
_PRICE_STEPS = 60


@dataclass(frozen=True)
class ValueTable:
    """One-line values on a grid of levels: `levels`, `values`, `slopes`, each (..., line, point), levels ascending.

    Leading dimensions of `values` and `slopes` (draws, say) are separate problems that share one budget figure.
    """

    levels: np.ndarray
    values: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True)
class DualBound:
    """`bound` (...): no plan is worth more. `price` (...): outcome per extra unit of money at the optimum.

    `levels` (..., line) maximise each line at that price; they need not spend the budget exactly.
    """

    bound: np.ndarray
    price: np.ndarray
    levels: np.ndarray


def lagrangian_bound(table: ValueTable, budget: float, *, in_full: bool = True) -> DualBound:
    """Minimise U(λ) by bisection on the money spent at price λ, for each leading index of the table at once.

    Where money may be left (`in_full` false), only prices of 0 or more bound the problem.
    """
    levels, values = envelope(table)
    low, high = _steepest(levels, values)
    if not in_full:
        low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
    bound = np.full(values.shape[:-2], np.inf)
    price = np.zeros_like(bound)
    best = np.zeros(values.shape[:-1])
    for _ in range(_PRICE_STEPS):
        middle = 0.5 * (low + high)
        reduced = values - middle[..., None, None] * levels
        choice = reduced.argmax(axis=-1)[..., None]
        spent = np.take_along_axis(levels, choice, axis=-1)[..., 0]
        upper = np.take_along_axis(reduced, choice, axis=-1)[..., 0].sum(axis=-1) + middle * budget
        tighter = upper < bound
        bound = np.where(tighter, upper, bound)
        price = np.where(tighter, middle, price)
        best = np.where(tighter[..., None], spent, best)
        too_much = spent.sum(axis=-1) > budget
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    return DualBound(bound=bound, price=price, levels=best)


def _steepest(levels: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prices (...) below and above every slope of every line's hull, for values (..., line, point) at levels.

    Levels that are not allowed are worth −inf. From rest, a line's first level, the hull bridges them, and can be
    steeper or flatter there than between any two neighbours.
    """
    with np.errstate(invalid="ignore"):
        run = np.stack([np.diff(levels, axis=-1), levels[..., 1:] - levels[..., :1]])
        rise = np.stack([np.diff(values, axis=-1), values[..., 1:] - values[..., :1]])
        slopes = rise / np.where(run > 0, run, np.inf)
    slopes = np.where(np.isfinite(slopes), slopes, 0.0)
    return slopes.min(axis=(0, -2, -1)) - 1.0, slopes.max(axis=(0, -2, -1)) + 1.0


def envelope(table: ValueTable) -> tuple[np.ndarray, np.ndarray]:
    """Grid points plus, in each concave cell, the point where the tangents of its two ends cross.

    A grid alone understates what lies between its points. Where a cell is concave its two tangents lie above the
    curve, where it is convex its chord does; so the bound holds between the points too.
    """
    levels = np.broadcast_to(table.levels, table.values.shape)
    s0, s1 = levels[..., :-1], levels[..., 1:]
    f0, f1 = table.values[..., :-1], table.values[..., 1:]
    g0, g1 = table.slopes[..., :-1], table.slopes[..., 1:]
    with np.errstate(invalid="ignore"):
        bend = g0 - g1
        concave = bend > 0
        crossing = (f1 - f0 + g0 * s0 - g1 * s1) / np.where(concave, bend, 1.0)
    concave &= (crossing > s0) & (crossing < s1)
    extra_level = np.where(concave, crossing, s1)
    with np.errstate(invalid="ignore"):
        extra_value = np.where(concave, f0 + g0 * (crossing - s0), f1)
    shape = (*table.values.shape[:-1], 2 * table.values.shape[-1] - 1)
    all_levels, all_values = np.empty(shape), np.empty(shape)
    all_levels[..., ::2], all_levels[..., 1::2] = levels, extra_level
    all_values[..., ::2], all_values[..., 1::2] = table.values, extra_value
    return all_levels, all_values
