"""What is made of the gains of a plan over draws: mean, CVaR, mean-variance, entropic, probability of a gain.

Each measure gives its value and its derivative by the gain of each draw (sample); the chain rule does the rest. All but
the probability are concave in the gains, and a concave measure ρ lies below a plane for every direction w that it has:

    ρ(Δ) ≤ w·Δ + ρ*(w)      for all gains Δ,                                        `ceiling(w)` is ρ*(w)

with equality where w is the derivative. A plane is a weighted mean, and the best plan under a weighted mean is found
exactly: that is how plans under risk get their bound.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mmm_models.planning.errors import PlanError
from mmm_models.spec import ObjectiveSpec


class Measure(Protocol):
    """A number from gains (sample)."""

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """Value, and its derivative by each gain (sample)."""
        ...

    def ceiling(self, weights: np.ndarray) -> float:
        """The least c with value(gains) ≤ weights·gains + c for all gains; infinite where there is none."""
        ...

    def smoothed(self, width: float) -> "Measure":
        """A smooth stand-in whose corners are rounded over `width`, in units of the gain; itself where it is smooth."""
        ...


@dataclass(frozen=True)
class Mean:
    """The mean gain."""

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measure`."""
        return float(gains.mean()), np.full(gains.size, 1 / gains.size)

    def ceiling(self, weights: np.ndarray) -> float:
        """0 for equal weights."""
        return 0.0 if np.allclose(weights, 1 / weights.size, rtol=1e-9, atol=0) else np.inf

    def smoothed(self, width: float) -> "Mean":
        """It is smooth."""
        return self


@dataclass(frozen=True)
class Cvar:
    """Mean of the worst 1 − `level` of the gains.

    max_η η − E max(η − Δ, 0) / (1 − level) (R. T. Rockafellar & S. Uryasev, "Optimization of conditional
    value-at-risk", Journal of Risk 2, 2000, 21-41); where 1 − level of the draws is no whole number, the last one
    counts in part. With a `width` h the corner of max(·, 0) becomes a parabola over ±h (S. Alexander, T. F. Coleman &
    Y. Li, "Minimizing CVaR and VaR for a portfolio of derivatives", Journal of Banking & Finance 30, 2006, 583-605);
    it then lies below the CVaR, by at most h / (4 (1 − level)).
    """

    level: float
    width: float = 0.0

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measure`."""
        worst = (1 - self.level) * gains.size
        if self.width == 0:
            weights = np.empty(gains.size)
            weights[np.argsort(gains, kind="stable")] = np.clip(worst - np.arange(gains.size), 0, 1) / worst
            return float(weights @ gains), weights
        eta = self._quantile(gains, worst)
        below = np.clip((eta - gains + self.width) / (2 * self.width), 0, 1)
        shortfall = np.where(below < 1, self.width * below**2, eta - gains)
        return float(eta - shortfall.sum() / worst), below / below.sum()

    def ceiling(self, weights: np.ndarray) -> float:
        """0 for weights of sum 1 that give no draw more than its share of the worst."""
        most = 1 / max((1 - self.level) * weights.size, 1e-300)
        fits = np.isclose(weights.sum(), 1) and weights.min() >= 0 and weights.max() <= most * (1 + 1e-9)
        return 0.0 if fits else np.inf

    def smoothed(self, width: float) -> "Cvar":
        """See `Measure.smoothed`."""
        return replace(self, width=width)

    def _quantile(self, gains: np.ndarray, worst: float) -> float:
        """η at which the rounded corners count `worst` draws: each counts from 0 to 1 between Δ − h and Δ + h."""
        corners = np.concatenate([gains - self.width, gains + self.width])
        order = np.argsort(corners, kind="stable")
        corners = corners[order]
        rate = np.cumsum(np.where(order < gains.size, 1.0, -1.0)) / (2 * self.width)
        counted = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(corners))])
        return float(np.interp(worst, np.maximum.accumulate(counted), corners))


@dataclass(frozen=True)
class MeanVariance:
    """Mean less half of `aversion` times the variance, for gains as shares of `size`: E Δ − (k/2) Var(Δ/V) V.

    H. Markowitz, "Portfolio selection", Journal of Finance 7, 1952, 77-91. Upside counts as risk, too: it can prefer a
    plan that another beats in every draw.
    """

    aversion: float
    size: float

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measure`."""
        mean = gains.mean()
        off = (gains - mean) / self.size
        value = mean - 0.5 * self.aversion * self.size * np.mean(off**2)
        return float(value), (1 - self.aversion * off) / gains.size

    def ceiling(self, weights: np.ndarray) -> float:
        """V/(2k) · S Σ (w − 1/S)² for weights of sum 1."""
        if not np.isclose(weights.sum(), 1):
            return np.inf
        off = weights - 1 / weights.size
        return float(self.size / (2 * self.aversion) * weights.size * (off @ off))

    def smoothed(self, width: float) -> "MeanVariance":
        """It is smooth."""
        return self


@dataclass(frozen=True)
class Entropic:
    """The sure gain worth as much as the gains under exponential utility, −(V/k) log E exp(−k Δ/V), V being `size`.

    H. Föllmer & A. Schied, "Stochastic Finance", 3rd ed. 2011, example 4.13. For normal gains it is `MeanVariance`.
    """

    aversion: float
    size: float

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measure`."""
        exponent = -self.aversion / self.size * gains
        top = exponent.max()
        terms = np.exp(exponent - top)
        value = -self.size / self.aversion * (top + np.log(terms.mean()))
        return float(value), terms / terms.sum()

    def ceiling(self, weights: np.ndarray) -> float:
        """V/k times the relative entropy of the weights, which are 0 or more and of sum 1."""
        if weights.min() < 0 or not np.isclose(weights.sum(), 1):
            return np.inf
        some = weights[weights > 0]
        return float(self.size / self.aversion * (some @ np.log(some * weights.size)))

    def smoothed(self, width: float) -> "Entropic":
        """It is smooth."""
        return self


@dataclass(frozen=True)
class ProbGain:
    """Share of draws with a gain above 0. With a `width` h the step at 0 becomes (1 + x/√(1 + x²)) / 2 of x = Δ/h.

    Its tails are long, so that a climb finds its way from plans that lose in every draw.
    """

    width: float = 0.0

    def __call__(self, gains: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measure`; without a width the derivative is 0, and no help to a climb."""
        if self.width == 0:
            return float((gains > 0).mean()), np.zeros(gains.size)
        far = gains / self.width
        root = np.sqrt(1 + far**2)
        return float(np.mean(0.5 + 0.5 * far / root)), 0.5 / (root**3 * self.width * gains.size)

    def ceiling(self, weights: np.ndarray) -> float:
        """It is not concave: no plane lies above it but the constant 1."""
        return 1.0 if not weights.any() else np.inf

    def smoothed(self, width: float) -> "ProbGain":
        """See `Measure.smoothed`."""
        return replace(self, width=width)


def measure_of(aim: ObjectiveSpec, size: float) -> Measure:
    """The measure that `planning.objective` names. `size`: the status quo's mean value, in the unit of gains.

    Raises:
        PlanError: mean_variance and entropic have no size to take shares of.
    """
    if aim.risk in ("mean_variance", "entropic") and not size > 0:
        raise PlanError(
            f"planning.objective.risk '{aim.risk}' weighs gains as shares of what the status quo brings, and that is "
            f"{size:,.0f}. Use risk 'cvar', or plan after weeks with spend."
        )
    if aim.risk == "cvar":
        return Cvar(aim.risk_level)
    if aim.risk == "mean_variance":
        return MeanVariance(aim.risk_aversion, size)
    if aim.risk == "entropic":
        return Entropic(aim.risk_aversion, size)
    return ProbGain() if aim.risk == "prob_gain" else Mean()
