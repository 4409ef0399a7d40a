"""`mixhouse doctor`: each thing that can be wrong with an installation, and what is said about it."""

import datetime as dt
import sqlite3
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
from typer.testing import CliRunner

from dagster_project import doctor
from dagster_project.cli import app
from warehouse.connection import Warehouse
from warehouse.landing import land_source

RATES = "date,currency,reporting_currency,rate\n2024-01-01,EUR,USD,1.1\n"
NOW = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=1)


@pytest.fixture
def landed(home):
    """A home into which one file of rates has just landed, with one row in quarantine."""
    folder = home.root / "landing" / "fx" / "rates"
    folder.mkdir(parents=True)
    (folder / "rates.csv").write_text(RATES + "2024-01-02,EURO,USD,1.2\n")
    land_source(Warehouse(home.database), home.landing, "fx", settle_seconds=0)
    return home


def said(home, verdict, now=NOW, environ=()) -> str:
    findings = doctor.examine(home, dict(environ), now)
    assert all(finding.remedy for finding in findings if finding.verdict != "ok")
    return "\n".join(finding.what for finding in findings if finding.verdict == verdict)


def test_an_empty_home_is_no_error_and_is_told_where_to_start(home):
    assert said(home, "error") == ""
    assert "holds no export" in said(home, "warning")
    assert "nothing has been landed yet" in said(home, "warning")
    assert "versions as in requirements.lock" in said(home, "ok")


def test_a_landed_source_is_fresh_and_its_quarantine_is_counted(landed):
    assert "fx: newest file 0 days ago" in said(landed, "ok")
    assert "1 problems in raw_quarantine.rows" in said(landed, "warning")


@pytest.mark.parametrize(("days", "verdict"), [(8, "warning"), (31, "error")])
def test_a_source_that_stopped_is_late_by_its_own_declaration(landed, days, verdict):
    told = said(landed, verdict, now=NOW + dt.timedelta(days=days))
    assert f"fx: newest file {days} days ago, expected within 7" in told


def test_a_folder_that_no_connector_knows_is_named(landed):
    (landed.root / "landing" / "google_adds").mkdir()
    assert "landing/google_adds: no connector of that name" in said(landed, "warning")


def test_a_held_lock_names_the_process_and_is_only_a_warning(landed, tmp_path):
    hold = (
        f"import duckdb, time; c = duckdb.connect({str(landed.database)!r}); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline().strip() == "held"
        told = said(landed, "warning")
        holder.kill()
    assert f"process {holder.pid}" in told


def test_a_damaged_file_is_an_error(home):
    home.database.write_bytes(b"not a database" * 1000)
    assert "Cannot open the warehouse" in said(home, "error")


def test_missing_credentials_are_named_and_present_ones_never_shown(home):
    remote = replace(home, snapshots_url="s3://bucket/snapshots")
    assert "MIXHOUSE_SNAPSHOTS is a s3 address and none of AWS_ACCESS_KEY_ID" in said(remote, "warning")
    told = doctor.examine(remote, {"AWS_ACCESS_KEY_ID": "very-secret"}, NOW)
    assert not any("AWS" in finding.what or "very-secret" in finding.what for finding in told)


def test_a_landing_place_that_cannot_be_read_is_an_error(home):
    assert "cannot be read" in said(replace(home, landing_url="nosuch://place"), "error")


def test_a_bucket_that_is_not_there_is_an_error(home, s3):
    told = said(replace(home, landing_url="s3://exprots/landing"), "error")
    assert "landing cannot be read: s3://exprots/landing cannot be reached" in told


RATES_OF_SQLITE = "attach: sqlite\naddress: RATES_FILE\ntables: [{from: rates, into: fx.rates}]\n"


@pytest.fixture
def rates_file(home, tmp_path):
    """A SQLite file with rates that the home reads."""
    path = str(tmp_path / "rates.db")
    with sqlite3.connect(path) as connection:
        connection.execute("create table rates (date date, currency text, reporting_currency text, rate real)")
    (home.databases / "rates.yaml").write_text(RATES_OF_SQLITE)
    return path


def test_a_database_that_can_be_read_is_told_with_its_tables(home, rates_file):
    assert "database rates: rates" in said(home, "ok", environ={"RATES_FILE": rates_file})


@pytest.mark.parametrize(
    ("environ", "statement", "told"),
    [
        ({}, "select 1", "database rates: the environment variable RATES_FILE is not set"),
        ({"RATES_FILE": "/no/such/file"}, "select 1", "database rates: RATES_FILE names no file"),
        (None, "alter table rates rename to rate", "rates:rates: there is no such table. Did you mean 'rate'?"),
        (None, "alter table rates drop column rate", "rates:rates column 'rate': the table lacks column rate."),
    ],
)
def test_a_database_that_cannot_be_read_is_an_error(home, rates_file, environ, statement, told):
    with sqlite3.connect(rates_file) as connection:
        connection.execute(statement)
    assert told in said(home, "error", environ={"RATES_FILE": rates_file} if environ is None else environ)


def test_a_declaration_that_is_none_is_an_error(home):
    (home.databases / "shop.yaml").write_text(RATES_OF_SQLITE.replace("RATES_FILE", "postgresql://u:canary@db/shop"))
    told = said(home, "error")
    assert "databases/shop.yaml: key 'address': write the NAME" in told
    assert "canary" not in told


def test_another_version_than_the_locked_one_is_an_error(home, monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("\n".join(f"{name}==0.0.1 \\" for name in doctor.PINNED))
    monkeypatch.setattr(doctor, "LOCK_FILE", lock)
    assert f"duckdb {duckdb.__version__} instead of 0.0.1" in said(home, "error")


def test_little_room_and_a_published_file_are_told(landed, monkeypatch):
    monkeypatch.setattr(doctor, "LITTLE_ROOM_BYTES", 10**18)
    landed.published.write_bytes(b"x" * 2_000_000)
    assert "GiB free" in said(landed, "warning")
    assert "published file" in said(landed, "ok")


def test_the_command_ends_with_status_1_only_on_errors(home):
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
    home.database.write_bytes(b"not a database" * 1000)
    done = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "✗ Cannot open the warehouse" in done.stdout
