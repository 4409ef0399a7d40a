"""A problem as smooth solvers like it: lines that may move, money and objective near 1, constraints as functions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmm_models.planning.constraints.rows import Row
from mmm_models.planning.solvers.base import Guard, Problem

_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Condition:
    """value(x) = 0 where it is an `equation`, value(x) ≥ 0 otherwise; `is_linear`: `slope` (free line) is constant."""

    equation: bool
    is_linear: bool
    value: Callable[[np.ndarray], float]
    slope: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Scaled:
    """A problem around a plan: x (free line) are levels in units of `money`, the loss is in units of `worth`.

    Lines that rest, that spend in lots or that have no room stay where `levels` (line) has them.
    """

    problem: Problem
    levels: np.ndarray
    free: np.ndarray
    money: float
    worth: float

    @classmethod
    def around(cls, problem: Problem, levels: np.ndarray) -> "Scaled":
        """Scales of a problem at a plan."""
        on = ~problem.may_rest | (levels > 0)
        free = on & (problem.lot == 0) & (problem.upper > problem.lower)
        money = float(levels[free].mean()) if free.any() else 0.0
        money = money or float(problem.upper[free].mean() if free.any() else 1.0)
        value, gradient = problem.value(levels)
        moved = np.where(levels > 0, gradient, 0.0) * levels
        # Gains are 0 at the status quo: there it is what all money makes at its slope that is typical.
        worth = max(abs(value), float(np.abs(moved[np.isfinite(moved)]).sum()))
        return cls(problem, levels, free, money, worth)

    @property
    def is_still(self) -> bool:
        """Is there nothing to climb: no line that may move, or an objective of no size?"""
        return not self.free.any() or self.worth == 0

    @property
    def start(self) -> np.ndarray:
        """x (free line) of the plan."""
        return self.levels[self.free] / self.money

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest x (free line)."""
        return self.problem.lower[self.free] / self.money, self.problem.upper[self.free] / self.money

    def at(self, x: np.ndarray) -> np.ndarray:
        """Levels (line) of x (free line), moved into the bounds."""
        moved = self.levels.copy()
        moved[self.free] = np.clip(x * self.money, self.problem.lower[self.free], self.problem.upper[self.free])
        return moved

    def loss(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """What is to be made small, and its slope (free line)."""
        value, gradient = self.problem.value(self.at(x))
        return -value / self.worth, -gradient[self.free] * (self.money / self.worth)

    def conditions(self) -> list[Condition]:
        """Rows and guards, each in the size of its own terms.

        An equation that follows from those before it is left out: budgets of all markets state the whole one again, and
        solvers stop at equations that depend on each other.
        """
        found, equations = [], np.empty((0, int(self.free.sum())))
        for row in self.problem.rows:
            if not ((row.spend[self.free] != 0).any() or (row.outcome[self.free] != 0).any()):
                continue
            even = row.low == row.high
            if even and not row.outcome.any():
                with_it = np.concatenate([equations, row.spend[None, self.free]])
                if np.linalg.matrix_rank(with_it) < len(with_it):
                    continue
                equations = with_it
            sides = [(1.0, row.low)] if even else [(1.0, row.low), (-1.0, -row.high)]
            found += [self._of_row(row, sign, limit, even) for sign, limit in sides if np.isfinite(limit)]
        return found + [self._of_guard(guard) for guard in self.problem.guards]

    def _of_row(self, row: Row, sign: float, limit: float, equation: bool) -> Condition:
        """sign · row(levels) ≥ limit, or = limit."""
        linear = not row.outcome.any()
        size = max(float(np.abs(row.spend).max()) * self.money, _TINY)
        if not linear:
            size = max(size, abs(limit))

        def value(x: np.ndarray) -> float:
            levels = self.at(x)
            outcomes = np.zeros_like(levels) if linear else self.problem.outcome(levels)[0]
            return (sign * float(row.value(levels, outcomes)) - limit) / size

        def slope(x: np.ndarray) -> np.ndarray:
            steepness = 0.0
            if not linear:
                # A line may be infinitely steep at zero and have no part in this row.
                slopes = self.problem.outcome(self.at(x))[1]
                steepness = row.outcome * np.where(row.outcome != 0, slopes, 0.0)
            return sign * (row.spend + steepness)[self.free] * self.money / size

        return Condition(equation, linear, value, slope)

    def _of_guard(self, guard: Guard) -> Condition:
        return Condition(
            False,
            False,
            lambda x: (guard.of(self.at(x))[0] - guard.low) / guard.size,
            lambda x: guard.of(self.at(x))[1][self.free] * (self.money / guard.size),
        )
