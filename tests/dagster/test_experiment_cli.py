"""`mixhouse experiment`: templates that pass, what check says, and decisions that only land."""

import csv
import io
from datetime import UTC, datetime

import pytest
import yaml
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.components.mmm_model.register import landed_register
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import LiftTest
from mmm_models.evidence.events import transitions
from mmm_models.reporting.register import evidence_events, read_events
from mmm_models.reporting.register import lift_tests as lift_test_rows
from mmm_models.spec.designs import FAMILIES
from warehouse.home import Home
from warehouse.landing import land_source, prepare_raw_tables
from warehouse.publish import publish
from warehouse.results import RESULT_TABLES, append_events, ensure_results, newest_states, upsert_lift_tests


@pytest.fixture
def mixhouse(home, monkeypatch):
    """Run a command; its exit status and what it says, on one wide line."""
    monkeypatch.setenv("COLUMNS", "400")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["experiment", *arguments])
        return done.exit_code, done.output

    return run


def record(**changes) -> dict:
    return {
        "test_id": "lt-1", "channel": "search", "market": "US", "design": "geo lift", "start_date": "2024-03-04",
        "end_date": "2024-03-31", "outcome": "revenue", "spend_baseline": 20000, "spend_delta": 14500, "lift": 41000,
        "lift_se": 9000, "estimand": "during+tail", "status": "submitted", "role": "calibrate", "owner": "ann",
        "updated_at": "2024-04-22 09:00:00", **changes,
    }  # fmt: skip


def write(tmp_path, *rows: dict, name: str = "tests.yaml"):
    path = tmp_path / name
    path.write_text(yaml.safe_dump(list(rows)))
    return path


def refresh(home: Home) -> None:
    """What the graph does between landing and publication, without models."""
    store = WarehouseResource()
    prepare_raw_tables(store.warehouse)
    land_source(store.warehouse, home.landing, "experiments", settle_seconds=0)
    register, now = landed_register(store), datetime.now(UTC).replace(tzinfo=None)
    with store.warehouse.write() as connection:
        ensure_results(connection)
        events = transitions(register, now.date(), read_events(newest_states(connection)), now)
        upsert_lift_tests(connection, lift_test_rows(register.tests, register.standings(now.date())))
        append_events(connection, evidence_events(events))
        connection.execute("create or replace table main.dim_market as select 'EUR' as reporting_currency")
    publish(store.warehouse, home.published)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", ["yaml", "csv"])
def test_a_template_of_each_family_is_a_test_of_that_family(mixhouse, tmp_path, family, form):
    done = CliRunner().invoke(app, ["experiment", "template", "--design", family, "--format", form])
    path = tmp_path / f"test.{form}"
    path.write_text(done.stdout)
    status, said = mixhouse("check", str(path))
    assert status == 0, said
    assert f": {family} of search in US" in said
    assert "quality " in said
    written = done.stdout if form == "yaml" else next(csv.reader(io.StringIO(done.stdout)))
    assert [name for name in LiftTest.model_fields if name not in written] == []


def test_check_says_what_is_wrong_with_each_test_and_fails(mixhouse, tmp_path):
    path = write(tmp_path, record(), record(test_id="lt-2", spend_delta=0))
    status, said = mixhouse("check", str(path))
    assert status == 1
    assert "lt-1: geo_lift of search in US" in said
    assert "quality 0.59: randomised 0.85" in said
    assert "randomised 0.85 (not known whether chance decided" in said
    assert "lift test lt-2: spend_delta is 0; a test that moved no money measures nothing" in said


def test_check_names_line_and_column_of_what_breaks_the_contract(mixhouse, tmp_path):
    status, said = mixhouse("check", str(write(tmp_path, record(), record(test_id="lt-2", lift_se=-1))))
    assert status == 1
    assert "lift_se" in said
    assert "-1" in said


def test_check_warns_of_an_approval_by_the_owner(mixhouse, tmp_path):
    status, said = mixhouse("check", str(write(tmp_path, record(status="approved", reviewer="Ann"))))
    assert status == 0
    assert "approved by Ann, who owns it; somebody else must" in said


def test_nothing_is_delivered_of_a_file_with_a_mistake(mixhouse, home, tmp_path):
    status, said = mixhouse("submit", str(write(tmp_path, record(spend_delta=0))))
    assert status == 2
    assert "Nothing was delivered" in said
    assert not list((home.root / "landing").rglob("*.yaml"))


def test_a_test_is_submitted_approved_and_revoked_by_files_in_landing_alone(mixhouse, home, tmp_path):
    assert mixhouse("submit", str(write(tmp_path, record())))[0] == 0
    assert not home.database.exists()
    refresh(home)
    assert mixhouse("approve", "lt-1", "--by", "Ann", "--why", "mine")[0] == 2  # the owner
    status, said = mixhouse("approve", "lt-1", "--by", "bob", "--why", "placebos are flat")
    assert status == 0, said
    refresh(home)
    status, said = mixhouse("list")
    assert "approved by bob" in said
    assert "placebos are flat" in said
    assert "€14.5k" in said
    assert "€41.0k ± €9.00k" in said
    assert mixhouse("approve", "lt-1", "--by", "cleo", "--why", "again")[0] == 2
    assert mixhouse("revoke", "lt-1", "--by", "cleo", "--why", "prices changed in Utah")[0] == 0
    refresh(home)
    status, said = mixhouse("events", "lt-1")
    assert status == 0, said
    rows = [line for line in said.splitlines() if "lt-1" not in line and "20" in line]
    assert ["submitted" in rows[0], "bob" in rows[1], "cleo" in rows[2]] == [True, True, True]
    assert "prices changed in Utah" in rows[2]
    assert len(list((home.root / "landing/experiments/decisions").iterdir())) == 2


def test_an_approval_is_of_the_record_that_was_published(mixhouse, home, tmp_path):
    mixhouse("submit", str(write(tmp_path, record())))
    refresh(home)
    mixhouse("approve", "lt-1", "--by", "bob", "--why", "looked")
    changed = write(tmp_path, record(lift=99000, updated_at="2024-05-01 09:00:00"), name="later.yaml")
    mixhouse("submit", str(changed))
    refresh(home)
    _, said = mixhouse("list")
    assert "changed since it was approved by bob" in said


def test_the_role_of_the_first_read_out_stands(mixhouse, home, tmp_path):
    planned = record(status="draft", role="calibrate")
    planned.pop("lift"), planned.pop("lift_se")
    mixhouse("submit", str(write(tmp_path, planned, name="plan.yaml")))
    refresh(home)
    read_out = record(role="validate", updated_at="2024-05-01 09:00:00")
    mixhouse("submit", str(write(tmp_path, read_out, name="readout.yaml")))
    refresh(home)
    turned = record(role="calibrate", status="approved", reviewer="bob", updated_at="2024-06-01 09:00:00")
    mixhouse("submit", str(write(tmp_path, turned, name="turned.yaml")))
    refresh(home)
    _, said = mixhouse("list")
    assert "validate" in said
    assert "role was 'validate' when its read-out landed; 'calibrate' was set later" in said


def test_a_test_is_replaced_by_one_that_is_approved(mixhouse, home, tmp_path):
    approved = {"status": "approved", "reviewer": "bob"}
    new = record(test_id="lt-2", lift=39000)
    mixhouse("submit", str(write(tmp_path, record(**approved), new)))
    refresh(home)
    status, said = mixhouse("supersede", "lt-1", "lt-2", "--by", "bob", "--why", "larger")
    assert status == 2
    assert "lt-2 is submitted; approve it first" in said
    mixhouse("approve", "lt-2", "--by", "bob", "--why", "looked")
    refresh(home)
    assert mixhouse("supersede", "lt-1", "lt-2", "--by", "bob", "--why", "larger")[0] == 0
    refresh(home)
    _, said = mixhouse("events", "lt-1")
    assert "replaced by lt-2: larger" in said


def test_an_unknown_test_suggests_the_nearest(mixhouse, home, tmp_path):
    assert mixhouse("approve", "lt-1", "--by", "bob", "--why", "x")[0] == 2  # nothing is published yet
    mixhouse("submit", str(write(tmp_path, record())))
    refresh(home)
    for command in (("revoke", "lt-l", "--by", "bob", "--why", "x"), ("events", "lt-l")):
        status, said = mixhouse(*command)
        assert status == 2
        assert "Did you mean 'lt-1'?" in said


def test_decisions_have_the_columns_of_their_table():
    assert set(RESULT_TABLES["evidence_events"].column_names) == set(evidence_events([]).columns)
