"""Lift tests: what was measured, who approved it, and which of it a model may use."""

from mmm_models.errors import EvidenceError
from mmm_models.evidence.evidence_set import EvidenceDecision, EvidenceSet, Term
from mmm_models.evidence.governance import select_evidence
from mmm_models.evidence.reading import read_lift_tests
from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.steady_state import capture_share, steady_state_rows

__all__ = [
    "EvidenceDecision",
    "EvidenceError",
    "EvidenceSet",
    "LiftTest",
    "Term",
    "capture_share",
    "read_lift_tests",
    "select_evidence",
    "steady_state_rows",
]
