"""Which levels a line may take when nothing else is asked: at rest, between its bounds, in whole lots."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.solvers.base import ROUNDING, Problem


@dataclass(frozen=True)
class Domain:
    """Each line is at 0, where it `rests` (line), or from `least` to `most` (line), money a week.

    With lots, `least` and `most` are whole ones; `least` above `most`: there is no level but rest.
    """

    rests: np.ndarray
    least: np.ndarray
    most: np.ndarray

    @classmethod
    def of(cls, problem: Problem) -> "Domain":
        """The levels that each line of a problem may take.

        A line that others need is on from a token of all money upwards; below, it rests, and so do they.
        """
        lot = problem.lot
        size = np.where(lot > 0, lot, 1.0)
        # A limit within rounding of a whole lot is that lot.
        least = np.where(lot > 0, np.ceil(problem.lower / size - ROUNDING) * size, problem.lower)
        most = np.where(lot > 0, np.floor(problem.upper / size + ROUNDING) * size, problem.upper)
        needed = np.zeros(problem.lines, dtype=bool)
        needed[[second for _, second in problem.needs]] = True
        rests = problem.may_rest | (needed & (least <= 0))
        least = np.where(rests & (lot > 0), np.maximum(least, lot), least)
        least = np.where(rests & needed, np.maximum(least, token(problem)), least)
        rests &= least > 0
        return cls(rests, least, most)

    @property
    def is_empty(self) -> bool:
        """Is there a line without any level, such as one whose bounds hold no whole lot?"""
        return bool((~self.rests & (self.least > self.most * (1 + ROUNDING))).any())

    def resting(self, levels: np.ndarray) -> np.ndarray:
        """Which lines (line) rest at levels (line)."""
        return self.rests & (levels < 0.5 * self.least)


def token(problem: Problem) -> float:
    """Money a week below which a line counts as spending nothing."""
    return 2 * ROUNDING * problem.money
