"""The one transaction of a file: its rows merged on their key, its problems, and its line in the load log.

Whatever kills a run, a file is either wholly in or not at all, and the next run gives the same tables.
"""

from __future__ import annotations

import duckdb

from warehouse.contracts import CONTRACTS, TableContract
from warehouse.contracts.base import TOOL_PREFIXES
from warehouse.landing import load_log, quarantine, seen, superseded, volume
from warehouse.landing.origin import Origin
from warehouse.landing.prepare import Prepared
from warehouse.landing.report import FileResult


def ensure_raw_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing: every raw table of every contract (dbt builds on all), load log and quarantine.

    A column that a contract has gained since is added to the table, null for the rows loaded before.
    """
    con.execute(load_log.DDL)
    con.execute(seen.DDL)
    con.execute(quarantine.DDL)
    con.execute(volume.DDL)
    existing: dict[str, set[str]] = {}
    for schema, table, column in con.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
    ).fetchall():
        existing.setdefault(f'"{schema}"."{table}"', set()).add(column)
    for contract in CONTRACTS.values():
        for name, create in (
            (contract.raw_name, contract.ddl()),
            (superseded.superseded_name(contract), superseded.ddl(contract)),
        ):
            if name not in existing:
                con.execute(create)
                continue
            for column in contract.columns:
                if column.name not in existing[name]:
                    con.execute(f'alter table {name} add column "{column.name}" {column.dtype}')


def merge_file(
    con: duckdb.DuckDBPyConnection,
    contract: TableContract,
    origin: Origin,
    sha256: str,
    prepared: Prepared,
) -> FileResult:
    """Merge a prepared file, inside the caller's transaction.

    A key that is there already is replaced unless it is newer, and what it said before is kept. A row that says what
    is there already leaves it as it is, load stamp included: a feed that sends four weeks each night restates little.
    """
    met = _meet(con, contract, prepared.good)
    offered = fresh = f"({prepared.good})"
    if met:
        offered, fresh = "incoming", "incoming where rowid not in (select offer from met where fate <> 'replaced')"
        superseded.supersede(con, contract, "select held from met where fate = 'replaced'", origin.at)
        _carry_versions(con, contract)
    columns = ", ".join(f'"{name}"' for name in contract.column_names)
    [merged] = con.execute(
        f"insert into {contract.raw_name} ({columns}, _source_file, _batch_id, _loaded_at) "
        f"select {columns}, $file, $batch_id, $at from {fresh}",
        {"file": origin.file, "batch_id": origin.batch_id, "at": origin.at},
    ).fetchone()
    date = f'cast("{contract.date_column}" as date)' if contract.date_column else "cast(null as date)"
    first, last = con.execute(f"select min({date}), max({date}) from {offered}").fetchone()
    con.execute("drop table if exists met; drop table if exists incoming")
    quarantine.write_problems(con, origin, prepared.problems)
    result = FileResult(
        file=origin.file,
        rows_read=prepared.rows_read,
        rows_merged=merged,
        rows_unchanged=met.get("unchanged", 0),
        rows_older=prepared.rows_older + met.get("older", 0),
        rows_quarantined=prepared.rows_quarantined,
        min_date=first,
        max_date=last,
    )
    load_log.log_load(con, origin, sha256, result)
    return result


def _meet(con: duckdb.DuckDBPyConnection, contract: TableContract, good: str) -> dict[str, int]:
    """What becomes of the offered rows whose key is there already: how many are replaced, unchanged, older.

    Where there are any, table `incoming` holds the offered rows, and `met(offer, held, fate)` their row ids.
    """
    key = ", ".join(f'"{name}"' for name in contract.key)
    # Most files bring new days only. DuckDB then looks at the newest row groups and at no other.
    if not con.execute(f"select 1 from {contract.raw_name} semi join ({good}) using ({key}) limit 1").fetchone():
        return {}
    con.execute(f"create or replace temp table incoming as {good}")
    con.execute(
        f"""
        create or replace temp table met as
        select
            incoming.rowid as offer,
            held.rowid as held,
            case
                when {_is_newer("held", "incoming", contract)} then 'older'
                when {_says_the_same(contract)} then 'unchanged'
                else 'replaced'
            end as fate
        from {contract.raw_name} as held
        inner join incoming using ({key})
        """
    )
    return dict(con.execute("select fate, count(*) from met group by fate").fetchall())


def _is_newer(one: str, other: str, contract: TableContract) -> str:
    """Of unknown versions the later file counts as the newer."""
    version = contract.version_column
    return f'coalesce({one}."{version}" > {other}."{version}", false)' if version else "false"


def _says_the_same(contract: TableContract) -> str:
    """Equal in all that is data: extraction tools stamp a row anew each time they read it.

    Their flags are data: that a row was deleted is told by nothing else.
    """
    data = [
        column.name
        for column in contract.columns
        if column.name not in contract.key
        and column.name != contract.version_column
        and not (column.name.startswith(TOOL_PREFIXES) and column.dtype == "timestamp")
    ]
    return " and ".join(f'held."{name}" is not distinct from incoming."{name}"' for name in data) or "true"


def _carry_versions(con: duckdb.DuckDBPyConnection, contract: TableContract) -> None:
    """An unchanged row takes the newer stamp, so that a file between the two cannot undo it."""
    if version := contract.version_column:
        con.execute(
            f'update {contract.raw_name} as held set "{version}" = incoming."{version}" from met, incoming '
            f"where met.fate = 'unchanged' and held.rowid = met.held and incoming.rowid = met.offer "
            f"and {_is_newer('incoming', 'held', contract)}"
        )
