"""Carryover with a finite memory: which share of a week's pressure acts in that week and in the weeks after it.

Weights are normalised, so that a constant spend stays what it is. Each kind equals PyMC-Marketing's component of that
name with `normalize=True`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


def geometric_weights(lag: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """alpha^l. With alpha 0 all weight is on lag 0."""
    return alpha**lag


def delayed_weights(lag: np.ndarray, alpha: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """alpha^((l - theta)^2): a bell around lag theta (Jin et al. 2017, Bayesian methods for media mix modeling)."""
    return alpha ** ((lag - theta) ** 2)


def weibull_pdf_weights(lag: np.ndarray, lam: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Density of a Weibull(shape k, scale lam) at l + 1, moved and scaled to run from 0 to 1 over the memory.

    Where it is the same in every week (a memory of one week, or a scale so short that nothing is left of it), 1.
    """
    t = (lag + 1) / lam
    density = k / lam * np.exp((k - 1) * np.log(t) - t**k)
    least = density.min(axis=-1, keepdims=True)
    width = density.max(axis=-1, keepdims=True) - least
    return np.where(width > 0, (density - least) / np.where(width > 0, width, 1.0), 1.0)


def weibull_cdf_weights(lag: np.ndarray, lam: np.ndarray, k: np.ndarray) -> np.ndarray:
    """What is left after l weeks when week j keeps the share 1 - F(j), F that of a Weibull(shape k, scale lam)."""
    hazard = np.where(lag > 0, (np.broadcast_to(lag, np.broadcast_shapes(lag.shape, lam.shape)) / lam) ** k, 0.0)
    return np.exp(-np.cumsum(hazard, axis=-1))


@dataclass(frozen=True)
class Adstock:
    """A kind of carryover: `weights(lag, **parameters)` before they are normalised, along the last axis."""

    kind: str
    parameters: tuple[str, ...]
    weights: Callable[..., np.ndarray]


ADSTOCKS: dict[str, Adstock] = {
    adstock.kind: adstock
    for adstock in (
        Adstock("geometric", ("alpha",), geometric_weights),
        Adstock("delayed", ("alpha", "theta"), delayed_weights),
        Adstock("weibull_pdf", ("lam", "k"), weibull_pdf_weights),
        Adstock("weibull_cdf", ("lam", "k"), weibull_cdf_weights),
    )
}


def adstock_weights(kind: str, parameters: Mapping[str, np.ndarray], max_lag: int) -> np.ndarray:
    """Return the weights of lags 0 .. max_lag - 1, which sum to 1.

    Args:
        kind: a key of `ADSTOCKS`.
        parameters: each of that kind's parameters, of one shape.
        max_lag: number of weights.

    Returns:
        Array of the parameters' shape and, last, `max_lag`.

    Raises:
        ValueError: alpha outside [0, 1], or max_lag below 1.
    """
    if max_lag < 1:
        raise ValueError(f"max_lag is {max_lag}; at least the week itself has a weight, so give 1 or more")
    arrays = {name: np.asarray(parameters[name], dtype=np.float64)[..., None] for name in ADSTOCKS[kind].parameters}
    alpha = arrays.get("alpha")
    if alpha is not None and alpha.size and not (alpha.min() >= 0 and alpha.max() <= 1):
        raise ValueError(f"alpha must lie in [0, 1]; it runs from {alpha.min():g} to {alpha.max():g}")
    weights = ADSTOCKS[kind].weights(np.arange(max_lag, dtype=np.float64), **arrays)
    return weights / weights.sum(axis=-1, keepdims=True)


def carry_over(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Carry `x` over: y_t = sum_l w_l x_{t-l}, with zeros before the first week.

    Args:
        x: spend, shape (week, series), the same for all samples, or (sample, week, series).
        weights: of each lag, shape (sample, series, lag).

    Returns:
        Array of shape (sample, week, series), in the units of `x`.
    """
    x = np.asarray(x, dtype=np.float64)
    max_lag = weights.shape[-1]
    if x.ndim == 3:
        carried = np.zeros((max(len(x), len(weights)), *x.shape[1:]))
        for lag in range(min(max_lag, x.shape[1])):
            carried[:, lag:] += weights[:, None, :, lag] * x[:, : x.shape[1] - lag]
        return carried
    padded = np.concatenate([np.zeros((max_lag - 1, x.shape[1])), x])
    # windows[t, s, l] = x[t - l, s]: the sum over lags becomes one matrix product a series, which BLAS does fastest.
    windows = np.lib.stride_tricks.sliding_window_view(padded, max_lag, axis=0)[:, :, ::-1]
    lagged = np.ascontiguousarray(windows.transpose(1, 2, 0))
    carried = np.matmul(weights.transpose(1, 0, 2), lagged)
    return np.ascontiguousarray(carried.transpose(1, 2, 0))
