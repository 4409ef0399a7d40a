"""The strength of the ridge, by cross-validation over blocks of weeks."""

from __future__ import annotations

import numpy as np

from mmm_models.engines.ridge.nonnegative import nonnegative
from mmm_models.engines.ridge.problem import Problem

# In shares of the number of weeks: at 1, a channel that moves with nothing else keeps half of its effect.
PATH = np.logspace(-5, 1, 25)
BLOCKS = 5


def choose_penalty(problem: Problem, curves: np.ndarray) -> float:
    """The penalty of `PATH` with the least `held_out_error`."""
    return float(PATH[np.argmin(held_out_error(problem, curves, PATH))])


def held_out_error(problem: Problem, curves: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Sum of squared errors in weeks that the regression did not see, of each penalty of `path`.

    Each of five blocks of consecutive weeks is left out once; neighbouring weeks look alike, so weeks at random would
    be known from their neighbours (Bergmeir and Benítez 2012, Information Sciences 191:192). Blocks rather than a
    rolling origin: the first years alone do not tell season and trend. The curves stay as they are.

    Args:
        problem: the baseline and the outcome; the baseline is estimated anew in each fold, without a penalty.
        curves: standardised curves (market, channel, week), with their baseline.
    """
    fixed = problem.design.shape[-1]
    outcome = problem.outcome / problem.unit[:, None]
    rows = np.concatenate([problem.design, curves.transpose(0, 2, 1)], axis=-1)
    gram, inner = rows.transpose(0, 2, 1) @ rows, np.einsum("mtk,mt->mk", rows, outcome)
    error = np.zeros(len(path))
    for block in np.array_split(np.arange(problem.weeks), BLOCKS):
        held = rows[:, block]
        known, right = gram - held.transpose(0, 2, 1) @ held, inner - np.einsum("mtk,mt->mk", held, outcome[:, block])
        inverse = np.linalg.pinv(known[:, :fixed, :fixed], rcond=1e-10, hermitian=True)
        through = inverse @ known[:, :fixed, fixed:]
        media = known[:, fixed:, fixed:] - known[:, fixed:, :fixed] @ through
        pull = right[:, fixed:] - np.einsum("mkc,mk->mc", through, right[:, :fixed])
        ridge = path[:, None, None, None] * (problem.weeks - len(block)) * np.eye(media.shape[-1])
        theta = nonnegative(media + ridge, pull)
        base = np.einsum("mkj,mj->mk", inverse, right[:, :fixed]) - np.einsum("mkc,lmc->lmk", through, theta)
        predicted = np.einsum("mtk,lmk->lmt", held, np.concatenate([base, theta], axis=-1), optimize=True)
        error += ((outcome[:, block] - predicted) ** 2).sum(axis=(1, 2))
    return error
