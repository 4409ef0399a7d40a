"""Events: every change of state once, with who, when and why; nothing where nothing changed."""

from datetime import datetime

from mmm_models.evidence.events import transitions, used_by
from mmm_models.evidence.register import Register
from tests.unit.mmm_models.evidence.test_states import DAY, decision, record

NOW = datetime(2024, 3, 1, 12)


def look(register, last=None, on=DAY, now=NOW):
    """Events of one look, and the newest of each test after it."""
    found = transitions(register, on, last or {}, now)
    return found, (last or {}) | {event.test_id: event for event in found}


def told(events):
    return [(event.test_id, event.from_state, event.to_state, event.who) for event in events]


def test_the_first_look_tells_how_a_test_stands():
    found, last = look(Register([record(status="approved", reviewer="bob")]))
    assert told(found) == [("lt-1", None, "approved", "bob")]
    assert (found[0].occurred_at, found[0].record_hash) == (datetime(2023, 7, 1, 9), record().record_hash())
    again, _ = look(Register([record(status="approved", reviewer="bob")]), last)
    assert again == []


def test_each_decision_is_an_event_even_where_several_came_together():
    _, last = look(Register([record()]))
    both = Register([record()], [decision("revoked", day=2, by="cleo", why="spill-over"), decision("approved", day=1)])
    found, last = look(both, last)
    assert told(found) == [("lt-1", "submitted", "approved", "bob"), ("lt-1", "approved", "revoked", "cleo")]
    assert "spill-over" in found[1].why
    assert found[0].recorded_at < found[1].recorded_at
    assert look(both, last)[0] == []


def test_a_record_that_changes_is_an_event():
    _, last = look(Register([record()]))
    found, _ = look(Register([record(lift=1600.0)]), last)
    assert told(found) == [("lt-1", "submitted", "submitted", "ann")]
    assert found[0].record_hash != last["lt-1"].record_hash


def test_expiry_and_replacement_are_events():
    old = record(status="approved", reviewer="bob", expires="2024-03-05")
    _, last = look(Register([old]))
    found, last = look(Register([old]), last, on=DAY.replace(day=6))
    assert told(found) == [("lt-1", "approved", "expired", None)]
    new = record("lt-2", status="approved", reviewer="dan", supersedes="lt-1")
    found, _ = look(Register([old, new]), last, on=DAY.replace(day=6))
    assert told(found) == [("lt-1", "expired", "superseded", "dan"), ("lt-2", None, "approved", "dan")]


def test_use_by_a_run_names_run_and_quality():
    [event] = used_by([(record(), 0.7)], "retail-calibrated_fit-1", "retail", NOW)
    assert (event.from_state, event.to_state, event.run_id, event.quality) == (
        "approved", "used", "retail-calibrated_fit-1", 0.7,
    )  # fmt: skip
