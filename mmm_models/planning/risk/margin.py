"""Draws of an uncertain gross margin."""

import numpy as np


def margin_draws(mean: float, sd: float, samples: int, *, seed: int = 0) -> np.ndarray:
    """Margins (sample): money that a unit of outcome is worth, lognormal with this mean and standard deviation.

    Lognormal, because a margin is above 0 and is a product of factors (price, cost of goods, exchange rates, returns),
    each known to some per cent. The draws are the quantiles of equal shares of the distribution, in an order that
    `seed` shuffles: independent of the posterior draws that they meet, without the noise of sampling. Their mean is
    exact; what lies beyond the outermost quantiles makes their standard deviation a little smaller than `sd`.
    """
    if sd == 0:
        return np.full(samples, float(mean))
    from scipy.special import ndtri

    variance = np.log1p((sd / mean) ** 2)
    normal = ndtri((np.arange(samples) + 0.5) / samples)
    draws = np.exp(np.sqrt(variance) * normal)
    return np.random.default_rng(seed).permutation(draws * (mean / draws.mean()))
