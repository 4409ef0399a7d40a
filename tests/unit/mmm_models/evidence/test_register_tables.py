"""The register as rows of `results`: what the tables declare, what they keep, what they never change."""

import json
from datetime import datetime, timedelta

import duckdb
import pytest

from mmm_models.evidence.events import acceptances, transitions, used_by
from mmm_models.evidence.register import Register
from mmm_models.reporting.register import evidence_events, lift_tests, read_events
from tests.unit.mmm_models.evidence.test_states import DAY, decision, record
from warehouse.results import (
    RESULT_TABLES,
    ResultsError,
    append_events,
    ensure_results,
    newest_states,
    upsert_by_test,
    upsert_lift_tests,
    write_tables,
)

NOW = datetime(2024, 3, 1, 12)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        ensure_results(connection)
        yield connection


def write(connection, register, now=NOW):
    events = transitions(register, DAY, read_events(newest_states(connection)), now)
    upsert_lift_tests(connection, lift_tests(register.tests, register.standings(DAY)))
    return append_events(connection, evidence_events(events))


def test_columns_of_the_register_are_those_of_its_table():
    assert set(lift_tests([], {}).columns) == set(RESULT_TABLES["lift_tests"].column_names)
    assert set(evidence_events([]).columns) == set(RESULT_TABLES["evidence_events"].column_names)


def test_a_test_is_written_with_its_state_its_quality_and_its_lists(connection):
    path = [
        {"start_date": "2023-06-05", "end_date": "2023-06-11", "baseline": 400, "actual": 700},
        {"start_date": "2023-06-12", "end_date": "2023-06-18", "baseline": 600, "actual": 800},
    ]
    test = record(spend_path=path, randomised=True, comparisons=3)
    write(
        connection,
        Register([test, record("lt-2", status="draft", lift=None, lift_se=None)], [decision("approved", test)]),
    )
    names = "test_id, status, state, state_by, quality, lift, randomised, comparisons, readouts"
    first, draft = connection.execute(f"select {names} from results.lift_tests order by test_id").fetchall()
    assert first[:4] == ("lt-1", "submitted", "approved", "bob")
    assert 0.5 < first[4] < 1
    assert first[5:] == (1500.0, True, 3, None)
    assert (draft[2], draft[5]) == ("draft", None)
    [stored] = connection.execute("select spend_path from results.lift_tests where test_id = 'lt-1'").fetchone()
    assert [period["actual"] for period in json.loads(stored)] == [700.0, 800.0]


def test_writing_the_register_again_adds_no_event(connection):
    register = Register([record()], [decision("approved")])
    assert write(connection, register) == 2
    assert write(connection, register, NOW + timedelta(hours=1)) == 0


def test_events_stay_when_the_state_changes_and_come_in_order(connection):
    for hours, decisions in enumerate(
        [[], [decision("approved")], [decision("approved"), decision("revoked", day=2, why="spill-over")]]
    ):
        write(connection, Register([record()], decisions), NOW + timedelta(hours=hours))
    found = connection.execute(
        "select from_state, to_state, who, occurred_at from results.evidence_events order by recorded_at"
    ).fetchall()
    assert found == [
        (None, "submitted", "ann", datetime(2023, 7, 1, 9)),
        ("submitted", "approved", "bob", datetime(2023, 8, 1)),
        ("approved", "revoked", "bob", datetime(2023, 8, 2)),
    ]


def test_events_cannot_be_replaced(connection):
    rows = evidence_events(used_by([(record(), 0.7)], "r1", "retail", NOW))
    with pytest.raises(ResultsError, match="added and never replaced"):
        upsert_by_test(connection, "evidence_events", rows)
    with pytest.raises(ResultsError, match="Use append_events"):
        write_tables(connection, {"evidence_events": rows}, key="run_id", value="r1")


def test_an_acceptance_is_an_event_once_and_changes_no_state(connection):
    register = Register([record()], [decision("approved"), decision("accepted", day=3, by="dan", why="seen both fits")])
    write(connection, register)
    for added in (1, 0):
        assert append_events(connection, evidence_events(acceptances(register, DAY, NOW))) == added
    assert [row["to_state"] for row in newest_states(connection)] == ["approved"]
    assert write(connection, register, NOW + timedelta(hours=1)) == 0
    found = connection.execute(
        "select from_state, who, why, occurred_at from results.evidence_events where to_state = 'accepted'"
    )
    assert found.fetchall() == [("approved", "dan", "seen both fits", datetime(2023, 8, 3))]


def test_a_run_uses_a_test_once_and_that_changes_no_state(connection):
    write(connection, Register([record()], [decision("approved")]))
    for run, added in (("r1", 1), ("r1", 0), ("r2", 1)):
        assert append_events(connection, evidence_events(used_by([(record(), 0.7)], run, "retail", NOW))) == added
    assert [row["to_state"] for row in newest_states(connection)] == ["approved"]
