"""What of the evidence reaches a model: the tests used, how each counts, and the decision on every known one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from mmm_models.evidence.record import LiftTest

if TYPE_CHECKING:
    from mmm_models.panel import Panel


class EvidenceDecision(BaseModel):
    """What became of one test, and why."""

    model_config = ConfigDict(frozen=True)

    test_id: str
    used: bool
    reason: str
    waits: bool = Field(False, description="Kept back until a person has looked: it lies too far from the model.")


class Term(BaseModel):
    """How one test counts in a likelihood, beside its standard error."""

    model_config = ConfigDict(frozen=True)

    quality: float = Field(1.0, gt=0, le=1, description="Its variance is divided by this.")
    drift_variance: float = Field(0.0, ge=0, description="Variance that its age adds, as a share of the lift squared.")
    masked: bool = Field(False, description="Are its weeks left out of the outcome that the model explains?")
    in_data: str = Field("", description="How it stands to the outcome of the data, in words.")


class EvidenceSet(BaseModel):
    """The tests that reach a model's likelihood, and the decision on every test that was known.

    `terms` is by test; a test without one counts with its standard error alone. `policy_hash` is that of what the model
    thinks of designs.
    """

    model_config = ConfigDict(frozen=True)

    used: list[LiftTest] = []
    decisions: list[EvidenceDecision] = []
    terms: dict[str, Term] = {}
    policy_hash: str = ""

    def term(self, test: LiftTest) -> Term:
        """How a test counts."""
        return self.terms.get(test.test_id, Term())

    def content_hash(self) -> str:
        """sha256 of the used tests' measurements and how they count; order, ownership and refused tests do not."""
        measured = sorted(
            (test.test_id, test.record_hash(), self.term(test).model_dump(exclude={"in_data"})) for test in self.used
        )
        return hashlib.sha256(json.dumps([measured, self.policy_hash], sort_keys=True).encode()).hexdigest()

    def only(self, used: list[LiftTest]) -> EvidenceSet:
        """The same set with some of its tests."""
        return self.model_copy(update={"used": used})

    def masked_weeks(self, panel: Panel) -> list[tuple[int, int]]:
        """Positions (market, week) of the data that stand in the likelihood as a test already, in their order."""
        found = set()
        for test in self.used:
            if self.term(test).masked:
                first, last = ((day - panel.weeks[0].date()).days // 7 for day in (test.start_date, test.counted_to))
                weeks = range(max(first, 0), min(last + 1, len(panel.weeks)))
                found |= {(panel.markets.index(test.market), week) for week in weeks}
        return sorted(found)
