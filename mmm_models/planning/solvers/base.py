"""The seam between a budget problem and whatever solves it: arrays of plan lines in, one level a line out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mmm_models.planning.dual import ValueTable


@dataclass(frozen=True)
class Problem:
    """Choose one level a line so that the levels add up to `budget` and the objective is as large as possible.

    `objective(levels)` returns the value and its gradient (one entry a line). All money is a week's: levels,
    bounds and budget are per week of the horizon. `table`, when present, says that the objective is the sum of
    one-line values and tabulates them: a solver may then bound what any plan could reach.
    """

    objective: Callable[[np.ndarray], tuple[float, np.ndarray]]
    status_quo: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    budget: float
    table: ValueTable | None = None
    seed: int = 0


@dataclass(frozen=True)
class Solution:
    """Levels (one a line, per week), their value, and an upper bound on the value of any plan when known."""

    levels: np.ndarray
    value: float
    iterations: int
    bound: float | None
    message: str


class Solver(Protocol):
    """Anything that turns a `Problem` into a `Solution`."""

    name: str

    def solve(self, problem: Problem) -> Solution:
        """Return the best levels found; never worse than the feasible point nearest to the status quo."""


def spend_in_full(levels: np.ndarray, problem: Problem) -> np.ndarray:
    """Move `levels` into the bounds and onto the budget, each line by the same share of its own range.

    The total is monotone in the common shift, so bisection finds it; when the levels are feasible already they
    come back unchanged up to rounding.
    """
    lower, upper = problem.lower, problem.upper
    room = upper - lower
    inside = np.clip(levels, lower, upper)
    low, high = -1.0, 1.0
    for _ in range(80):
        shift = 0.5 * (low + high)
        if np.clip(inside + shift * room, lower, upper).sum() > problem.budget:
            high = shift
        else:
            low = shift
    return np.clip(inside + low * room, lower, upper)
