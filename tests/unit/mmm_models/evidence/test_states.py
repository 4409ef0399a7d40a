"""States of a test: who may approve what, what a decision is worth, and what ends an approval."""

from datetime import date, datetime

import pytest

from mmm_models.errors import EvidenceError
from mmm_models.evidence import LiftTest, read_lift_tests
from mmm_models.evidence.register import Register, read_decisions
from mmm_models.evidence.states import Decision, standings

DAY = date(2024, 3, 1)


def record(test_id="lt-1", **changes) -> LiftTest:
    row = {
        "test_id": test_id, "channel": "search", "market": "US", "design": "geo lift", "start_date": "2023-06-05",
        "end_date": "2023-06-18", "outcome": "revenue", "spend_baseline": 1000.0, "spend_delta": 500.0,
        "lift": 1500.0, "lift_se": 300.0, "status": "submitted", "owner": "ann", "reviewer": None,
        "updated_at": "2023-07-01T09:00:00", **changes,
    }  # fmt: skip
    return read_lift_tests([row])[0]


def decision(state, test=None, *, by="bob", day=1, why="looked at it", **changes) -> Decision:
    test = test or record()
    given = {
        "test_id": test.test_id, "state": state, "decided_by": by, "decided_at": datetime(2023, 8, day), "why": why,
        "record_hash": test.record_hash(), **changes,
    }  # fmt: skip
    return Decision.model_validate(given)


def stands(test, *decisions, on=DAY, others=(), **options):
    return standings([test, *others], decisions, on=on, **options)[test.test_id]


@pytest.mark.parametrize("status", ["draft", "submitted", "superseded", "revoked"])
def test_without_a_decision_the_sheet_says_the_state(status):
    assert stands(record(status=status)).state == status


def test_a_sheet_that_names_another_as_reviewer_approves():
    found = stands(record(status="approved", reviewer="bob"))
    assert (found.state, found.who, found.since) == ("approved", "bob", datetime(2023, 7, 1, 9))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reviewer": None}, "no reviewer is named"),
        ({"reviewer": "  "}, "no reviewer is named"),
        ({"reviewer": "ANN "}, "approved by ANN , who owns it; somebody else must"),
        ({"reviewer": "bob", "owner": None}, "no owner is named"),
    ],
)
def test_an_approval_in_the_sheet_that_nobody_else_gave_waits_for_review(changes, said):
    found = stands(record(status="approved", **changes))
    assert found.state == "submitted"
    assert said in found.why


def test_the_newest_decision_wins_in_whatever_order_they_come():
    approved, revoked, again = (
        decision(state, day=day) for state, day in (("approved", 1), ("revoked", 2), ("approved", 3))
    )
    assert stands(record(), approved).state == "approved"
    assert stands(record(), revoked, approved).state == "revoked"
    assert stands(record(), again, approved, revoked).state == "approved"


def test_a_decision_wins_over_the_sheet_even_where_the_sheet_is_newer():
    late = record(status="approved", reviewer="bob", updated_at="2024-01-01T00:00:00")
    assert stands(late, decision("revoked", late)).state == "revoked"


def test_a_sheet_may_take_back_what_was_approved_elsewhere():
    taken_back = record(status="revoked", updated_at="2024-01-01T00:00:00")
    assert stands(taken_back, decision("approved", taken_back)).state == "revoked"
    before = record(status="revoked")
    assert stands(before, decision("approved", before)).state == "approved"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decided_by": "Ann"}, "approved by Ann, who owns it; somebody else must"),
        ({"record_hash": None}, "nobody can tell for which record"),
        ({"record_hash": "0" * 64}, "changed since it was approved by bob on 2023-08-01: looked at it"),
    ],
)
def test_an_approval_that_is_void_says_why(changes, said):
    found = stands(record(), decision("approved", **changes))
    assert found.state == "submitted"
    assert said in found.why


@pytest.mark.parametrize(
    "change", [{"lift": 1600.0}, {"power": 0.99}, {"expires": "2030-01-01"}, {"spend_delta": 499.0}]
)
def test_a_record_that_changes_after_its_approval_has_to_be_approved_again(change):
    approval = decision("approved")
    assert stands(record(owner="cleo", updated_at="2023-09-01T00:00:00"), approval).state == "approved"
    assert stands(record(**change), approval).state == "submitted"


def test_a_draft_without_a_lift_cannot_be_approved():
    draft = record(status="draft", lift=None, lift_se=None)
    found = stands(draft, decision("approved", draft))
    assert found.state == "submitted"
    assert "no lift yet" in found.why


def test_an_approved_test_expires_the_day_after_its_last():
    test = record(status="approved", reviewer="bob", expires="2024-02-29")
    assert stands(test, on=date(2024, 2, 29)).state == "approved"
    expired = stands(test, on=date(2024, 3, 1))
    assert (expired.state, expired.since) == ("expired", datetime(2024, 2, 29, 23, 59, 59))


def test_a_replacement_counts_from_its_own_approval():
    old = record(status="approved", reviewer="bob")
    new = record("lt-2", supersedes="lt-1", lift=1400.0)
    assert stands(old, others=[new]).state == "approved"
    found = stands(old, decision("approved", new), others=[new])
    assert (found.state, found.who) == ("superseded", "bob")
    assert "replaced by lt-2" in found.why
    assert stands(old, decision("approved", new), decision("revoked", new, day=2), others=[new]).state == "approved"


def test_what_is_replaced_stays_replaced_when_the_replacement_is_replaced_or_expires():
    first = record(status="approved", reviewer="bob")
    second = record("lt-2", status="approved", reviewer="bob", supersedes="lt-1", expires="2024-01-01")
    third = record("lt-3", status="approved", reviewer="bob", supersedes="lt-2")
    found = standings([first, second, third], on=DAY)
    assert [found[name].state for name in ("lt-1", "lt-2", "lt-3")] == ["superseded", "superseded", "approved"]
    assert stands(first, others=[second]).state == "superseded"


def test_a_test_does_not_replace_itself():
    assert stands(record(status="approved", reviewer="bob", supersedes="lt-1")).state == "approved"


def test_the_role_of_the_first_read_out_stands():
    changed = record(status="approved", reviewer="bob", role="calibrate")
    found = stands(changed, first_roles={"lt-1": "validate"})
    assert found.role == "validate"
    assert (
        found.role_note == "role was 'validate' when its read-out landed; 'calibrate' was set later and does not count"
    )
    assert stands(changed, first_roles={"lt-1": "calibrate"}).role_note == ""


def test_quality_is_frozen_with_the_approval_and_only_with_it():
    test = record()
    assert stands(test, decision("approved", quality=0.33)).quality == 0.33
    assert stands(test, decision("approved", quality=0.33, record_hash="0" * 64)).quality == stands(test).quality
    assert 0 < stands(test).quality < 1


def test_decisions_about_unknown_tests_are_found():
    register = Register([record()], [decision("approved"), decision("revoked", record("lt-99"))])
    assert [d.test_id for d in register.of_nothing] == ["lt-99"]


def test_a_row_that_is_no_decision_names_test_and_column():
    with pytest.raises(EvidenceError, match="decision on lift test lt-1: state is 'aproved'"):
        read_decisions([{"test_id": "lt-1", "state": "aproved", "decided_by": "a", "decided_at": DAY, "why": "b"}])


def test_accepting_a_test_in_spite_of_tension_leaves_its_state_and_needs_another_person():
    test = record()
    approved, taken = decision("approved", test, day=1), decision("accepted", test, day=2)
    assert stands(test, approved, taken).state == "approved"
    assert stands(test, taken).state == stands(test).state
    register = Register([test], [taken])
    assert register.accepted == {"lt-1"}
    assert Register([test], [decision("accepted", test, by=test.owner)]).accepted == frozenset()
    assert Register([record(lift=-1.0)], [taken]).accepted == frozenset()
