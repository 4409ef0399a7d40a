"""The one transaction of a file: its rows merged on their key, its problems, and its line in the load log.

Whatever kills a run, a file is either wholly in or not at all, and the next run gives the same tables.
"""

from __future__ import annotations

import duckdb

from warehouse.contracts import CONTRACTS, TableContract
from warehouse.landing import quarantine
from warehouse.landing.origin import Origin
from warehouse.landing.prepare import Prepared
from warehouse.landing.report import FileResult

LOADS_DDL = """
create schema if not exists raw_meta;
create table if not exists raw_meta.loads (
  batch_id varchar, source varchar, table_name varchar, source_file varchar, file_sha256 varchar,
  rows_read bigint, rows_merged bigint, rows_older bigint, rows_quarantined bigint,
  min_date date, max_date date, loaded_at timestamp
);
"""


def ensure_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing: every raw table of every contract (dbt builds on all), load log and quarantine.

    A column that a contract has gained since is added to the table, null for the rows loaded before.
    """
    con.execute(LOADS_DDL)
    con.execute(quarantine.DDL)
    existing: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in con.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
    ).fetchall():
        existing.setdefault((schema, table), set()).add(column)
    for contract in CONTRACTS.values():
        con.execute(contract.ddl())
        present = existing.get((contract.raw_schema, contract.table))
        for column in contract.columns:
            if present is not None and column.name not in present:
                con.execute(f'alter table {contract.raw_name} add column "{column.name}" {column.dtype}')


def loaded_hashes(con: duckdb.DuckDBPyConnection, contract: TableContract) -> set[str]:
    """SHA-256 of every file already merged into this table."""
    rows = con.execute(
        "select file_sha256 from raw_meta.loads where source = ? and table_name = ?", [contract.source, contract.table]
    ).fetchall()
    return {sha for (sha,) in rows}


def merge_file(
    con: duckdb.DuckDBPyConnection,
    contract: TableContract,
    origin: Origin,
    sha256: str,
    prepared: Prepared,
) -> FileResult:
    """Merge a prepared file, inside the caller's transaction; a key already there is replaced unless it is newer."""
    columns = ", ".join(f'"{name}"' for name in contract.column_names)
    on_key = " and ".join(f'held."{name}" = incoming."{name}"' for name in contract.key)
    con.execute(
        f"create or replace temp table incoming as select {columns} from read_parquet($path)",
        {"path": str(prepared.good)},
    )
    is_not_older = "true"
    if version := contract.version_column:
        is_not_older = (
            f'(incoming."{version}" is null or held."{version}" is null or incoming."{version}" >= held."{version}")'
        )
    con.execute(f"delete from {contract.raw_name} as held using incoming where {on_key} and {is_not_older}")
    con.execute(
        f"""
        insert into {contract.raw_name} ({columns}, _source_file, _batch_id, _loaded_at)
        select {columns}, $file, $batch_id, $at from incoming
        where not exists (select 1 from {contract.raw_name} as held where {on_key})
        """,
        {"file": origin.file, "batch_id": origin.batch_id, "at": origin.at},
    )
    date = f'cast("{contract.date_column}" as date)' if contract.date_column else "cast(null as date)"
    merged, first, last = con.execute(
        f"select count(*), min({date}), max({date}) from {contract.raw_name} where _batch_id = ?", [origin.batch_id]
    ).fetchone()
    offered = con.execute("select count(*) from incoming").fetchone()[0]
    con.execute("drop table incoming")
    quarantine.write_problems(con, origin, prepared.problems)
    result = FileResult(
        file=origin.file,
        rows_read=prepared.rows_read,
        rows_merged=merged,
        rows_older=prepared.rows_older + offered - merged,
        rows_quarantined=prepared.rows_quarantined,
        min_date=first,
        max_date=last,
    )
    log_load(con, origin, sha256, result)
    return result


def log_load(con: duckdb.DuckDBPyConnection, origin: Origin, sha256: str, result: FileResult) -> None:
    """Write the line of the load log that makes a re-delivery of the same bytes a no-op."""
    con.execute(
        "insert into raw_meta.loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            origin.batch_id,
            origin.source,
            origin.table,
            origin.file,
            sha256,
            result.rows_read,
            result.rows_merged,
            result.rows_older,
            result.rows_quarantined,
            result.min_date,
            result.max_date,
            origin.at,
        ],
    )
