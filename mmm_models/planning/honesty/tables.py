"""Tables of many draws, or of halves of draws, read between their points."""

import numpy as np

from mmm_models.planning.cubic import cubic
from mmm_models.planning.dual import ValueTable


def resampled(table: ValueTable, levels: np.ndarray) -> ValueTable:
    """A table (…, line, point) at other `levels` (line, wanted); beyond its ends it is taken at its end."""
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
        ends = (part[..., line, k + step] for part in (table.values, table.slopes) for step in (0, 1))
        values[..., line, :], slopes[..., line, :] = cubic(t, width.astype(kind), *ends)
    return ValueTable(levels, values, slopes)


def at_levels(table: ValueTable, levels: np.ndarray) -> np.ndarray:
    """Values (…, line, wanted) of a table (…, line, point) at `levels` (line, wanted); see `resampled`."""
    return resampled(table, levels).values
