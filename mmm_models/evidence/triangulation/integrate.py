"""The four standard deviations integrated out: points that are spread evenly, and the weight of each.

Importance sampling on quasi-random points. The first points come from the prior, the next from a Student-t in the logs
with mean and covariance of the weighted points before (adaptive importance sampling, Oh & Berger 1992, J. Stat. Comp.
Sim. 41). Nothing here depends on chance: the same readings give the same points, in whatever order the readings come.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, ndtr, ndtri
from scipy.stats import qmc

# Of the Student-t: heavier tails than any posterior here, so that no weight is large by accident.
_DEGREES = 6
_ROUNDS = 2
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Points:
    """Values of the standard deviations (point, 4), their weights (point), which add up to 1, and how many count.

    `effective` is 1 / sum of squared weights (Kong 1992).
    """

    values: np.ndarray
    weights: np.ndarray

    @property
    def effective(self) -> float:
        """Number of equally weighted points that are worth as much."""
        return float(1.0 / (self.weights**2).sum())


def integrate(log_density: Callable[[np.ndarray], np.ndarray], scales: np.ndarray, size: int, seed: int) -> Points:
    """Weighted points of the posterior of HalfNormal(scales) standard deviations.

    Args:
        log_density: log likelihood of points (point, 4).
        scales: of the HalfNormal priors (4,).
        size: points of each round; a power of 2 spreads them best.
        seed: of the scrambling.
    """
    uniform = qmc.Sobol(len(scales) + 1, scramble=True, rng=seed).random(size)
    uniform = np.clip(uniform, _TINY, 1 - _TINY)
    values = scales * ndtri(0.5 + 0.5 * uniform[:, :-1])
    points = Points(values, _normalised(log_density(values)))
    for _ in range(_ROUNDS):
        logs, log_proposal = _student(points, uniform)
        values = np.exp(logs)
        # Density of the log of a HalfNormal: exp(-value^2 / 2 scale^2) times the value, up to a constant.
        prior = (-0.5 * (values / scales) ** 2 + logs).sum(axis=1)
        points = Points(values, _normalised(log_density(values) + prior - log_proposal))
    return points


def mixture_quantiles(mean: np.ndarray, sd: np.ndarray, weights: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Quantiles (level, x) of mixtures of normals: mean and sd (point, x), weights (point). By bisection."""
    low, high = (mean - 9 * sd).min(axis=0), (mean + 9 * sd).max(axis=0)
    safe = np.maximum(sd, _TINY)
    found = []
    for level in levels:
        below, above = low.copy(), high.copy()
        for _ in range(50):
            middle = 0.5 * (below + above)
            too_low = weights @ ndtr((middle - mean) / safe) < level
            below, above = np.where(too_low, middle, below), np.where(too_low, above, middle)
        found.append(0.5 * (below + above))
    return np.array(found)


def _normalised(log_weights: np.ndarray) -> np.ndarray:
    weights = np.exp(log_weights - log_weights.max())
    return weights / weights.sum()


def _student(points: Points, uniform: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logs of new points (point, 4), Student-t about the weighted ones, and their log density up to a constant."""
    logs = np.log(np.maximum(points.values, _TINY))
    centre = points.weights @ logs
    about = logs - centre
    factor = np.linalg.cholesky((about * points.weights[:, None]).T @ about + 1e-6 * np.eye(len(centre)))
    standard = ndtri(uniform[:, :-1])
    stretched = standard / np.sqrt(chdtri(_DEGREES, uniform[:, -1:]) / _DEGREES)
    density = -0.5 * (_DEGREES + len(centre)) * np.log1p((stretched**2).sum(axis=1) / _DEGREES)
    return centre + stretched @ factor.T, density
