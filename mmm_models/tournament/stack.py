"""Weights of structures: the mixture of their forecasts that would have forecast best."""

import numpy as np

# Points credited to each structure beforehand: where forecasts do not tell structures apart, weights do not, either.
EVEN_POINTS = 1.0
# Differences of a log score below this are noise, whatever their standard error says.
_ALWAYS_CLOSE = 4.0
_STEPS = 100_000
_SETTLED = 1e-10


def close_to_best(log_densities: np.ndarray) -> np.ndarray:
    """Which structures (structure, of bool) forecast about as well as the best.

    Behind it by two standard errors of the difference at most, or by less than 4: with so few points the error of a
    small difference is not to be relied on (Sivula, Magnusson, Matamoros and Vehtari 2020, arXiv:2008.10296).

    Args:
        log_densities: log density of each point under each structure (structure, point).
    """
    scores = np.asarray(log_densities, dtype=float)
    behind = scores[scores.sum(axis=1).argmax()] - scores
    return behind.sum(axis=1) <= np.maximum(_ALWAYS_CLOSE, 2.0 * error_of_sum(behind))


def error_of_sum(points: np.ndarray) -> np.ndarray:
    """Standard error of a sum over points (..., point): the root of their number times their deviation.

    Source: Vehtari, Gelman and Gabry 2017, Statistics and Computing 27:1413, equations 23 and 24.
    """
    number = points.shape[-1]
    return np.sqrt(number) * points.std(axis=-1, ddof=1) if number > 1 else np.full(points.shape[:-1], np.nan)


def stacking_weights(log_densities: np.ndarray, even: float = EVEN_POINTS) -> np.ndarray:
    """Return weights (structure), 0 or more with the sum 1, that maximise

        sum_i log sum_k w_k p_ik + even * sum_k log w_k

    over the points i that were forecast with densities p_ik by structure k: stacking of predictive distributions (Yao,
    Vehtari, Simpson and Gelman 2018, Bayesian Analysis 13:917, equation 4), with a Dirichlet(1 + even) prior on the
    weights, because a few dozen points leave them nearly open (`even` 0 is plain stacking). The problem is concave;
    each step is one of expectation maximisation for mixture weights (Dempster, Laird and Rubin 1977, section 4.3), and
    raises it.

    Args:
        log_densities: log p_ik (structure, point).
        even: points that each structure is credited with beforehand.

    Raises:
        ValueError: a density that is not a number, or a point to which every structure gives the density 0.
    """
    scores = np.asarray(log_densities, dtype=float)
    if np.isnan(scores).any() or not np.isfinite(scores.max(axis=0)).all():
        raise ValueError("stacking needs log densities that are numbers, and finite for one structure at each point")
    structures, points = scores.shape
    # A point's densities by their largest: the weights do not change, and nothing underflows.
    densities = np.exp(scores - scores.max(axis=0))
    weights = np.full(structures, 1.0 / structures)
    for _ in range(_STEPS):
        shares = weights[:, None] * densities
        credited = (shares / shares.sum(axis=0)).sum(axis=1) + even
        step = credited / (points + even * structures)
        settled = np.abs(step - weights).max() < _SETTLED
        weights = step
        if settled:
            break
    return weights


def weights_of(log_densities: np.ndarray, least: float) -> np.ndarray:
    """Stack the structures that forecast about as well as the best; the others weigh 0.

    A mixture gains from a poor structure whenever a few of its points are good. That is right for a forecast, and wrong
    for returns: the draws of that structure carry its returns, whatever the points were. Weights below `least` are set
    to 0 and the others scaled; the largest always stays.

    Args:
        log_densities: as in `stacking_weights`.
        least: smallest weight that is kept, as a share.
    """
    scores = np.asarray(log_densities, dtype=float)
    close = close_to_best(scores)
    weights = np.zeros(len(scores))
    weights[close] = stacking_weights(scores[close])
    kept = np.where((weights >= least) | (weights == weights.max()), weights, 0.0)
    return kept / kept.sum()
