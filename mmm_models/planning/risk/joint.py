"""What every line causes at every level in every draw, as curves that can be asked thousands of times a second."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmm_models.planning.cubic import cubic
from mmm_models.planning.dual import ValueTable

DrawsByLine = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

# Numbers that a table holds at most, values and slopes each (float32: 200 MB).
_MOST = 50_000_000
_POINTS = (17, 49)
# A cubic between two rising points rises everywhere when its slopes are at most 3 times the chord's (Fritsch & Carlson,
# SIAM Journal on Numerical Analysis 17, 1980, 238-246); Hill curves of slope below 1 are steeper than any chord at 0.
_STEEPEST = 3.0


@dataclass(frozen=True)
class JointCurves:
    """Cubics through exact values and slopes: `levels` (line, point); `values`, `slopes` (line, point, sample) float32.

    A draw is the same world in every line: what draws know of lines together is kept.
    """

    levels: np.ndarray
    values: np.ndarray
    slopes: np.ndarray

    @classmethod
    def tabulate(cls, by_line: DrawsByLine, lower: np.ndarray, upper: np.ndarray, samples: int) -> "JointCurves":
        """Ask `by_line` at points between `lower` and `upper` (line), which lie closer together at the low end."""
        points = int(np.clip(_MOST // (lower.size * samples), *_POINTS))
        grid = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, points) ** 2
        values, slopes = (np.empty((lower.size, points, samples), dtype=np.float32) for _ in range(2))
        for point in range(points):
            found = by_line(grid[:, point])
            values[:, point], slopes[:, point] = found[0].T, found[1].T
        _hold_slopes(grid, values, slopes)
        return cls(grid, values, slopes)

    def at(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values and slopes (line, sample) at levels (line)."""
        lines = np.arange(levels.size)
        inner = (self.levels[:, 1:-1] <= levels[:, None]).sum(axis=1)
        start, width = self.levels[lines, inner], self.levels[lines, inner + 1] - self.levels[lines, inner]
        width = np.where(width > 0, width, 1.0)[:, None]
        t = np.clip((levels - start)[:, None] / width, 0.0, 1.0)
        low, high = (self.values[lines, inner + i].astype(float) for i in (0, 1))
        first, last = (self.slopes[lines, inner + i].astype(float) for i in (0, 1))
        return cubic(t, width, low, high, first, last)

    def weighted(self, weights: np.ndarray, cost: float = 0.0, parts: int = 4) -> ValueTable:
        """Σ_s weights_s V_s(b) − cost · b of each line, on `parts` times as many points (line, point)."""
        values, slopes = (part @ weights.astype(np.float64) for part in (self.values, self.slopes))
        width = np.diff(self.levels, axis=1)[..., None]
        t = np.arange(parts) / parts
        inner = cubic(t, width, values[:, :-1, None], values[:, 1:, None], slopes[:, :-1, None], slopes[:, 1:, None])
        lines = len(values)
        between = [(self.levels[:, :-1, None] + width * t), *inner]
        ends = [self.levels[:, -1:], values[:, -1:], slopes[:, -1:]]
        grid, values, slopes = (
            np.concatenate([part.reshape(lines, -1), end], axis=1) for part, end in zip(between, ends, strict=True)
        )
        return ValueTable(grid, values - cost * grid, slopes - cost)


def _hold_slopes(levels: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> None:
    """Keep slopes at most `_STEEPEST` times the chords beside them, in place, where the chords go one way."""
    width = np.diff(levels, axis=1)[..., None]
    chords = np.diff(values, axis=1) / np.where(width > 0, width, 1.0).astype(np.float32)
    least = np.minimum(np.abs(chords[:, :-1]), np.abs(chords[:, 1:]))
    most = _STEEPEST * np.concatenate([np.abs(chords[:, :1]), least, np.abs(chords[:, -1:])], axis=1)
    moves = np.broadcast_to((levels[:, -1:] > levels[:, :1])[..., None], slopes.shape)
    np.copyto(slopes, np.clip(slopes, -most, most), where=moves)
