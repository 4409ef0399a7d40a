"""The register of experiments as rows: each test as it stands, and the events that brought it there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from mmm_models.evidence.events import Event
from mmm_models.evidence.quality import DesignFacts, design_quality
from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.states import Standing

# Lists of a record: a table has no room for them.
_LISTS = ("spend_path", "readouts", "covariance", "arms")
# What follows from the record and the decisions; the rest is the record itself.
_OF_STANDING = {
    "state": "state",
    "state_since": "since",
    "state_by": "who",
    "state_why": "why",
    "role": "role",
    "role_note": "role_note",
    "quality": "quality",
    "record_hash": "record_hash",
}
LIFT_TEST_COLUMNS = tuple(
    dict.fromkeys([*LiftTest.model_fields, "design_family", "quality_why", *_OF_STANDING]),
)
EVENT_COLUMNS = tuple(Event.model_fields)


def lift_tests(tests: Sequence[LiftTest], standings: Mapping[str, Standing]) -> pd.DataFrame:
    """`lift_tests`: one row a test, as recorded and as it stands."""
    rows = [_row(test, standings[test.test_id]) for test in tests]
    return pd.DataFrame(rows, columns=list(LIFT_TEST_COLUMNS), dtype=object)


def evidence_events(events: Iterable[Event]) -> pd.DataFrame:
    """`evidence_events`: one row an event."""
    return pd.DataFrame([event.model_dump() for event in events], columns=list(EVENT_COLUMNS), dtype=object)


def read_events(rows: Iterable[Mapping[str, Any]]) -> dict[str, Event]:
    """Events by test, one a test, from rows of `evidence_events`."""
    return {str(row["test_id"]): Event.model_validate(dict(row)) for row in rows}


def _row(test: LiftTest, standing: Standing) -> dict[str, Any]:
    lists = test.model_dump_json
    row = {name: getattr(test, name) for name in LiftTest.model_fields}
    row |= {name: lists(include={name}).partition(":")[2][:-1] if row[name] else None for name in _LISTS}
    row |= {
        "design_family": test.family,
        "quality_why": design_quality(DesignFacts.of(test)).in_words(),
        **{name: getattr(standing, field) for name, field in _OF_STANDING.items()},
    }
    return row
