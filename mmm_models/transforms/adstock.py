"""Geometric carryover with a finite memory, normalised so that a constant spend stays what it is."""

import numpy as np


def adstock_weights(alpha: np.ndarray, max_lag: int) -> np.ndarray:
    """Return the weights alpha^l / sum_k alpha^k for l = 0 .. max_lag - 1; shape `alpha.shape + (max_lag,)`.

    Equals PyMC-Marketing's `GeometricAdstock(l_max=max_lag, normalize=True)`. With alpha 0 all weight is on lag 0.
    Raises ValueError for alpha outside [0, 1] or max_lag below 1.
    """
    alpha = np.asarray(alpha, dtype=np.float64)
    if max_lag < 1:
        raise ValueError(f"max_lag is {max_lag}; at least the week itself has a weight, so give 1 or more")
    if alpha.size and not (alpha.min() >= 0 and alpha.max() <= 1):
        raise ValueError(f"alpha must lie in [0, 1]; it runs from {alpha.min():g} to {alpha.max():g}")
    powers = alpha[..., None] ** np.arange(max_lag)
    return powers / powers.sum(axis=-1, keepdims=True)


def geometric_adstock(x: np.ndarray, alpha: np.ndarray, max_lag: int) -> np.ndarray:
    """Carry `x` over: y_t = sum_l w_l x_{t-l}, with zeros before the first week.

    Args:
        x: spend, shape (week, series).
        alpha: retention, shape (sample, series).
        max_lag: number of weights.

    Returns:
        Array of shape (sample, week, series), in the units of `x`.
    """
    x = np.asarray(x, dtype=np.float64)
    weights = adstock_weights(alpha, max_lag)
    padded = np.concatenate([np.zeros((max_lag - 1, x.shape[1])), x])
    # windows[t, s, l] = x[t - l, s]: the sum over lags becomes one matrix product a series, which BLAS does fastest.
    windows = np.lib.stride_tricks.sliding_window_view(padded, max_lag, axis=0)[:, :, ::-1]
    lagged = np.ascontiguousarray(windows.transpose(1, 2, 0))
    carried = np.matmul(weights.transpose(1, 0, 2), lagged)
    return np.ascontiguousarray(carried.transpose(1, 2, 0))
