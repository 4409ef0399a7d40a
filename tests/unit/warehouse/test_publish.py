"""Publication: complete, explained, atomic under readers, and harmless when it fails."""

import datetime as dt
import errno
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from warehouse.connection import Warehouse, WarehouseLockedError
from warehouse.errors import WarehouseError
from warehouse.publish import PublishError, publish
from warehouse.results import RESULT_TABLES, ensure_results, write_tables

READER = """
import json, sys, duckdb
reads, states, errors = 0, set(), []
while reads < int(sys.argv[2]):
    try:
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            query = "select count(*), min(version), max(version) from main."
            media = connection.execute(query + "fct_media_weekly").fetchone()
            outcomes = connection.execute(query + "fct_outcomes_weekly").fetchone()
        states.add((media, outcomes))
    except Exception as error:
        errors.append(repr(error))
    reads += 1
    if reads == 1:
        print("reading", flush=True)
print(json.dumps({"states": sorted(states), "errors": errors}))
"""

PUBLISH_WITH_SMALL_FILES = """
import resource, sys
from pathlib import Path
from warehouse.connection import Warehouse
from warehouse.publish import PublishError, publish
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    publish(Warehouse(Path(sys.argv[1])), Path(sys.argv[2]))
except PublishError as error:
    print(error)
"""


def set_marts(warehouse: Warehouse, version: int, rows: int = 1000) -> None:
    """Two marts of the same version in one transaction."""
    with warehouse.write() as connection:
        for mart in ("fct_media_weekly", "fct_outcomes_weekly"):
            connection.execute(
                f"create or replace table main.{mart} as "
                f"select {version} as version, i as row_number, random() as value from range({rows}) as r(i)"
            )


@pytest.fixture
def warehouse(tmp_path):
    warehouse = Warehouse(tmp_path / "mixhouse.duckdb", timeout_seconds=30)
    set_marts(warehouse, version=1)
    return warehouse


@pytest.fixture
def target(tmp_path):
    return tmp_path / "published" / "mixhouse.duckdb"


def query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def version_of(path: Path) -> int:
    return query(path, "select max(version) from fct_media_weekly")[0][0]


def left_beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


def test_report_names_every_table_with_its_rows(warehouse, target):
    report = publish(warehouse, target)
    assert report.path == target
    assert report.tables["main.fct_media_weekly"] == 1000
    assert {name for name in report.tables if name.startswith("results.")} == {
        f"results.{name}" for name in RESULT_TABLES
    }
    assert report.bytes == target.stat().st_size > 0
    assert report.seconds > 0
    assert left_beside(target) == []


def test_marts_keep_types_and_comments(warehouse, target):
    with warehouse.write() as connection:
        connection.execute("create table main.dim_week (week_start date, is_complete boolean)")
        connection.execute("insert into main.dim_week values ('2024-01-01', true)")
        connection.execute("comment on table main.dim_week is 'The week''s calendar.'")
        connection.execute("comment on column main.dim_week.week_start is 'Monday.'")
    publish(warehouse, target)
    assert query(target, "from dim_week") == [(dt.date(2024, 1, 1), True)]
    assert query(target, "select comment from duckdb_tables() where table_name = 'dim_week'") == [
        ("The week's calendar.",)
    ]
    columns = "select column_name, data_type, comment from duckdb_columns() where table_name = 'dim_week'"
    assert query(target, columns) == [("week_start", "DATE", "Monday."), ("is_complete", "BOOLEAN", None)]


def test_results_come_with_their_champion_views_and_comments(warehouse, target):
    run = pd.DataFrame([dict.fromkeys(RESULT_TABLES["model_runs"].column_names)]).assign(
        run_id="r1", model="retail", kind="fit", role="champion", created_at=dt.datetime(2024, 1, 1)
    )
    gate = pd.DataFrame(
        [dict.fromkeys(RESULT_TABLES["gates"].column_names) | {"run_id": "r1", "name": "r_hat", "verdict": "pass"}]
    )
    with warehouse.write() as connection:
        write_tables(connection, {"model_runs": run, "gates": gate}, key="run_id", value="r1")
    report = publish(warehouse, target)
    assert report.tables["results.gates"] == 1
    assert query(target, "select model, run_id, name from results.latest_gates") == [("retail", "r1", "r_hat")]
    silent = "select table_name, column_name from duckdb_columns() where schema_name = 'results' and comment is null"
    assert query(target, silent) == []


def test_file_from_before_a_new_result_column_is_published_with_nulls(warehouse, target):
    with warehouse.write() as connection:
        ensure_results(connection)
        connection.execute("drop view results.latest_gates; alter table results.gates drop column advice")
        connection.execute("insert into results.gates (run_id, name) values ('r1', 'r_hat')")
    publish(warehouse, target)
    assert query(target, "select name, advice from results.gates") == [("r_hat", None)]


def test_raw_rows_stay_behind_but_loads_and_quarantine_counts_come_along(warehouse, target):
    with warehouse.write() as connection:
        connection.execute("create schema raw_shopify; create table raw_shopify.order as select 'a@b.c' as email")
        connection.execute("create schema raw_meta; create table raw_meta.loads as select 'b1' as batch_id")
        connection.execute("create schema raw_quarantine")
        connection.execute(
            "create table raw_quarantine.rows (source varchar, table_name varchar, source_file varchar, line bigint, "
            "column_name varchar, value varchar, reason varchar, remedy varchar, row_json varchar, batch_id varchar, "
            "quarantined_at timestamp)"
        )
        for line in (2, 3):
            connection.execute(
                "insert into raw_quarantine.rows values ('shopify', 'order', 'o.csv', ?, 'email', 'a@b.c', "
                "'not a price', 'fix it', '{}', 'b1', '2024-01-01')",
                [line],
            )
    report = publish(warehouse, target)
    assert report.tables["meta.loads"] == 1
    assert query(target, "select source, column_name, rows_rejected from meta.quarantine_summary") == [
        ("shopify", "email", 2)
    ]
    schemas = {row[0] for row in query(target, "select distinct schema_name from duckdb_tables()")}
    assert schemas == {"main", "results", "meta"}
    assert b"a@b.c" not in target.read_bytes()


def test_leftovers_of_dbt_are_not_published(warehouse, target):
    with warehouse.write() as connection:
        connection.execute("create table main.dim_week__dbt_tmp as select 1 as a")
    assert "main.dim_week__dbt_tmp" not in publish(warehouse, target).tables


def test_published_file_is_for_reading(warehouse, target):
    publish(warehouse, target)
    assert target.stat().st_mode & 0o777 == 0o444
    publish(warehouse, target)


def test_reader_keeps_the_file_it_has_open_and_the_next_one_sees_the_new(warehouse, target):
    publish(warehouse, target)
    script = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); "
        "sys.stdin.readline(); print(c.execute('select max(version) from fct_media_weekly').fetchone()[0])"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout.readline() == "open\n"
    set_marts(warehouse, version=2)
    publish(warehouse, target)
    assert version_of(target) == 2
    seen, _ = reader.communicate("now\n", timeout=60)
    assert seen == "1\n"


def test_200_reads_during_publications_meet_no_error_and_no_half_written_state(warehouse, target):
    publish(warehouse, target)
    reader = subprocess.Popen([sys.executable, "-c", READER, str(target), "200"], stdout=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "reading\n"
    version = 1
    while reader.poll() is None and version < 200:
        version += 1
        set_marts(warehouse, version, rows=1000 + version)
        publish(warehouse, target)
    found = json.loads(reader.communicate(timeout=120)[0])
    assert found["errors"] == []
    assert len(found["states"]) >= 3, "the reads should have spanned several publications"
    for media, outcomes in found["states"]:
        assert media == outcomes
        rows, oldest, newest = media
        assert oldest == newest
        assert rows == (1000 if newest == 1 else 1000 + newest)


def test_full_disk_leaves_the_old_file_and_says_what_to_do(warehouse, target):
    publish(warehouse, target)
    before = target.read_bytes()
    set_marts(warehouse, version=2, rows=1_000_000)
    limit = len(before) + 500_000
    ran = subprocess.run(
        [sys.executable, "-c", PUBLISH_WITH_SMALL_FILES, str(warehouse.database), str(target), str(limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"No room to publish {target}" in ran.stdout
    figures = re.search(r"needs more than the ([\d,]+) bytes .* and ([\d,]+) bytes are free in", ran.stdout)
    needed, free = (int(figure.replace(",", "")) for figure in figures.groups())
    assert len(before) < needed <= limit, "what was written up to the limit, not the old file's size"
    assert free > needed
    assert "The old file is untouched. Free some space there, lift the quota, or set MIXHOUSE_PUBLISHED" in ran.stdout
    assert target.read_bytes() == before
    assert left_beside(target) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    publish(warehouse, target)
    assert version_of(target) == 2


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "No room to publish"), (errno.EIO, "Could not publish .*Input/output error")],
)
def test_failure_at_the_last_step_leaves_the_old_file(warehouse, target, monkeypatch, number, message):
    publish(warehouse, target)
    set_marts(warehouse, version=2)

    def fail(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("warehouse.publish.os.fsync", fail)
    with pytest.raises(PublishError, match=f"{message}.*The old file is untouched"):
        publish(warehouse, target)
    assert version_of(target) == 1
    assert left_beside(target) == []


def test_first_publication_that_fails_publishes_nothing(warehouse, target, monkeypatch):
    monkeypatch.setattr("warehouse.publish.os.fsync", lambda _: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
    with pytest.raises(PublishError, match="Nothing was published"):
        publish(warehouse, target)
    assert list(target.parent.iterdir()) == []


def test_folders_of_killed_runs_are_cleaned_and_those_of_running_ones_kept(warehouse, target):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    killed = target.parent / f".publish-{gone.pid}-abc"
    running = target.parent / f".publish-{os.getppid()}-abc"
    ancient = target.parent / f".publish-{os.getppid()}-old"
    for folder in (killed, running, ancient):
        folder.mkdir(parents=True)
        (folder / "mixhouse.duckdb").write_bytes(b"half")
    os.utime(ancient, (0, 0))
    publish(warehouse, target)
    assert left_beside(target) == [running.name]


def test_log_of_somebody_who_wrote_to_the_old_file_does_not_reach_the_new_one(warehouse, target):
    publish(warehouse, target)
    target.with_name("mixhouse.duckdb.wal").write_bytes(b"not of this file")
    publish(warehouse, target)
    assert version_of(target) == 1
    assert left_beside(target) == []


def test_other_stem_is_refused_because_views_store_it(warehouse, tmp_path):
    with pytest.raises(PublishError, match=r"must be called mixhouse\.duckdb.*got marts\.duckdb"):
        publish(warehouse, tmp_path / "published" / "marts.duckdb")


def test_missing_working_file_is_named(tmp_path, target):
    with pytest.raises(WarehouseError, match="There is no warehouse at"):
        publish(Warehouse(tmp_path / "nowhere" / "mixhouse.duckdb"), target)
    assert left_beside(target) == []


def test_writer_that_stays_is_named_and_the_old_file_kept(warehouse, target):
    publish(warehouse, target)
    script = "import sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    writer = subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.database)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(WarehouseLockedError, match=f"process {writer.pid} "):
            publish(Warehouse(warehouse.database, timeout_seconds=0.2), target)
    finally:
        writer.kill()
        writer.communicate()
    assert version_of(target) == 1
    assert left_beside(target) == []
