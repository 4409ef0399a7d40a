"""Which draws choose a plan and which report on it: from different chains, so that neither has seen the other."""

import numpy as np

from mmm_models.fit import Fit, StackedFit
from mmm_models.planning.errors import PlanError


def split_draws(fit: Fit | StackedFit, choosing: int, reporting: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the draws that choose and of those that report, ascending, each thinned evenly to what is asked for.

    The first half of each structure's draws chooses, the second reports. Draws stand chain after chain, so that with
    two chains or more the halves come from chains of their own: neighbours in a chain resemble each other.

    Raises:
        PlanError: the fit holds fewer than 4 draws.
    """
    if fit.samples < 4:
        raise PlanError(
            f"The fit holds {fit.samples} posterior samples; planning needs at least 4 (2 choose, 2 report)."
        )
    sizes = [own.size for _, own in fit.split(np.arange(fit.samples))] if isinstance(fit, StackedFit) else [fit.samples]
    halves: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    start = 0
    for size in sizes:
        middle = start + size // 2
        halves[0].append(np.arange(start, middle))
        halves[1].append(np.arange(middle, start + size))
        start += size
    first, second = (np.concatenate(half) for half in halves)
    return _thinned(first, choosing), _thinned(second, reporting)


def _thinned(indices: np.ndarray, most: int) -> np.ndarray:
    if indices.size <= most:
        return indices
    return indices[np.linspace(0, indices.size - 1, most).round().astype(int)]
