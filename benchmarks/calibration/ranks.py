"""Are ranks uniform? Chi-square of a histogram, and the ECDF against simultaneous bands."""

from __future__ import annotations

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
    from scipy import stats

    n, share = len(ranks), np.arange(1, values) / values
    below = np.arange(n + 1)[:, None]
    tails = 2 * np.minimum(stats.binom.cdf(below, n, share), stats.binom.sf(below - 1, n, share))

    def straying(counts: np.ndarray) -> np.ndarray:
        return tails[np.cumsum(counts, axis=-1)[..., :-1], np.arange(values - 1)].min(axis=-1)

    chance = np.random.default_rng(seed).multinomial(n, np.full(values, 1 / values), size=_SIMULATED)
    found = straying(np.bincount(ranks, minlength=values))
    return float((np.sum(straying(chance) <= found) + 1) / (_SIMULATED + 1))
