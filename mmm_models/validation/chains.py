"""R-hat and effective sample sizes of many quantities at once; arrays are (quantity, chain, draw).

The definitions are those of Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021 (arXiv:1903.08008). Tests hold each
figure to `arviz_stats`, which takes two seconds to import and quantities one by one: of a small model that is longer
than sampling takes, and of a thousand quantities longer still.
"""

from __future__ import annotations

import numpy as np

_TAILS = (0.05, 0.95)


def r_hat(draws: np.ndarray) -> np.ndarray:
    """Rank-normalised split R-hat, the larger of that of the draws and of their distance to the median; (quantity)."""
    halves = _split(draws)
    distance = np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True))
    return np.maximum(_plain_r_hat(_normal_scores(halves)), _plain_r_hat(_normal_scores(distance)))


def ess_bulk(draws: np.ndarray) -> np.ndarray:
    """Effective sample size of the rank-normalised draws, chains split; (quantity)."""
    return _ess(_normal_scores(_split(draws)))


def ess_tail(draws: np.ndarray) -> np.ndarray:
    """The smaller effective sample size of the 5 % and the 95 % quantile, chains split; (quantity)."""
    ends = np.quantile(draws, _TAILS, axis=(1, 2))
    return np.minimum(*(_ess(_split((draws <= end[:, None, None]).astype(float))) for end in ends))


def _split(draws: np.ndarray) -> np.ndarray:
    """Each chain as two; an odd draw in the middle is left out."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[:, :, :half], draws[:, :, -half:]], axis=1)


def _normal_scores(draws: np.ndarray) -> np.ndarray:
    """Normal quantiles of the ranks over all chains (Blom 1958); draws that are equal share their mean rank."""
    from scipy.special import ndtri

    flat = draws.reshape(len(draws), -1)
    size = flat.shape[1]
    order = np.argsort(flat, axis=1)
    ascending = np.take_along_axis(flat, order, axis=1)
    differs = ascending[:, 1:] != ascending[:, :-1]
    edge, position = np.ones((len(flat), 1), dtype=bool), np.arange(size)
    first = np.maximum.accumulate(np.where(np.hstack([edge, differs]), position, 0), axis=1)
    last = np.where(np.hstack([differs, edge]), position, size)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    rank = np.empty(flat.shape)
    np.put_along_axis(rank, order, (first + last) / 2 + 1, axis=1)
    return ndtri((rank - 3 / 8) / (size + 1 / 4)).reshape(draws.shape)


def _plain_r_hat(draws: np.ndarray) -> np.ndarray:
    n = draws.shape[2]
    between = n * draws.mean(axis=2).var(axis=1, ddof=1)
    within = draws.var(axis=2, ddof=1).mean(axis=1)
    return np.sqrt((between / within + n - 1) / n)


def _ess(draws: np.ndarray) -> np.ndarray:
    """Chains x draws by their autocorrelation time: Geyer's initial monotone sequence over all chains."""
    _, chains, n = draws.shape
    covariance = _autocovariance(draws)
    within = covariance[:, :, 0].mean(axis=1) * n / (n - 1)
    total = within * (n - 1) / n + (draws.mean(axis=2).var(axis=1, ddof=1) if chains > 1 else 0.0)
    still = total <= 0
    rho = 1 - (within[:, None] - covariance.mean(axis=1)) / np.where(still, 1.0, total)[:, None]
    rho[:, 0] = 1.0
    # The loop of the definition looks at pairs of lags until the first that is not positive, or the data end.
    pairs = rho[:, 0 : n // 2 * 2 : 2] + rho[:, 1 : n // 2 * 2 : 2]
    reach = max(0, (n - 3) // 2)
    ended = pairs[:, : reach + 1] <= 0
    ended[:, -1] = True
    end = ended.argmax(axis=1)
    before = np.arange(pairs.shape[1]) < end[:, None]
    monotone = np.where(before, np.minimum.accumulate(pairs, axis=1), 0.0).sum(axis=1)
    at_end = (np.arange(len(rho)), end)
    left = rho[at_end[0], 2 * end]
    left = np.where((left > 0) | (pairs[at_end] >= 0), left, 0.0)
    size = chains * n
    time = np.maximum(2 * monotone - 1 + left, 1 / np.log10(size))
    return np.where(still, size, size / time)


def _autocovariance(draws: np.ndarray) -> np.ndarray:
    """Of each chain at each lag, divided by the number of draws."""
    n = draws.shape[2]
    length = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(draws - draws.mean(axis=2, keepdims=True), length, axis=2)
    return np.fft.irfft(np.abs(spectrum) ** 2, length, axis=2)[:, :, :n] / n
