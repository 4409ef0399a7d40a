"""A curve known by value and slope at some points, on a finer grid."""

import numpy as np

from mmm_models.planning.cubic import cubic


def hermite(
    at: np.ndarray, values: np.ndarray, slopes: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Values and slopes at `wanted` (…, point) of the piecewise cubics through `values` and `slopes` at `at` (…, node).

    A slope beyond three times
    the steepest neighbouring chord is cut to that, which keeps the curve monotone where its nodes are (Fritsch &
    Carlson, SIAM Journal on Numerical Analysis 17, 1980, 238-246): curves may be infinitely steep at zero.
    """
    width = np.diff(at, axis=-1)
    chord = np.diff(values, axis=-1) / np.where(width > 0, width, 1.0)
    steepest = np.maximum(
        np.concatenate([chord[..., :1], chord], axis=-1), np.concatenate([chord, chord[..., -1:]], axis=-1)
    )
    slopes = np.minimum(slopes, 3.0 * np.maximum(steepest, 0.0))
    cell = np.clip((wanted[..., None] >= at[..., None, :]).sum(axis=-1) - 1, 0, at.shape[-1] - 2)

    def pick(array: np.ndarray, step: int = 0) -> np.ndarray:
        return np.take_along_axis(array, cell + step, axis=-1)

    h = pick(width)
    t = (wanted - pick(at)) / np.where(h > 0, h, 1.0)
    return cubic(t, h, pick(values), pick(values, 1), pick(slopes), pick(slopes, 1))
