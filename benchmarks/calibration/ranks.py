"""Are ranks uniform? Chi-square of a histogram, and the ECDF against simultaneous bands."""

from __future__ import annotations

import functools

import numpy as np

# Histories of uniform ranks that tell how far an ECDF strays by chance.
_SIMULATED = 20_000


def chi_square(ranks: np.ndarray, values: int, bins: int) -> tuple[float, float]:
    """Pearson's statistic of ranks 0 .. values - 1 in equal bins, and its p-value (bins - 1 degrees of freedom)."""
    from scipy import stats

    if values % bins:
        raise ValueError(f"{values} ranks do not fall into {bins} equal bins; take a divisor of {values}")
    counts = np.bincount(ranks * bins // values, minlength=bins)
    expected = len(ranks) / bins
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return statistic, float(stats.chi2.sf(statistic, bins - 1))


def ecdf_p_value(ranks: np.ndarray, values: int, seed: int = 1) -> float:
    """Probability that the ECDF of uniform ranks strays as far as this one's, at the rank where it strays most.

    How many of N ranks are at most k is Binomial(N, (k + 1) / values); the statistic is the least two-sided tail
    probability over k, its distribution is simulated. Simultaneous bands of coverage 1 - a hold the ECDF exactly where
    this is above a (Säilynoja, Bürkner and Vehtari 2022, Graphical test for discrete uniformity, section 3).
    """
    chance = _by_chance(len(ranks), values, seed)
    found = _straying(np.bincount(ranks, minlength=values), _tails(len(ranks), values))
    return float((np.searchsorted(chance, found, side="right") + 1) / (len(chance) + 1))


@functools.lru_cache(maxsize=8)
def _by_chance(n: int, values: int, seed: int) -> np.ndarray:
    """The statistic of many sets of n uniform ranks, ascending."""
    counts = np.random.default_rng(seed).multinomial(n, np.full(values, 1 / values), size=_SIMULATED)
    return np.sort(_straying(counts, _tails(n, values)))


def _tails(n: int, values: int) -> np.ndarray:
    """Two-sided tail probability of each number of ranks up to k, (number, k)."""
    from scipy import stats

    number, share = np.arange(n + 1)[:, None], np.arange(1, values) / values
    return 2 * np.minimum(stats.binom.cdf(number, n, share), stats.binom.sf(number - 1, n, share))


def _straying(counts: np.ndarray, tails: np.ndarray) -> np.ndarray:
    """The least tail probability of the ECDF of counts (..., rank)."""
    below = np.cumsum(counts, axis=-1)[..., :-1]
    return tails[below, np.arange(tails.shape[1])].min(axis=-1)
