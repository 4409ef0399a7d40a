"""Lift tests: what was measured, who approved it, and which of it a model may use."""

from mmm_models.errors import EvidenceError
from mmm_models.evidence.evidence_set import EvidenceDecision, EvidenceSet, Term
from mmm_models.evidence.governance import select_evidence
from mmm_models.evidence.reading import read_lift_tests
from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.register import Register, read_decisions
from mmm_models.evidence.states import Decision, Standing, standings

__all__ = [
    "Decision",
    "EvidenceDecision",
    "EvidenceError",
    "EvidenceSet",
    "LiftTest",
    "Register",
    "Standing",
    "Term",
    "read_decisions",
    "read_lift_tests",
    "select_evidence",
    "standings",
]
