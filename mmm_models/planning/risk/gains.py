"""Gains of a plan over the status quo, draw by draw, and a measure of them as the objective of a problem."""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.risk.joint import DrawsByLine, JointCurves
from mmm_models.planning.risk.measures import Measure, ProbGain


@dataclass(frozen=True)
class GainDraws:
    """Δ_s(b) = margin_s [R_s(b) − R_s(b0)] − cost [Σ b − Σ b0]: what all draws share cancels.

    Attributes:
        exact: R_s of each line and its slope (sample, line) at levels (line).
        curves: the same from a table, for climbs.
        status_quo: b0 (line).
        before: R_s(b0) (sample).
        margin: what a unit of outcome is worth (sample).
        cost: of a unit of money a week.
    """

    exact: DrawsByLine
    curves: JointCurves
    status_quo: np.ndarray
    before: np.ndarray
    margin: np.ndarray
    cost: float

    def __call__(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gains (sample) of levels (line), and slopes of the outcome (line, sample)."""
        values, slopes = self.curves.at(levels)
        return self._gains(values.sum(axis=0), levels), slopes

    def exactly(self, levels: np.ndarray) -> np.ndarray:
        """Gains (sample) without the table."""
        return self._gains(self.exact(levels)[0].sum(axis=1), levels)

    def _gains(self, outcome: np.ndarray, levels: np.ndarray) -> np.ndarray:
        return self.margin * (outcome - self.before) - self.cost * float(levels.sum() - self.status_quo.sum())


@dataclass(frozen=True)
class Ceiling:
    """A sum of lines above a measure of gains: Σ_s outcome_s R_s(b) − cost Σ b + constant. `outcome` (sample)."""

    outcome: np.ndarray
    cost: float
    constant: float

    def plus(self, other: "Ceiling", times: float) -> "Ceiling":
        """This one and `times` the other."""
        return Ceiling(
            self.outcome + times * other.outcome,
            self.cost + times * other.cost,
            self.constant + times * other.constant,
        )


@dataclass(frozen=True)
class GainMeasure:
    """A measure of gains as a `Problem.utility`: levels (line) -> value and gradient (line)."""

    measure: Measure
    gains: GainDraws

    def __call__(self, levels: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient (line), from the table."""
        gains, slopes = self.gains(levels)
        value, weights = self.measure(gains)
        return value, slopes @ (weights * self.gains.margin) - self.gains.cost * float(weights.sum())

    def exactly(self, levels: np.ndarray) -> float:
        """The value, without the table."""
        return self.measure(self.gains.exactly(levels))[0]

    @property
    def size(self) -> float:
        """What a gain is small or large against: worth, or else cost, of the status quo; 1 for a probability."""
        if isinstance(self.measure, ProbGain):
            return 1.0
        gains = self.gains
        return max(float((gains.margin * gains.before).mean()), gains.cost * float(gains.status_quo.sum()))

    def smoothed(self, width: float) -> "GainMeasure":
        """See `Measure.smoothed`."""
        return replace(self, measure=self.measure.smoothed(width))

    def ceiling(self, weights: np.ndarray) -> Ceiling:
        """The plane of these weights (sample) over the gains; see the text of `measures`."""
        gains, total = self.gains, float(weights.sum())
        outcome = weights * gains.margin
        constant = self.measure.ceiling(weights) - outcome @ gains.before + gains.cost * total * gains.status_quo.sum()
        return Ceiling(outcome, gains.cost * total, float(constant))
