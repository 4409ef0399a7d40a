"""A curve known by value and slope at the ends of a cell, anywhere between them: Hermite's cubic.

Everything that is tabulated is read by this piece: tables, draws by line, and the nodes that a plan is worked out at.
"""

import numpy as np


def cubic(
    t: np.ndarray, width: np.ndarray, low: np.ndarray, high: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope at the share `t` of a cell; all arguments are broadcast together.

    The error falls with the fourth power of the width. Where a slope is infinite (Hill curves of slope below 1 at zero)
    the chord is taken; a cell without width, as a line that may not move has, is its start.

    Args:
        t: where, from 0 to 1.
        width: of the cell.
        low, high: values at its ends.
        first, last: slopes at its ends.
    """
    rise = high - low
    with np.errstate(invalid="ignore"):
        a, b = first * width - rise, rise - last * width
    steep = ~(np.isfinite(a) & np.isfinite(b))
    if steep.any():
        a, b = np.where(steep, 0.0, a), np.where(steep, 0.0, b)
    bend = a * (1 - t) + b * t
    value = low + t * rise + t * (1 - t) * bend
    slope = rise + (1 - 2 * t) * bend + t * (1 - t) * (b - a)
    wide = width > 0
    return np.where(wide, value, low), np.where(wide, slope / np.where(wide, width, 1.0), first)
