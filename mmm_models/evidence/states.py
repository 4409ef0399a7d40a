"""The state of a test on a day, from its record and what was decided about it: a pure function that anybody can check.

draft -> submitted -> approved -> expired, superseded or revoked. Only an approved test is live. The newest decision
wins over the status that the sheet gives; an approval holds only where somebody other than the owner gave it, and only
for the record that was approved. That a run used a test is no state but an event (`events`).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mmm_models.evidence.quality import DesignFacts, design_quality
from mmm_models.evidence.record import LiftTest

State = Literal["draft", "submitted", "approved", "expired", "superseded", "revoked"]
Role = Literal["calibrate", "validate"]


class Decision(BaseModel):
    """What somebody decided about a test; decisions are added and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    test_id: str = Field(min_length=1, description="Test.")
    state: Literal["submitted", "approved", "accepted", "superseded", "revoked"] = Field(
        description="State that it gives the test; 'accepted' leaves its state, and takes it in spite of tension."
    )
    decided_by: str = Field(min_length=1, description="Who decided.")
    decided_at: datetime = Field(description="When, UTC.")
    why: str = Field(min_length=1, description="Reason.")
    record_hash: str | None = Field(None, description="Record that the decision is about.")
    quality: float | None = Field(None, gt=0, le=1, description="Quality of the design at that moment.")


class Standing(BaseModel):
    """How a test stands on a day.

    `why` is a clause that explains the state, with the remedy where it is not live. `role` is the one that counts,
    and `role_note` says where that is not the record's. `quality` is frozen with the approval. `is_void`: it was
    approved, and the approval does not hold.
    """

    model_config = ConfigDict(frozen=True)

    test_id: str
    state: State
    since: datetime | None = None
    who: str | None = None
    why: str
    record_hash: str
    quality: float
    role: Role
    role_note: str = ""
    is_void: bool = False

    @property
    def is_live(self) -> bool:
        """May a model's policy admit it?"""
        return self.state == "approved"


def standings(
    tests: Iterable[LiftTest],
    decisions: Iterable[Decision] = (),
    *,
    on: date,
    first_roles: Mapping[str, Role] | None = None,
) -> dict[str, Standing]:
    """How each test stands on a day, by test_id.

    Args:
        tests: the records as they are now, one a test.
        decisions: all that was decided, in any order.
        on: the day that `expires` is compared with.
        first_roles: the role of each test when its read-out landed first; a later one does not count.
    """
    tests, roles = list(tests), first_roles or {}
    newest: dict[str, Decision] = {}
    for decision in sorted(decisions, key=lambda decision: _utc(decision.decided_at)):
        if decision.state != "accepted":
            newest[decision.test_id] = decision
    found = {test.test_id: _decided(test, newest.get(test.test_id), roles.get(test.test_id)) for test in tests}
    # A replacement counts from its own approval, and does not come undone when it expires in its turn.
    replacements = {
        test.supersedes: found[test.test_id]
        for test in tests
        if test.supersedes != test.test_id and found[test.test_id].is_live
    }
    return {test.test_id: _live_on(on, test, found[test.test_id], replacements.get(test.test_id)) for test in tests}


def accepted(tests: Iterable[LiftTest], decisions: Iterable[Decision]) -> frozenset[str]:
    """Tests that another than the owner takes in spite of tension with a model, as their records are now."""
    known = {test.test_id: test for test in tests}
    return frozenset(
        decision.test_id
        for decision in decisions
        if decision.state == "accepted"
        and (test := known.get(decision.test_id)) is not None
        and decision.record_hash == test.record_hash()
        and _not_by_another(test, decision.decided_by) is None
    )


def _decided(test: LiftTest, decision: Decision | None, first_role: Role | None) -> Standing:
    """The state that people gave a test, before the calendar and other tests have their say."""
    if decision is not None and _takes_back(test, decision):
        decision = None
    state, who, since, why = _of_decision(test, decision) if decision else _of_sheet(test)
    quality = design_quality(DesignFacts.of(test)).value
    if decision is not None and decision.quality is not None and state == "approved":
        quality = decision.quality
    role = first_role or test.role
    note = f"role was {role!r} when its read-out landed; {test.role!r} was set later and does not count"
    return Standing(
        test_id=test.test_id,
        state=state,
        since=None if since is None else _utc(since),
        who=who,
        why=why,
        record_hash=test.record_hash(),
        quality=quality,
        role=role,
        role_note=note if role != test.role else "",
        is_void=state == "submitted" and "approved" in (test.status if decision is None else decision.state),
    )


def _takes_back(test: LiftTest, decision: Decision) -> bool:
    """A sheet may take a test back after it was approved elsewhere; it may not bring back what was revoked."""
    is_later = test.updated_at is not None and _utc(test.updated_at) > _utc(decision.decided_at)
    return test.status in ("superseded", "revoked") and is_later


def _of_sheet(test: LiftTest) -> tuple[State, str | None, datetime | None, str]:
    if test.status != "approved":
        why = {
            "draft": "planned or running",
            "submitted": "waits for review; `mixhouse experiment approve` or the sheet's status approves it",
            "superseded": "replaced by another test, as the sheet says",
            "revoked": "found wrong, as the sheet says",
        }[test.status]
        return (
            test.status,
            test.reviewer if test.status in ("superseded", "revoked") else test.owner,
            test.updated_at,
            why,
        )
    if (flaw := _not_by_another(test, test.reviewer)) is not None:
        return "submitted", test.owner, test.updated_at, flaw
    return "approved", test.reviewer, test.updated_at, f"approved by {test.reviewer}, as the sheet says"


def _of_decision(test: LiftTest, decision: Decision) -> tuple[State, str | None, datetime | None, str]:
    by, at = decision.decided_by, decision.decided_at
    said = f"by {by} on {at:%Y-%m-%d}: {decision.why}"
    if decision.state != "approved":
        return decision.state, by, at, f"{decision.state} {said}"
    flaw = _not_by_another(test, by)
    if not test.is_read_out:
        flaw = "was approved and has no lift yet; deliver its read-out, then have that approved"
    elif decision.record_hash is None:
        flaw = f"was approved {said}, and nobody can tell for which record; use `mixhouse experiment approve`"
    elif decision.record_hash != test.record_hash():
        flaw = f"changed since it was approved {said}; look at what changed, and approve it again"
    return ("approved", by, at, f"approved {said}") if flaw is None else ("submitted", by, at, flaw)


def _not_by_another(test: LiftTest, reviewer: str | None) -> str | None:
    """What is wrong with who approved a test, or None."""
    if not _name(reviewer):
        return "status is 'approved' and no reviewer is named; have somebody other than the owner approve it"
    if not _name(test.owner):
        return (
            f"approved by {reviewer}, and no owner is named, so nobody can tell whether another looked; name the owner"
        )
    if _name(reviewer) == _name(test.owner):
        return f"approved by {reviewer}, who owns it; somebody else must"
    return None


def _live_on(day: date, test: LiftTest, standing: Standing, replacement: Standing | None) -> Standing:
    """Supersession by another test and expiry, which end what is approved."""
    if not standing.is_live:
        return standing
    if replacement is not None:
        return standing.model_copy(
            update={
                "state": "superseded",
                "since": replacement.since,
                "who": replacement.who,
                "why": f"replaced by {replacement.test_id}, which is {replacement.why}",
            }
        )
    if test.expires is not None and day > test.expires:
        why = f"expired after {test.expires} (its own `expires`); test again"
        end = datetime.combine(test.expires, time(23, 59, 59))
        return standing.model_copy(update={"state": "expired", "since": end, "who": None, "why": why})
    return standing


def _name(who: str | None) -> str:
    return (who or "").strip().casefold()


def _utc(moment: datetime) -> datetime:
    """Without its zone, which is UTC: as DuckDB gives timestamps."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
