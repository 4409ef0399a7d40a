"""Between which levels of each line do the plans lie that are worth almost as much as the best one?

Three ways, by what ties lines together and by how many there are:

- Only a budget: exact on steps of money. With W the knapsack's tables of the lines before and of the lines behind a
  line, the best plan that gives it j steps is worth V_l(j) + max_k [W_before(k) + W_behind(K − j − k)].
- Rows, few lines: two linear programmes a line, over the curves' concave hulls.
- Many lines: at prices y of the rows, U = Σ_l max_b [f_l(b) − y·a_l(b)] + y·limits bounds every plan, and a plan that
  has the line at b is worth U − (max − [f_l(b) − y·a_l(b)]) at most. (Everett 1963, see `dual`.)

The second and third never leave out a plan; what they allow need not be reached. The first is reached.
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.honesty.choice import KNAPSACK_LINES
from mmm_models.planning.honesty.joined import JoinedCurves
from mmm_models.planning.knapsack import combine
from mmm_models.planning.solvers import Problem
from mmm_models.planning.solvers.dynamic import values_on_grid

# Steps of money, and the most lines for the second way.
_STEPS = 400
_PROGRAMME_LINES = 40


@dataclass(frozen=True)
class Ranges:
    """`lowest`, `highest` (line): money a week; `reached`: is there a plan at every one of these ends?"""

    lowest: np.ndarray
    highest: np.ndarray
    reached: bool


def ranges_within(problem: Problem, levels: np.ndarray, least_value: float) -> Ranges:
    """Lowest and highest level of each line among plans whose objective is `least_value` or more.

    Args:
        problem: a utility is not seen: what counts is the objective in the mean.
        levels: a plan (line) that is worth that much; its levels lie within the ranges.
        least_value: in units of the objective.
    """
    separable = problem.is_separable
    if separable and problem.lines <= KNAPSACK_LINES:
        found = _by_knapsack(problem, least_value)
    elif problem.lines <= _PROGRAMME_LINES:
        found = _by_programmes(problem, levels, least_value)
    else:
        found = _by_prices(problem, levels, least_value)
    return Ranges(np.minimum(found.lowest, levels), np.maximum(found.highest, levels), found.reached)


def _by_knapsack(problem: Problem, least_value: float) -> Ranges:
    floor = problem.floor
    grid = MoneyGrid.of(floor, problem.upper, problem.money, _STEPS)
    values = values_on_grid(problem, grid)
    most = np.minimum(grid.most, grid.money)
    before, behind = [_nothing(grid)], [_nothing(grid)]
    for line in range(problem.lines - 1):
        before.append(combine(before[-1], values[None, line], int(most[line]))[0])
        other = problem.lines - 1 - line
        behind.append(combine(behind[-1], values[None, other], int(most[other]))[0])
    lowest, highest = floor.copy(), floor.copy()
    for line in range(problem.lines):
        others = combine(before[line], behind[problem.lines - 1 - line], grid.money)[0][0]
        if not problem.in_full:
            others = np.maximum.accumulate(others)
        own = np.arange(most[line] + 1)
        good = own[values[line, own] + others[grid.money - own] >= least_value]
        if good.size:
            lowest[line], highest[line] = floor[line] + grid.step * good[[0, -1]]
        else:
            lowest[line], highest[line] = np.inf, -np.inf
    return Ranges(lowest, highest, True)


def _nothing(grid: MoneyGrid) -> np.ndarray:
    """What no line makes of k steps (1, k)."""
    start = np.full((1, grid.money + 1), -np.inf)
    start[0, 0] = 0.0
    return start


def _by_programmes(problem: Problem, levels: np.ndarray, least_value: float) -> Ranges:
    curves = JoinedCurves.from_above(problem)
    lowest, highest = levels.copy(), levels.copy()
    for line in np.flatnonzero(problem.upper > problem.floor):
        direction = np.zeros(problem.lines)
        direction[line] = 1.0
        low, high = (curves.extreme(sign * direction, least_value, relaxed=True) for sign in (1.0, -1.0))
        lowest[line] = levels[line] if low is None else low[line]
        highest[line] = levels[line] if high is None else high[line]
    return Ranges(lowest, highest, False)


def _by_prices(problem: Problem, levels: np.ndarray, least_value: float) -> Ranges:
    curves = JoinedCurves.from_above(problem)
    reduced, bound = _at_prices(curves)
    slack = max(bound - least_value, 0.0)
    lowest, highest = levels.copy(), levels.copy()
    for line in range(problem.lines):
        own = np.flatnonzero(curves.line == line)
        order = own[np.argsort(curves.level[own], kind="stable")]
        short = reduced[order].max() - reduced[order] - slack
        lowest[line] = _first_within(curves.level[order], short)
        highest[line] = _first_within(curves.level[order][::-1], short[::-1])
    return Ranges(lowest, highest, False)


def _at_prices(curves: JoinedCurves) -> tuple[np.ndarray, float]:
    """The objective less what the point uses of the rows (point), at the rows' prices; and the bound that they give."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    problem, points = curves.problem, np.arange(curves.line.size)
    one_each = csr_array((np.ones(points.size), (curves.line, points)), shape=(problem.lines, points.size))
    uses = np.array(
        [row.spend[curves.line] * curves.level + row.outcome[curves.line] * curves.outcome for row in problem.rows]
    ).reshape(len(problem.rows), points.size)
    low, high = (np.array([getattr(row, side) for row in problem.rows]) for side in ("low", "high"))
    equal = low == high
    above, below = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
    size = np.maximum(np.abs(uses).max(axis=1, initial=0.0), np.finfo(float).tiny)
    worth = max(float(np.abs(curves.objective).max()), float(np.finfo(float).tiny))
    uses, low, high = uses / size[:, None], low / size, high / size
    found = linprog(
        -curves.objective / worth,
        A_ub=csr_array(np.concatenate([uses[above], -uses[below]])) if (above | below).any() else None,
        b_ub=np.concatenate([high[above], -low[below]]) if (above | below).any() else None,
        A_eq=vstack([one_each, csr_array(uses[equal])]),
        b_eq=np.concatenate([np.ones(problem.lines), high[equal]]),
        bounds=(0.0, None),
    )
    prices = np.zeros(len(problem.rows))
    # Any prices of the right sign bound the problem; those of the programme bound it best.
    if found.status == 0:
        prices[equal] = -found.eqlin.marginals[problem.lines :]
        if (above | below).any():
            prices[above] -= found.ineqlin.marginals[: above.sum()]
            prices[below] += found.ineqlin.marginals[above.sum() :]
    prices *= worth
    reduced = curves.objective - prices @ uses
    best = np.full(problem.lines, -np.inf)
    np.maximum.at(best, curves.line, reduced)
    limits = np.where(prices > 0, high, np.where(prices < 0, low, 0.0))
    return reduced, float(best.sum() + np.where(prices == 0, 0.0, prices * limits).sum())


def _first_within(levels: np.ndarray, short: np.ndarray) -> float:
    """The first level at which `short` falls to 0, between points by straight lines."""
    first = int(np.argmax(short <= 0))
    if first == 0:
        return float(levels[0])
    share = short[first - 1] / (short[first - 1] - short[first])
    return float(levels[first - 1] + share * (levels[first] - levels[first - 1]))
