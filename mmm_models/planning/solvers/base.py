"""The seam between a budget problem and whatever solves it: arrays of plan lines in, one level a line out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mmm_models.planning.constraints.rows import Row
from mmm_models.planning.cubic import cubic
from mmm_models.planning.dual import ValueTable

# A row or bound that is missed by less than this share of its size is kept; solvers round.
ROUNDING = 1e-6

ByLine = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Utility = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Guard:
    """A measure of risk that must be at least `low`. `size`: what is small against it is rounding."""

    name: str
    key: str
    of: Utility
    low: float
    size: float


@dataclass(frozen=True)
class Problem:
    """Choose a level b (line), money a week, so that `value(b)` is as large as possible.

    With R(b) = Σ_l R_l(b_l) the mean outcome over the horizon, the objective is

        worth · R(b) − cost · Σ_l b_l                   or, where there is a `utility`, utility(b),

    under: lower ≤ b ≤ upper, or b = 0 as well where a line `may_rest`; b a whole multiple of `lot` where that is above
    0; all `rows` and `guards`; and for each pair of `needs`, the first line spends only if the second does.

    Attributes:
        outcome: R_l (line) at given levels (line) and its derivative (line), exact.
        table: R_l on a grid (line, point), from the lowest level a line may take (0 where it may rest) to `upper`.
        utility: what a risk measure makes of a plan, and its gradient; it replaces the objective and is no sum of
            lines.
        guards: measures that a plan must keep beside the rows.
        names: `market/channel` (line).
        stated: lower and upper (line) as they were asked, where `lower` and `upper` were narrowed to what rows leave.
        keys: where the bounds of each line stand in the spec (line).
    """

    outcome: ByLine
    table: ValueTable
    status_quo: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    rows: tuple[Row, ...]
    names: tuple[str, ...] = ()
    worth: float = 1.0
    cost: float = 0.0
    may_rest: np.ndarray = field(default_factory=lambda: np.array(False))
    lot: np.ndarray = field(default_factory=lambda: np.array(0.0))
    needs: tuple[tuple[int, int], ...] = ()
    utility: Utility | None = None
    guards: tuple[Guard, ...] = ()
    stated: tuple[np.ndarray, np.ndarray] | None = None
    keys: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("may_rest", "lot"):
            object.__setattr__(self, name, np.broadcast_to(getattr(self, name), self.lower.shape))

    @property
    def lines(self) -> int:
        """Number of lines."""
        return self.lower.size

    @property
    def floor(self) -> np.ndarray:
        """The lowest level (line) that each line may take."""
        return np.where(self.may_rest, 0.0, self.lower)

    @property
    def budget(self) -> Row | None:
        """The row that limits all spend; None without one."""
        return next((row for row in self.rows if row.is_budget), None)

    @property
    def money(self) -> float:
        """The most that a plan can spend a week."""
        most = float(self.upper.sum())
        return most if self.budget is None else min(most, self.budget.high)

    @property
    def in_full(self) -> bool:
        """Must all of the budget be spent?"""
        return self.budget is not None and bool(np.isfinite(self.budget.low))

    @property
    def is_separable(self) -> bool:
        """Does nothing but the budget tie lines together, and is every level between bounds allowed?"""
        others = [row for row in self.rows if row is not self.budget]
        return not (others or self.needs or self.utility or self.guards or (self.lot > 0).any())

    def value(self, levels: np.ndarray) -> tuple[float, np.ndarray]:
        """The objective and its gradient (line)."""
        if self.utility is not None:
            return self.utility(levels)
        outcome, slope = self.outcome(levels)
        return self.worth * float(outcome.sum()) - self.cost * float(levels.sum()), self.worth * slope - self.cost

    @property
    def objective_table(self) -> ValueTable:
        """The objective of each line and grid point (line, point), without a utility."""
        table = self.table
        values = self.worth * table.values - self.cost * table.levels
        return ValueTable(table.levels, values, self.worth * table.slopes - self.cost)

    def violation(self, levels: np.ndarray, outcomes: np.ndarray | None = None) -> dict[str, float]:
        """What `levels` break, by name, in the row's own unit; empty for a feasible plan.

        Mean outcomes (line) are read off the table unless given.
        """
        outcomes = interpolate(self.table, levels) if outcomes is None else outcomes
        broken = {}
        size = max(float(np.abs(levels).sum()), float(np.finfo(float).tiny))
        resting = self.may_rest & (levels <= ROUNDING * size)
        over = np.where(resting, 0.0, np.maximum(np.maximum(self.lower - levels, levels - self.upper), 0.0))
        lot = np.where(self.lot > 0, self.lot, 1.0)
        part = np.where(self.lot > 0, np.abs(levels - lot * np.rint(levels / lot)), 0.0)
        for line in np.flatnonzero(over > ROUNDING * size):
            broken[f"bounds of {self._name(line)}"] = float(over[line])
        for line in np.flatnonzero(part > ROUNDING * size):
            broken[f"lots of {self._name(line)}"] = float(part[line])
        for row in self.rows:
            held = float(row.value(levels, outcomes))
            over = max(row.low - held, held - row.high, 0.0)
            terms = float(np.abs(levels * row.spend).sum() + np.abs(outcomes * row.outcome).sum())
            if over > ROUNDING * max(terms, abs(held), float(np.finfo(float).tiny)):
                broken[row.name] = over
        for guard in self.guards:
            short = guard.low - guard.of(levels)[0]
            if short > ROUNDING * guard.size:
                broken[guard.name] = short
        for line, needed in self.needs:
            if levels[line] > ROUNDING * size and levels[needed] <= ROUNDING * size:
                broken[f"need of {self._name(line)}"] = float(levels[line])
        return broken

    def _name(self, line: int) -> str:
        return self.names[line] if self.names else str(line)


@dataclass(frozen=True)
class Solution:
    """What a solver found.

    Attributes:
        levels: money a week (line).
        value: the objective there, exact.
        bound: no feasible plan has a higher objective; None when the solver knows none.
        prices: by row name, what the objective gains when the row's limit is eased by one unit of its own (a week's
            money, or outcome); rows that do not bind are 0 or absent.
        iterations: steps, nodes or function evaluations.
        message: how it was found.
    """

    levels: np.ndarray
    value: float
    bound: float | None
    message: str
    iterations: int = 0
    prices: dict[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """How far the bound lies above the value, as a share of it; None without a bound or for a value of 0."""
        if self.bound is None or self.value == 0:
            return None
        return max(self.bound - self.value, 0.0) / abs(self.value)


class Solver(Protocol):
    """Anything that turns a `Problem` into a `Solution`."""

    name: str

    def solve(self, problem: Problem) -> Solution:
        """Return the best feasible levels found.

        Raises:
            PlanError: the problem has something that this solver cannot take, or no feasible plan.
        """


def interpolate(table: ValueTable, levels: np.ndarray) -> np.ndarray:
    """Values (line) of a table (line, point) at levels (line)."""
    rows, last = np.arange(levels.size), table.levels.shape[1] - 2
    k = np.clip((table.levels <= levels[:, None]).sum(axis=1) - 1, 0, last)
    (s0, s1), (f0, f1), (g0, g1) = (
        (part[rows, k], part[rows, k + 1]) for part in (table.levels, table.values, table.slopes)
    )
    width = s1 - s0
    t = np.clip((levels - s0) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    return cubic(t, width, f0, f1, g0, g1)[0]


def spend_in_full(levels: np.ndarray, lower: np.ndarray, upper: np.ndarray, money: float) -> np.ndarray:
    """Move `levels` into the bounds and their sum onto `money`, each line by the same share of its own range.

    The total is monotone in the common shift, so bisection finds it; when the levels are feasible already they
    come back unchanged up to rounding.
    """
    room = upper - lower
    inside = np.clip(levels, lower, upper)
    low, high = -1.0, 1.0
    for _ in range(80):
        shift = 0.5 * (low + high)
        if np.clip(inside + shift * room, lower, upper).sum() > money:
            high = shift
        else:
            low = shift
    return np.clip(inside + low * room, lower, upper)
