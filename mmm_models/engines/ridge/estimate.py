"""The point estimate: a search over the whole priors, then two around what it found, each with a penalty of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm_models.engines.ridge.penalty import PATH, choose_penalty
from mmm_models.engines.ridge.problem import Candidates, Problem, candidates, searched, spread_out
from mmm_models.engines.ridge.search import Found, search

# Candidates of a channel: over the whole priors, and within these distances of the best (shares of a prior's mass).
_GLOBAL, _NEAR = 128, 64
_DISTANCES = (0.15, 0.04)
_STARTS = 16
# Numbers that all candidates may hold in memory at a time.
_MEMORY = 30_000_000


@dataclass(frozen=True)
class Estimate:
    """What was found.

    Attributes:
        library: candidates of each channel, those near the estimate among them.
        found: the estimate, as one response.
        penalty: the strength of the ridge that cross-validation chose.
    """

    library: list[Candidates]
    found: Found
    penalty: float


def estimate(problem: Problem, generator: np.random.Generator) -> Estimate:
    """Curves, penalty and effects of the data.

    The search starts at sixteen places, because channels that move together make several of them look best.
    """
    response = (problem.freed(problem.outcome) / problem.unit[:, None])[None]
    channels = range(len(problem.channels))
    cells = len(problem.channels) * problem.outcome.size
    share = min(1.0, _MEMORY / (cells * (_GLOBAL + len(_DISTANCES) * _NEAR)))
    wide, near = max(16, int(share * _GLOBAL)), max(8, int(share * _NEAR))
    library = [
        candidates(problem, channel, spread_out(wide, len(searched(problem.channels[channel])), generator))
        for channel in channels
    ]
    penalty = float(np.median(PATH))
    starts = generator.integers(wide, size=(_STARTS, len(library)))
    found = search(library, np.repeat(response, _STARTS, axis=0), penalty, starts).best()
    for distance in _DISTANCES:
        penalty = choose_penalty(problem, curves_found(problem, library, found))
        for channel in channels:
            center = library[channel].quantile[found.chosen[0, channel]]
            points = center + distance * (2 * spread_out(near, len(center), generator) - 1)
            library[channel] = library[channel].and_those(candidates(problem, channel, points))
        found = search(library, response, penalty, found.chosen)
    penalty = choose_penalty(problem, curves_found(problem, library, found))
    return Estimate(library, search(library, response, penalty, found.chosen), penalty)


def curves_found(problem: Problem, library: list[Candidates], found: Found) -> np.ndarray:
    """Curves of the first response, standardised, with their baseline (market, channel, week)."""
    chosen = found.chosen[0]
    freed = np.stack([own.freed[:, p] for own, p in zip(library, chosen, strict=True)], axis=1)
    loadings = np.stack([own.loadings[p] for own, p in zip(library, chosen, strict=True)], axis=1)
    return freed + np.einsum("mtk,mck->mct", problem.design, loadings, optimize=True)
