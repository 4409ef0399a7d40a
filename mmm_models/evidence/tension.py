"""Tension: how far a test lies from what a model without it expects, in standard deviations of the two together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmm_models.evidence.designs import design_of, unknown_variance
from mmm_models.evidence.evidence_set import EvidenceSet, Term
from mmm_models.evidence.operator import is_predictable, measured_lift, predicted_lift

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest
    from mmm_models.fit import Fit, StackedFit


@dataclass(frozen=True)
class Tension:
    """A test beside the draws of a fit.

    Attributes:
        expected: what the fit expects the test to read, draw by draw (sample): the sum of its readouts, the usual bias
            of its design in it.
        measured, error: the sum of its readouts and its standard deviation, quality, scatter and age in it.
        z: (measured - mean of expected) / sqrt(error^2 + variance of expected).
        weights: of the draws (sample), adding up to 1; None where each counts the same.
    """

    expected: np.ndarray
    measured: float
    error: float
    weights: np.ndarray | None = None

    @property
    def mean(self) -> float:
        """Mean of what is expected."""
        return float(np.average(self.expected, weights=self.weights))

    @property
    def deviation(self) -> float:
        """Standard deviation of what is expected."""
        return float(np.sqrt(np.average((self.expected - self.mean) ** 2, weights=self.weights)))

    @property
    def z(self) -> float:
        """The tension."""
        return (self.measured - self.mean) / float(np.hypot(self.error, self.deviation))


def can_compare(fit: Fit | StackedFit, test: LiftTest) -> bool:
    """Has the test been read out, and does the fit say anything about it?"""
    return test.is_read_out and is_predictable(test, fit.spec, fit.panel)


def tension(fit: Fit | StackedFit, test: LiftTest, term: Term | None = None) -> Tension:
    """How a test lies to a fit that has not seen it.

    The factor of the design's family is at its median, with the variance that its prior has: a fit without the test
    knows no more of it, unless other tests of the family taught it.

    Raises:
        KeyError, ValueError: there is nothing to compare; see `can_compare`.
    """
    term = term or Term()
    design = design_of(test, fit.spec)
    expected = design.factor * predicted_lift(fit, test).values.sum(axis=1)
    measured, covariance = measured_lift(test)
    variance = float(covariance.sum()) / term.quality + unknown_variance(design, term) * float(measured.sum()) ** 2
    return Tension(expected, float(measured.sum()), float(np.sqrt(variance)))


def reviewed(evidence: EvidenceSet, fit: Fit | StackedFit, accepted: frozenset[str] = frozenset()) -> EvidenceSet:
    """The set without the tests that lie too far from a fit that saw none of them, unless a person accepts that.

    Beyond `evidence.tension_block` a test waits: either it or the model is wrong, and a person has to say which. Beyond
    `evidence.tension_review` it is used, and its decision says that somebody should look.

    Args:
        evidence: the tests that the model's policy admits.
        fit: of the same model, without lift tests.
        accepted: tests of which somebody has looked at both fits, and takes the test.
    """
    policy = fit.spec.evidence
    waiting: dict[str, str] = {}
    notes: dict[str, str] = {}
    for test in evidence.used:
        found = tension(fit, test, evidence.term(test))
        said = f"lies {found.z:+.1f} standard deviations from what the model expects without it ({found.mean:+,.0f})"
        if abs(found.z) > policy.tension_block and test.test_id not in accepted:
            waiting[test.test_id] = (
                f"waits for a person: it {said}. Look at both fits in results.evidence_used; either the test is wrong, "
                f"then revoke it, or the model is, then `mixhouse experiment accept {test.test_id}` (`--accept` of "
                "`mixhouse fit`)"
            )
        elif abs(found.z) > policy.tension_block:
            notes[test.test_id] = f"it {said}, which a person has accepted"
        elif abs(found.z) > policy.tension_review:
            notes[test.test_id] = f"it {said}; somebody should look"
    decisions = [
        decision.model_copy(update={"used": False, "reason": waiting[decision.test_id], "waits": True})
        if decision.test_id in waiting
        else decision.model_copy(update={"reason": f"{decision.reason}; {notes[decision.test_id]}"})
        if decision.test_id in notes
        else decision
        for decision in evidence.decisions
    ]
    used = [test for test in evidence.used if test.test_id not in waiting]
    return evidence.model_copy(update={"used": used, "decisions": decisions})
