"""An approximation to a density with weights that tell how far it may be trusted: Laplace, adapted, then weighted."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from scipy import optimize

from mmm_models.engines.marginal.quick_look.multivariate_t import MultivariateT

# Draws of each round of adaptation, and those that are weighted in the end: a multiple, so that one compiled function
# serves both.
_ROUNDS, _TRIED = 4, 4000
_WEIGHTED = 3 * _TRIED
# Step of the differences that give the curvature from gradients; the error is of its square.
_STEP = 1e-4
# Positions worked out together: as many as stay in the processor's cache.
_BATCH = 50
# No direction of the first guess is wider than this, in coordinates without limits.
_WIDEST = 3.0
# Below the largest log weight by this, a draw counts nothing.
_NOTHING = 700.0

type Density = Callable[[Any, jax.Array], jax.Array]  # (data, position) -> log density up to a constant


@dataclass(frozen=True)
class Weighted:
    """Draws of the approximation and how much each counts.

    Attributes:
        positions: (draw, dimension).
        weights: smoothed, and summing to 1 (draw).
        k_hat: shape of the Pareto distribution of the largest weights; from 0.7 on the weights are not to be trusted.
    """

    positions: np.ndarray
    weights: np.ndarray
    k_hat: float

    @property
    def effective(self) -> float:
        """Effective number of draws, 1 / Σ w² (Kong 1992)."""
        return float(1 / (self.weights**2).sum())

    def resampled(self, number: int, generator: np.random.Generator) -> np.ndarray:
        """`number` draws that count alike, in random order (Kitagawa 1996, J. Comp. Graph. Stat. 5:1, systematic)."""
        at = (generator.random() + np.arange(number)) / number
        picked = np.searchsorted(np.cumsum(self.weights), at).clip(max=len(self.weights) - 1)
        return self.positions[generator.permutation(picked)]


def approximate(density: Density, data: Any, start: np.ndarray, generator: np.random.Generator) -> Weighted:
    """Weighted draws of a density.

    The mode is searched, a t with the curvature there tried, and moved four times to where the weights of its draws say
    that the density lies (Cappé et al. 2008, Statistics and Computing 18:447, population Monte Carlo). Draws of the
    last t are weighted, the weights smoothed, and k-hat told (Vehtari et al. 2024, JMLR 25:72). That is fixed
    beforehand: no round is chosen for its k-hat.

    Args:
        density: log density; the same object for the same structure, so that it is compiled once.
        data: its first argument.
        start: where the search for the mode starts (dimension).
        generator: of the random numbers.
    """
    proposal = laplace(density, data, start)
    for _ in range(_ROUNDS):
        tried = _weighted(density, data, proposal, _TRIED, generator)
        proposal = proposal.towards(tried.positions, tried.weights)
    return _weighted(density, data, proposal, _WEIGHTED, generator)


def laplace(density: Density, data: Any, start: np.ndarray) -> MultivariateT:
    """The t around the mode with the density's curvature there (Tierney and Kadane 1986, JASA 81:82)."""

    def downhill(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = _value_and_gradient(density, data, x)
        return -float(value), -np.asarray(gradient)

    mode = optimize.minimize(downhill, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    # Differences of gradients: a Hessian of its own takes longer to compile than all the rest.
    slopes = [(downhill(mode + step)[1] - downhill(mode - step)[1]) / (2 * _STEP) for step in _STEP * np.eye(len(mode))]
    curvature, directions = np.linalg.eigh((np.array(slopes) + np.array(slopes).T) / 2)
    width = 1 / np.sqrt(np.maximum(curvature, 1 / _WIDEST**2))
    return MultivariateT(mode, np.linalg.cholesky((directions * width**2) @ directions.T))


def _weighted(
    density: Density, data: Any, proposal: MultivariateT, number: int, generator: np.random.Generator
) -> Weighted:
    from arviz_stats.base import array_stats

    positions = proposal.draw(number, generator)
    parts = np.split(positions, number // _TRIED)
    values = np.concatenate([np.asarray(_values(density, data, part)) for part in parts])
    log_weights = values - proposal.log_density(positions)
    log_weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    log_weights = np.maximum(log_weights - log_weights.max(), -_NOTHING)
    # The library takes log ratios with the sign of a log likelihood that is left out.
    smoothed, k_hat = array_stats.psislw(-log_weights)
    weights = np.exp(smoothed - smoothed.max())
    return Weighted(positions, weights / weights.sum(), float(k_hat))


@functools.partial(jax.jit, static_argnums=0)
def _value_and_gradient(density: Density, data: Any, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jax.value_and_grad(density, argnums=1)(data, x)


@functools.partial(jax.jit, static_argnums=0)
def _values(density: Density, data: Any, positions: jax.Array) -> jax.Array:
    return jax.lax.map(functools.partial(density, data), positions, batch_size=_BATCH)
