"""Tables of many draws, or of halves of draws, read between their points."""

import numpy as np

from mmm_models.planning.dual import ValueTable


def resampled(table: ValueTable, levels: np.ndarray) -> ValueTable:
    """A table (…, line, point) at other `levels` (line, wanted), by Hermite's cubics through values and slopes.

    Beyond its ends a table is taken at its end; where a slope is infinite, the chord is taken.
    """
    kind, shape = table.values.dtype, (*table.values.shape[:-1], levels.shape[-1])
    values, slopes = np.empty(shape, kind), np.empty(shape, kind)
    for line, wanted in enumerate(levels):
        grid = table.levels[line]
        if grid[-1] <= grid[0]:
            values[..., line, :], slopes[..., line, :] = table.values[..., line, :1], table.slopes[..., line, :1]
            continue
        k = np.clip(np.searchsorted(grid, wanted, side="right") - 1, 0, grid.size - 2)
        width = grid[k + 1] - grid[k]
        safe = np.where(width > 0, width, 1.0).astype(kind)
        t = np.clip((wanted - grid[k]) / safe, 0.0, 1.0).astype(kind)
        start, end = table.values[..., line, k], table.values[..., line, k + 1]
        rise = end - start
        with np.errstate(invalid="ignore"):
            a = table.slopes[..., line, k] * safe - rise
            b = rise - table.slopes[..., line, k + 1] * safe
        straight = ~(np.isfinite(a) & np.isfinite(b))
        a, b = np.where(straight, 0.0, a), np.where(straight, 0.0, b)
        mixed = a * (1 - t) + b * t
        values[..., line, :] = start + t * rise + t * (1 - t) * mixed
        slopes[..., line, :] = (rise + (1 - 2 * t) * mixed + t * (1 - t) * (b - a)) / safe
    return ValueTable(levels, values, slopes)


def at_levels(table: ValueTable, levels: np.ndarray) -> np.ndarray:
    """Values (…, line, wanted) of a table (…, line, point) at `levels` (line, wanted); see `resampled`."""
    return resampled(table, levels).values
