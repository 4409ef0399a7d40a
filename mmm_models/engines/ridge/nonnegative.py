"""Least squares with coefficients that are not negative, many problems at a time."""

from __future__ import annotations

import numpy as np

from mmm_models.errors import EngineError

# Full exchanges that may fail to bring the number of wrong signs down, before one sign at a time is changed.
_PATIENCE = 3
_TOLERANCE = 1e-11


def nonnegative(gram: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The x >= 0 that minimises xᵀ G x / 2 - vᵀ x, exactly.

    Block principal pivoting: guess which x are above 0, solve for them, change sides where a sign is wrong (Kim and
    Park 2011, Fast nonnegative matrix factorization, SIAM J. Sci. Comput. 33:3261; Júdice and Pires 1994).

    Args:
        gram: G, positive definite (..., coefficient, coefficient).
        inner: v (..., coefficient).

    Returns:
        x (..., coefficient).

    Raises:
        EngineError: no solution is found, because G is not positive definite.
    """
    shape = np.broadcast_shapes(gram.shape[:-1], inner.shape)
    size = shape[-1]
    grams = np.broadcast_to(gram, (*shape, size)).reshape(-1, size, size)
    inners = np.broadcast_to(inner, shape).reshape(-1, size)
    x = np.zeros_like(inners)
    free = np.zeros(inners.shape, dtype=bool)
    fewest, patience = np.full(len(x), size + 1), np.full(len(x), _PATIENCE)
    slack = _TOLERANCE * (1 + np.abs(inners).max(axis=-1, keepdims=True, initial=0.0))
    for _ in range(100 + 20 * size):
        slope = (grams @ x[..., None])[..., 0] - inners
        wrong = np.where(free, x < 0, slope < -slack)
        open_problems = np.flatnonzero(wrong.any(axis=-1))
        if not len(open_problems):
            return x.reshape(shape)
        wrong, count = wrong[open_problems], wrong[open_problems].sum(axis=-1)
        better = count < fewest[open_problems]
        left = np.where(better, _PATIENCE, patience[open_problems] - 1)
        fewest[open_problems] = np.where(better, count, fewest[open_problems])
        patience[open_problems] = left
        # Murty's rule, which ends for certain: only the last of the wrong ones.
        last = size - 1 - np.argmax(wrong[:, ::-1], axis=-1)
        one = np.arange(size) == last[:, None]
        free[open_problems] ^= np.where((left < 0)[:, None], one, wrong)
        x[open_problems] = _solved(grams[open_problems], inners[open_problems], free[open_problems])
    raise EngineError(
        "the ridge regression found no coefficients of 0 or more: its matrix is not positive definite. Two channels "
        "may be the same series: drop or merge one"
    )


def _solved(grams: np.ndarray, inners: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The solution with coefficients that are not `free` at 0."""
    both = free[:, :, None] & free[:, None, :]
    matrix = np.where(both, grams, 0.0) + np.eye(free.shape[-1]) * ~free[:, None, :]
    return np.linalg.solve(matrix, np.where(free, inners, 0.0)[..., None])[..., 0] * free
