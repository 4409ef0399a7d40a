"""What raw rows said before they were restated: kept, so that any past state of a raw table can be shown again."""

from __future__ import annotations

import datetime as dt

import duckdb

from warehouse.contracts import METADATA_COLUMNS, TableContract

SCHEMA = "raw_superseded"


def superseded_name(contract: TableContract) -> str:
    """Quoted name of the table that holds a raw table's superseded rows."""
    return f'"{SCHEMA}"."{contract.source}__{contract.table}"'


def ddl(contract: TableContract) -> str:
    """The raw table's columns, and when the row stopped being current."""
    declared = [(column.name, column.dtype) for column in contract.columns] + list(METADATA_COLUMNS)
    body = ", ".join(f'"{name}" {dtype}' for name, dtype in [*declared, ("_superseded_at", "timestamp")])
    return f'create schema if not exists "{SCHEMA}"; create table if not exists {superseded_name(contract)} ({body});'


def supersede(con: duckdb.DuckDBPyConnection, contract: TableContract, rows: str, at: dt.datetime) -> None:
    """Move raw rows aside, inside the caller's transaction; `rows` is a query that gives their `rowid`."""
    con.execute(
        f"insert into {superseded_name(contract)} by name "
        f"select *, $at as _superseded_at from {contract.raw_name} where rowid in ({rows})",
        {"at": at},
    )
    con.execute(f"delete from {contract.raw_name} where rowid in ({rows})")


def as_of(contract: TableContract, moment: str, catalog: str = "") -> str:
    """Query of the raw table as it stood at a moment (SQL of a UTC timestamp), load metadata included.

    `catalog` is the alias of an attached warehouse; without one the tables are the connection's own.
    """
    place = f"{catalog}." if catalog else ""
    columns = ", ".join(f'"{name}"' for name in (*contract.column_names, *(name for name, _ in METADATA_COLUMNS)))
    held, former = f"{place}{contract.raw_name}", f"{place}{superseded_name(contract)}"
    return (
        f"select {columns} from {held} where _loaded_at <= {moment} union all "
        f"select {columns} from {former} where _loaded_at <= {moment} and _superseded_at > {moment}"
    )
