"""What every line is worth at every level in every draw: one table that all questions about a plan are asked of."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.objective import HorizonObjective


@dataclass(frozen=True)
class JointTable:
    """Outcome of each free line at each step of money, draw by draw.

    `values` (sample, line, point) in float32 keep what the draws know of lines together: a draw is the same world in
    every line. `lines` names market and channel; lines that may not move are left out, and their money is no part of
    the grid. Points beyond `grid.most` of a line lie outside its bounds.
    """

    lines: tuple[tuple[str, str], ...]
    grid: MoneyGrid
    values: np.ndarray

    @property
    def samples(self) -> int:
        """Number of draws."""
        return len(self.values)

    def take(self, samples: np.ndarray) -> "JointTable":
        """The same table for some of the draws, by their place."""
        return JointTable(self.lines, self.grid, self.values[samples])


def joint_table(objective: HorizonObjective, bounds: LineBounds, weekly_budget: float, points: int) -> JointTable:
    """Tabulate `objective` on `points` steps of what the budget leaves above the lower bounds."""
    lower, upper = bounds.box(weekly_budget)
    free = np.flatnonzero(upper > lower)
    fixed = float(lower.sum() - lower[free].sum())
    grid = MoneyGrid.of(lower[free], upper[free], weekly_budget - fixed, points)
    highest = lower.copy()
    highest[free] = grid.highest
    values = objective.draw_table(lower, highest, grid.points).values[:, free]
    names = [(market, channel) for market in objective.markets for channel in objective.channels]
    return JointTable(tuple(names[i] for i in free), grid, values.astype(np.float32))
