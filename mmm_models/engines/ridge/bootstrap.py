"""Intervals: the whole search again on outcomes whose noise is put together anew, in blocks of weeks."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from mmm_models.engines.ridge.estimate import Estimate
from mmm_models.engines.ridge.problem import Problem
from mmm_models.engines.ridge.search import Found, picked, search, solve

# Numbers that the curves of the replicates may hold in memory at a time.
_MEMORY = 20_000_000


@dataclass(frozen=True)
class Replicates:
    """What each replicate finds, on the scaled outcome.

    Attributes:
        chosen: candidate of each channel (replicate, channel).
        coefficient: of the curves (replicate, market, channel).
        baseline: coefficients of its columns (replicate, market, column).
        sigma: standard deviation of the noise (replicate, market).
    """

    chosen: np.ndarray
    coefficient: np.ndarray
    baseline: np.ndarray
    sigma: np.ndarray


def bootstrap(problem: Problem, made: Estimate, number: int, generator: np.random.Generator) -> Replicates:
    """Estimate `number` times on the fitted outcome plus residuals in blocks.

    Blocks of consecutive weeks keep what noise has in common from week to week (Künsch 1989, Annals of Statistics
    17:1217), in a circle, so that the first and last weeks come as often as others (Politis and Romano 1992), and the
    same weeks of all markets, so that it keeps what markets have in common. Their length is the cube root of the number
    of weeks (Hall, Horowitz and Jing 1995, Biometrika 82:561). Residuals are smaller than the noise by what the
    regression took up: they are enlarged by √(T / (T - degrees of freedom)).

    The penalty stays; the curves are searched anew, from the estimate.
    """
    weeks, unit = problem.weeks, problem.unit[:, None]
    ridge = made.penalty * weeks
    response = (problem.freed(problem.outcome) / unit)[None]
    theta, left = solve(made.library, response, ridge, made.found.chosen)
    used = degrees_of_freedom(problem, picked(made.library, made.found.chosen), theta, ridge)
    noise = left[0] * np.sqrt(weeks / (weeks - used[0]))[:, None]
    fitted = problem.outcome / unit - left[0]
    step = max(1, _MEMORY // (made.found.theta.size * weeks))
    parts = []
    for start in range(0, number, step):
        rows = blocks_of_weeks(weeks, min(step, number - start), generator)
        outcomes = fitted + noise[:, rows].transpose(1, 0, 2)
        responses = problem.freed(outcomes)
        again = search(made.library, responses, made.penalty, np.repeat(made.found.chosen, len(rows), axis=0))
        parts.append(_in_units(problem, made, outcomes, responses, again, ridge))
    return Replicates(*(np.concatenate(pieces) for pieces in zip(*map(astuple, parts), strict=True)))


def blocks_of_weeks(weeks: int, number: int, generator: np.random.Generator) -> np.ndarray:
    """Weeks put together from blocks that follow one another in a circle: positions (replicate, week)."""
    length = max(1, round(weeks ** (1 / 3)))
    starts = generator.integers(weeks, size=(number, -(-weeks // length)))
    return ((starts[:, :, None] + np.arange(length)) % weeks).reshape(number, -1)[:, :weeks]


def degrees_of_freedom(problem: Problem, curves: np.ndarray, theta: np.ndarray, ridge: float) -> np.ndarray:
    """Columns of the baseline, and the trace of the ridge's smoother over channels with an effect (response, market).

    Source: Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, equation 3.50.
    """
    curves = curves * (theta > 0)[..., None]
    gram = np.einsum("rmct,rmdt->rmcd", curves, curves, optimize=True)
    # At least a little, so that channels without effect do not make it singular.
    shrunk = np.linalg.solve(gram + max(ridge, 1e-9) * np.eye(gram.shape[-1]), gram)
    return np.linalg.matrix_rank(problem.design) + np.trace(shrunk, axis1=-2, axis2=-1)


def _in_units(
    problem: Problem, made: Estimate, outcomes: np.ndarray, responses: np.ndarray, found: Found, ridge: float
) -> Replicates:
    curves = picked(made.library, found.chosen)
    left = responses - np.einsum("rmct,rmc->rmt", curves, found.theta, optimize=True)
    free = problem.weeks - degrees_of_freedom(problem, curves, found.theta, ridge)
    base = problem.loadings(outcomes)
    for channel, own in enumerate(made.library):
        base -= own.loadings[found.chosen[:, channel]] * found.theta[:, :, channel, None]
    deviation = np.stack([own.deviation[found.chosen[:, channel]] for channel, own in enumerate(made.library)], axis=-1)
    unit = problem.unit[:, None]
    sigma = problem.unit * np.sqrt((left**2).sum(axis=-1) / free)
    return Replicates(found.chosen, unit * found.theta / deviation, unit * base, sigma)
