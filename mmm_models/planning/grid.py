"""A budget as equal steps of money: what an exact search walks on."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.errors import PlanError

# Rounding of sums of money, as a share of a step.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class MoneyGrid:
    """Levels `lower` + k·`step` (line) with k = 0 … `most` (line); a plan hands out `money` steps over all lines.

    `lower`, `step`: money a week; `most`, `money`: whole numbers of steps.
    """

    lower: np.ndarray
    step: float
    most: np.ndarray
    money: int

    @classmethod
    def of(cls, lower: np.ndarray, upper: np.ndarray, budget: float, points: int) -> "MoneyGrid":
        """Cut what `budget` leaves above `lower` (line) into `points` steps; `upper` (line) may be infinite.

        A line takes the whole steps that its range holds, so that no level leaves its bounds. Where those of all lines
        together cannot take the budget, `money` is what they can take.
        """
        if points < 1:
            raise PlanError(f"A money grid needs at least 1 step; it was asked for {points}.")
        spare = budget - float(lower.sum())
        if spare <= 0:
            return cls(lower, 0.0, np.zeros(lower.shape, dtype=int), 0)
        step = spare / points
        most = np.floor(np.minimum(upper - lower, spare) / step + _ROUNDING).astype(int)
        return cls(lower, step, most, int(min(points, most.sum())))

    @property
    def points(self) -> int:
        """Length of a table's last axis: no line has more levels."""
        return int(self.most.max(initial=0)) + 1

    @property
    def highest(self) -> np.ndarray:
        """Level (line) of a table's last point, which is beyond the bounds of lines with fewer steps."""
        return self.lower + self.step * (self.points - 1)

    def levels(self, steps: np.ndarray) -> np.ndarray:
        """Money a week (…, line) of whole steps (…, line)."""
        return self.lower + self.step * steps
