"""Measures of risk with rounded corners, wide at first and then narrower: what lets a climb see where to go."""

from dataclasses import replace

import numpy as np

from mmm_models.planning.solvers.base import Problem

# Rounding, as shares of a typical standard deviation of gains.
WIDTHS = (0.3, 0.06, 0.01, 0.002)
# Plans nearer to each other than this share of all money are one.
SAME = 0.01


def spread_of(problem: Problem, levels: np.ndarray) -> float:
    """Standard deviation of the gains of a plan (line); where that is the status quo, of the farthest plans.

    The problem's `utility` is a `GainMeasure`.
    """
    gains, now = problem.utility.gains, problem.status_quo
    moved = np.abs(levels - now).sum() > SAME * now.sum()
    spread = max(float(gains(each)[0].std()) for each in ([levels] if moved else [problem.lower, problem.upper]))
    return max(spread, 1e-9 * float(np.abs(gains.before).mean()), float(np.finfo(float).tiny))


def rounded(problem: Problem, width: float) -> Problem:
    """The problem with measures rounded over `width` of gain, and with rows on outcome read off the joint curves."""
    curves = problem.utility.gains.curves

    def outcome(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, slopes = curves.at(levels)
        return values.mean(axis=1), slopes.mean(axis=1)

    guards = tuple(replace(guard, of=guard.of.smoothed(width)) for guard in problem.guards)
    return replace(problem, utility=problem.utility.smoothed(width), guards=guards, outcome=outcome)
