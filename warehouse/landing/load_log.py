"""The load log, `raw_meta.loads`: which file was merged when, what became of its rows, which days it covers."""

from __future__ import annotations

import datetime as dt

import duckdb

from warehouse.contracts import TableContract
from warehouse.landing.origin import Origin
from warehouse.landing.report import FileResult

DDL = """
create schema if not exists raw_meta;
create table if not exists raw_meta.loads (
  batch_id varchar, source varchar, table_name varchar, source_file varchar, file_sha256 varchar,
  rows_read bigint, rows_merged bigint, rows_unchanged bigint, rows_older bigint, rows_quarantined bigint,
  min_date date, max_date date, loaded_at timestamp
);
alter table raw_meta.loads add column if not exists rows_unchanged bigint;
"""


def loaded_hashes(con: duckdb.DuckDBPyConnection, contract: TableContract) -> set[str]:
    """SHA-256 of every file already merged into this table."""
    rows = con.execute(
        "select file_sha256 from raw_meta.loads where source = ? and table_name = ?", [contract.source, contract.table]
    ).fetchall()
    return {sha for (sha,) in rows}


def next_moment(con: duckdb.DuckDBPyConnection, now: dt.datetime) -> dt.datetime:
    """The stamp of a new load: now (UTC, with zone), but after every load that is in the log, whatever the clock says.

    A later load must never carry an earlier stamp: past states and incremental marts are told apart by it.
    """
    [last] = con.execute("select max(loaded_at) from raw_meta.loads").fetchone()
    if last is None:
        return now
    return max(now, last.replace(tzinfo=dt.UTC) + dt.timedelta(microseconds=1))


def log_load(con: duckdb.DuckDBPyConnection, origin: Origin, sha256: str, result: FileResult) -> None:
    """Write the line of the load log that makes a re-delivery of the same bytes a no-op."""
    con.execute(
        """
        insert into raw_meta.loads by name select
            $batch_id as batch_id, $source as source, $table as table_name, $file as source_file,
            $sha256 as file_sha256, $read as rows_read, $merged as rows_merged, $unchanged as rows_unchanged,
            $older as rows_older, $quarantined as rows_quarantined, $first as min_date, $last as max_date,
            $at as loaded_at
        """,
        {
            "batch_id": origin.batch_id,
            "source": origin.source,
            "table": origin.table,
            "file": origin.file,
            "sha256": sha256,
            "read": result.rows_read,
            "merged": result.rows_merged,
            "unchanged": result.rows_unchanged,
            "older": result.rows_older,
            "quarantined": result.rows_quarantined,
            "first": result.min_date,
            "last": result.max_date,
            "at": origin.at,
        },
    )
