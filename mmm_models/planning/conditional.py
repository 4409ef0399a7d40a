"""What a value table is expected to be once a figure is known: regression of every entry on that figure at once.

E[V | y] is a function of y, and draws of (y, V) show it with noise around it: a regression of V on y estimates it
(Strong, Oakley & Brennan, "Estimating multiparameter partial expected value of perfect information from a
probabilistic sensitivity analysis sample", Medical Decision Making 34, 2014, 311-326). The functions are natural cubic
splines (Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd edition, section 5.2.1).
"""

from dataclasses import dataclass

import numpy as np

# Inner places of the splines' knots; natural splines are straight beyond the outer ones.
_KNOTS = (0.02, 0.25, 0.5, 0.75, 0.98)
# Draws that each term of a regression wants: with fewer, knots are left out.
_DRAWS_A_TERM = 12
# A figure that moves by less than this share of its size is known; float32 tables round in the seventh digit.
_KNOWN = 1e-6


@dataclass(frozen=True)
class Conditional:
    """Expected tables given a signal; made by `conditional`. Ask with `at`."""

    centre: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    knots: tuple[np.ndarray, ...]
    mean: np.ndarray
    weights: np.ndarray

    def at(self, signal: np.ndarray) -> np.ndarray:
        """Expected tables (n, line, point) where the signal (n, figure) is known; held at the ends of what was seen."""
        return self._tables(self._terms(signal))

    def averaged(self, signal: np.ndarray, beliefs: np.ndarray) -> np.ndarray:
        """Mean of the expected tables over signals (n, figure), each believed as `beliefs` (belief, n) says."""
        return self._tables(beliefs @ self._terms(signal))

    def _terms(self, signal: np.ndarray) -> np.ndarray:
        return _basis((np.clip(signal, self.low, self.high) - self.centre) / self.scale, self.knots)

    def _tables(self, terms: np.ndarray) -> np.ndarray:
        moved = terms @ self.weights.reshape(len(self.weights), -1)
        return self.mean + moved.reshape(len(terms), *self.mean.shape)


def conditional(signal: np.ndarray, values: np.ndarray) -> Conditional:
    """Regress tables `values` (sample, line, point) on `signal` (sample, figure).

    A line about which the signal says no more than chance would is drawn back to its mean: its curve is multiplied by
    1 − 1/F where that is positive, F being the regression's ratio of explained to unexplained variance by degrees of
    freedom (Copas, "Regression, prediction and shrinkage", JRSS B 45, 1983, 311-354). Plans would else chase noise.
    """
    samples = len(values)
    spread = signal.std(axis=0)
    moves = spread > _KNOWN * np.abs(signal).max(axis=0, initial=0.0)
    centre, scale = signal.mean(axis=0), np.where(moves, spread, 1.0)
    standard = (signal - centre) / scale
    count = int(np.clip(samples // _DRAWS_A_TERM // max(1, moves.sum()), 2, len(_KNOTS)))
    places = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(_KNOTS)), _KNOTS)
    knots = tuple(
        np.unique(np.quantile(column, places)) if moving else np.empty(0)
        for column, moving in zip(standard.T, moves, strict=True)
    )
    design = _basis(standard, knots)
    average = design.mean(axis=0)
    outcome = values.reshape(samples, -1).astype(float)
    mean = outcome.mean(axis=0)
    weights, explained = _least_squares(design - average, outcome - mean)
    terms = max(1, weights.shape[0])
    total = (outcome - mean).var(axis=0).reshape(values.shape[1:]).sum(axis=-1)
    fitted = explained.reshape(values.shape[1:]).sum(axis=-1)
    left = np.maximum(total - fitted, 0.0) / max(1, samples - terms - 1)
    kept = np.where(fitted > 0, np.maximum(0.0, 1.0 - left * terms / np.where(fitted > 0, fitted, 1.0)), 0.0)
    weights = weights.reshape(-1, *values.shape[1:]) * kept[:, None]
    shifted = mean.reshape(values.shape[1:]) - np.tensordot(average, weights, axes=1)
    return Conditional(centre, scale, signal.min(axis=0), signal.max(axis=0), knots, shifted, weights)


def curve_scores(curves: np.ndarray, others: np.ndarray, most: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Up to `most` principal scores of the draws `curves` (sample, point), and those of `others` on the same axes.

    A line's curve over its levels moves mainly in height and in bend; two figures hold nearly all of it.
    """
    centre = curves.mean(axis=0, dtype=float)
    moved = curves - centre
    # The axes of the small covariance over points, widest first.
    sizes, axes = np.linalg.eigh(moved.T @ moved / len(moved))
    wide = np.sqrt(np.maximum(sizes, 0.0)) > _KNOWN * max(1.0, float(np.abs(centre).max()))
    kept = axes[:, wide][:, ::-1][:, :most]
    return moved @ kept, (others - centre) @ kept


def _least_squares(design: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (term, output) and the variance that they explain (output)."""
    if design.shape[1] == 0:
        return np.zeros((0, outcome.shape[1])), np.zeros(outcome.shape[1])
    # The pseudo-inverse is small and made once; solving for each of thousands of outputs takes ten times as long.
    weights = np.linalg.pinv(design, rcond=1e-8) @ outcome
    return weights, ((design.T @ design / len(design)) @ weights * weights).sum(axis=0)


def _basis(standard: np.ndarray, knots: tuple[np.ndarray, ...]) -> np.ndarray:
    """Terms (n, term) of standardised figures (n, figure): a natural spline each, and the product of the first two."""
    terms = []
    for column, own in zip(standard.T, knots, strict=True):
        if own.size:
            terms.append(column)
        if own.size > 2:
            last = _cubed(column, own[-2], own[-1])
            terms += [_cubed(column, knot, own[-1]) - last for knot in own[:-2]]
    if sum(own.size > 0 for own in knots) > 1:
        terms.append(standard[:, 0] * standard[:, 1])
    return np.stack(terms, axis=1) if terms else np.empty((len(standard), 0))


def _cubed(column: np.ndarray, knot: float, last: float) -> np.ndarray:
    return (np.maximum(column - knot, 0.0) ** 3 - np.maximum(column - last, 0.0) ** 3) / (last - knot)
