"""The distribution that stands in for a posterior: Student's t in several dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

# Degrees of freedom. Heavier tails than most posteriors of this kind, so that few weights stand out.
FREEDOM = 5.0


@dataclass(frozen=True)
class MultivariateT:
    """t with `FREEDOM` degrees of freedom.

    Attributes:
        center: (dimension).
        factor: lower Cholesky factor of its scale matrix (dimension, dimension).
    """

    center: np.ndarray
    factor: np.ndarray

    def draw(self, number: int, generator: np.random.Generator) -> np.ndarray:
        """Independent draws (draw, dimension)."""
        normal = generator.standard_normal((number, len(self.center)))
        return self.center + normal @ self.factor.T / np.sqrt(generator.chisquare(FREEDOM, (number, 1)) / FREEDOM)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density at x (draw, dimension); (draw)."""
        dimension = len(self.center)
        constant = gammaln((FREEDOM + dimension) / 2) - gammaln(FREEDOM / 2) - dimension / 2 * np.log(FREEDOM * np.pi)
        volume = np.log(np.diag(self.factor)).sum()
        return constant - volume - (FREEDOM + dimension) / 2 * np.log1p(self._distance(x) / FREEDOM)

    def towards(self, x: np.ndarray, weights: np.ndarray) -> MultivariateT:
        """One step towards the t that is likeliest for x (draw, dimension) with `weights` (draw), which sum to 1.

        A step of expectation-maximisation (Lange, Little and Taylor 1989, JASA 84:881). The fewer draws the weights
        leave, the more of the old scale matrix stays: a share of dimension / (dimension + effective draws).
        """
        dimension, effective = x.shape[1], 1 / (weights**2).sum()
        pull = weights * (FREEDOM + dimension) / (FREEDOM + self._distance(x))
        center = pull @ x / pull.sum()
        apart = x - center
        kept = dimension / (dimension + effective)
        scale = (1 - kept) * (apart.T * pull) @ apart + kept * self.factor @ self.factor.T
        return MultivariateT(center, np.linalg.cholesky(scale))

    def _distance(self, x: np.ndarray) -> np.ndarray:
        """Squared Mahalanobis distance from the center."""
        return (solve_triangular(self.factor, (x - self.center).T, lower=True) ** 2).sum(axis=0)
