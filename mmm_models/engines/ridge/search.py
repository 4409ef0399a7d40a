"""The search for curves: one channel after the other takes the candidate that leaves the least to explain.

Minimised for each response y is, over candidates p and θ >= 0,

    Σ_m |y_m - Σ_c z_cpm θ_cm|² + penalty · weeks · Σ_cm θ_cm²

with z a channel's curve, standardised and freed of the baseline. With all else fixed, the best θ of a channel and
candidate is max(zᵀr, 0) / (|z|² + penalty · weeks), and it brings that times max(zᵀr, 0): one matrix product tells it
for all candidates and responses. Between rounds all θ are solved for together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm_models.engines.ridge.nonnegative import nonnegative
from mmm_models.engines.ridge.problem import Candidates

# A candidate must be better by this share, so that equals do not take turns.
_BETTER = 1e-9
_ROUNDS = 50


@dataclass(frozen=True)
class Found:
    """For each response: the candidate of each channel (response, channel), its θ (response, market, channel), and what
    is left to explain, with the penalty (response)."""

    chosen: np.ndarray
    theta: np.ndarray
    objective: np.ndarray

    def best(self) -> Found:
        """The response that leaves least to explain, alone."""
        row = [np.argmin(self.objective)]
        return Found(self.chosen[row], self.theta[row], self.objective[row])


def search(library: list[Candidates], responses: np.ndarray, penalty: float, start: np.ndarray) -> Found:
    """Search from `start` (response, channel) until no channel of a response has a better candidate.

    Args:
        library: candidates of each channel.
        responses: (response, market, week), freed of the baseline.
        penalty: of θ², in shares of the number of weeks.
        start: candidates to begin with.

    The result cannot be bettered by moving one channel; it may be by moving two. After fifty rounds the search ends
    where it is.
    """
    ridge = penalty * responses.shape[-1]
    norms = [(each.freed**2).sum(axis=-1) + ridge for each in library]
    chosen, going = start.copy(), np.arange(len(responses))
    for _ in range(_ROUNDS):
        moved = _round(library, norms, responses[going], ridge, chosen[going])
        changed = (moved != chosen[going]).any(axis=-1)
        chosen[going] = moved
        going = going[changed]
        if not len(going):
            break
    theta, left = solve(library, responses, ridge, chosen)
    return Found(chosen, theta, (left**2).sum(axis=(-1, -2)) + ridge * (theta**2).sum(axis=(-1, -2)))


def _round(
    library: list[Candidates], norms: list[np.ndarray], responses: np.ndarray, ridge: float, chosen: np.ndarray
) -> np.ndarray:
    theta, left = solve(library, responses, ridge, chosen)
    chosen, rows = chosen.copy(), np.arange(len(chosen))
    for channel, own in enumerate(library):
        now = chosen[:, channel]
        # (response, market, week): what is left for this channel.
        left += theta[:, :, channel, None] * own.freed[:, now].transpose(1, 0, 2)
        pulls = np.maximum(np.matmul(left.transpose(1, 0, 2), own.freed.transpose(0, 2, 1)), 0.0)
        gain = (pulls**2 / norms[channel][:, None, :]).sum(axis=0)
        best = np.argmax(gain, axis=-1)
        now = np.where(gain[rows, best] > (1 + _BETTER) * gain[rows, now], best, now)
        chosen[:, channel] = now
        own_theta = (pulls[:, rows, now] / norms[channel][:, now]).T
        left -= own_theta[:, :, None] * own.freed[:, now].transpose(1, 0, 2)
    return chosen


def solve(
    library: list[Candidates], responses: np.ndarray, ridge: float, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The ridge regression on chosen candidates: θ (response, market, channel), and what it leaves of the responses."""
    curves = picked(library, chosen)
    gram = np.einsum("rmct,rmdt->rmcd", curves, curves, optimize=True) + ridge * np.eye(len(library))
    inner = np.einsum("rmct,rmt->rmc", curves, responses, optimize=True)
    theta = nonnegative(gram, inner)
    return theta, responses - np.einsum("rmct,rmc->rmt", curves, theta, optimize=True)


def picked(library: list[Candidates], chosen: np.ndarray) -> np.ndarray:
    """Curves of the chosen candidates, standardised and freed of the baseline (response, market, channel, week)."""
    return np.stack([own.freed[:, chosen[:, c]].transpose(1, 0, 2) for c, own in enumerate(library)], axis=2)
