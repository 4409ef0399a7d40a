"""What happened to tests: rows that are added and never changed, one a change of state, one a run that used a test."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.register import Register
from mmm_models.evidence.states import Standing

USED = "used"
ACCEPTED = "accepted"


class Event(BaseModel):
    """One row of `results.evidence_events`; `recorded_at` is unique within a test and gives the order."""

    model_config = ConfigDict(frozen=True)

    test_id: str
    recorded_at: datetime
    occurred_at: datetime | None = None
    from_state: str | None = None
    to_state: str
    who: str | None = None
    why: str
    record_hash: str
    quality: float
    run_id: str | None = None


def transitions(register: Register, on: date, last: Mapping[str, Event], now: datetime) -> list[Event]:
    """The changes of state since the last event of each test, in order; none where nothing changed.

    Decisions that came together are replayed one by one, so that a test that was approved and revoked between two looks
    has both events. A record that changed in its state is a change, too.

    Args:
        register: all that is known.
        on: today, for expiry.
        last: the newest event of each test that gave it a state.
        now: when these rows are written, UTC.
    """
    found = []
    for test in register.tests:
        state = last.get(test.test_id)
        seen = state.occurred_at if state else None
        mine = sorted((d for d in register.decisions if d.test_id == test.test_id), key=lambda d: d.decided_at)
        later = [d for d in mine if d.state != ACCEPTED and (seen is None or d.decided_at > seen)]
        others = [d for d in register.decisions if d.test_id != test.test_id]
        known = [d for d in mine if d not in later]
        # Up to the one before the newest, alone; with the newest the test stands as it does today.
        steps = [register.with_decisions([*others, *known, *later[:count]]) for count in range(len(later))]
        for step in [*steps, register]:
            standing = step.standings(on)[test.test_id]
            if state is None or (state.to_state, state.record_hash) != (standing.state, standing.record_hash):
                state = _event(standing, state, now + timedelta(microseconds=len(found)))
                found.append(state)
    return found


def acceptances(register: Register, on: date, now: datetime) -> list[Event]:
    """An event for each time that somebody took a test in spite of its tension with a model; no change of state."""
    standing = register.standings(on)
    return [
        Event(
            test_id=decision.test_id,
            recorded_at=now,
            occurred_at=decision.decided_at,
            from_state=standing[decision.test_id].state,
            to_state=ACCEPTED,
            who=decision.decided_by,
            why=decision.why,
            record_hash=decision.record_hash or "",
            quality=standing[decision.test_id].quality,
        )
        for decision in register.decisions
        if decision.state == ACCEPTED and decision.test_id in standing
    ]


def used_by(used: Iterable[tuple[LiftTest, float]], run_id: str, model: str, now: datetime) -> list[Event]:
    """An event for each test, with the quality that it was used at, that a model's run has in its likelihood."""
    return [
        Event(
            test_id=test.test_id,
            recorded_at=now,
            occurred_at=now,
            from_state="approved",
            to_state=USED,
            who=f"model {model}",
            why=f"in the likelihood of {run_id}",
            record_hash=test.record_hash(),
            quality=quality,
            run_id=run_id,
        )
        for test, quality in used
    ]


def _event(standing: Standing, before: Event | None, recorded_at: datetime) -> Event:
    return Event(
        test_id=standing.test_id,
        recorded_at=recorded_at,
        occurred_at=standing.since,
        from_state=before.to_state if before else None,
        to_state=standing.state,
        who=standing.who,
        why=standing.why,
        record_hash=standing.record_hash,
        quality=standing.quality,
    )
