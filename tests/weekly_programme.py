"""The best weekly path of one line, for one draw with geometric adstock: a dynamic programme, and brute force.

With A the adstock, A_t = α A_{t−1} + w x_t, what the past does to the weeks to come is all in A. The programme walks
back over W_t(A, s) = max_x [h(α A + w x) + W_{t+1}(α A + w x, s + x)], s being the steps of money spent so far, on a
grid of A between whose points W is read off straight lines; after the last week the line goes on at a given spend.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

Curve = Callable[[np.ndarray], np.ndarray]
# Weeks after the plan in which what is left of the adstock is followed.
_TAIL = 60


def best_path(
    curve: Curve,
    alpha: float,
    weight: float,
    money: float,
    weeks: int,
    steps: int,
    *,
    before: float = 0.0,
    after: float = 0.0,
    points: int = 400,
) -> np.ndarray:
    """Money of each week (week), `money` in all on `steps` steps; `weight` w, `before` the adstock before week 1."""
    step = money / steps
    spent = step * np.arange(steps + 1)
    grid = np.linspace(0.0, max(before, 0.0) + weight * money / (1 - alpha), points)
    worth = np.full((points, steps + 1), -np.inf)
    worth[:, steps] = _going_on(curve, alpha, grid, weight * after)
    choice = np.zeros((weeks, points, steps + 1), dtype=int)
    for week in reversed(range(weeks)):
        here = np.full_like(worth, -np.inf)
        for bought in range(steps + 1):
            reached = alpha * grid + weight * spent[bought]
            then = curve(reached)[:, None] + _read(grid, worth[:, bought:], reached)
            better = then > here[:, : steps + 1 - bought]
            here[:, : steps + 1 - bought] = np.where(better, then, here[:, : steps + 1 - bought])
            choice[week, :, : steps + 1 - bought] = np.where(better, bought, choice[week, :, : steps + 1 - bought])
        worth = here
    path, adstock, used = [], before, 0
    for week in range(weeks):
        near = int(np.abs(grid - adstock).argmin())
        bought = int(min(choice[week, near, used], steps - used)) if week < weeks - 1 else steps - used
        path.append(spent[bought])
        adstock, used = alpha * adstock + weight * spent[bought], used + bought
    return np.array(path)


def path_value(
    curve: Curve, alpha: float, weight: float, path: np.ndarray, *, before: float = 0.0, after: float = 0.0
) -> float:
    """Outcome of the weeks of a path (week) and of those after it, in which each spends `after`."""
    adstock, total = before, 0.0
    for money in path:
        adstock = alpha * adstock + weight * money
        total += float(curve(np.array(adstock)))
    return total + float(_going_on(curve, alpha, np.array([adstock]), weight * after)[0])


def every_path(money: float, weeks: int, steps: int) -> np.ndarray:
    """All ways (path, week) to lay `steps` equal steps of money over the weeks."""
    bars = np.array(list(combinations(range(steps + weeks - 1), weeks - 1)))
    edges = np.concatenate([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), steps + weeks - 1)], axis=1)
    return (np.diff(edges, axis=1) - 1) * (money / steps)


def _going_on(curve: Curve, alpha: float, adstock: np.ndarray, added: float) -> np.ndarray:
    """Outcome of the weeks after an adstock (point), each of which adds as much."""
    faded = alpha ** np.arange(1, _TAIL + 1)
    return curve(adstock[:, None] * faded + added * (1 - faded) / (1 - alpha)).sum(axis=1)


def _read(grid: np.ndarray, worth: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Worth (point, state) at adstocks `at` (point) by straight lines."""
    low = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, len(grid) - 2)
    share = np.clip((at - grid[low]) / (grid[1] - grid[0]), 0.0, 1.0)[:, None]
    with np.errstate(invalid="ignore"):
        read = (1 - share) * worth[low] + share * worth[low + 1]
    return np.where(np.isfinite(worth[low]) & np.isfinite(worth[low + 1]), read, -np.inf)
