"""Takes the new rows of a table out of a database into a local Parquet file: only the columns that its contract takes.

Personal data never leave the database: the select list that is sent there does not name them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.databases.attach import ALIAS, failures_of
from warehouse.databases.declaration import Database, TableRead
from warehouse.errors import FileRejectedError, did_you_mean, nearest
from warehouse.landing.discover import LocalCopy

# Types that order rows by change, and SQL of a value so far back that a row written meanwhile lies behind it.
MOMENTS = {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
_WHOLE_NUMBERS = {"SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "USMALLINT", "UINTEGER", "UBIGINT"}
# Transactions end later than the moments that they write: an hour covers all but the longest.
_LATE = "interval 1 hour"
_SYSTEM_SCHEMAS = "('information_schema', 'pg_catalog', 'pg_toast', 'mysql', 'performance_schema', 'sys')"


@dataclass(frozen=True)
class Selection:
    """What is taken of a table: `columns` as the contract calls them, by how the database calls them.

    `changed_type` is None where the whole table is read each time. `left` are the columns that stay where they are.
    """

    relation: str
    columns: dict[str, str]
    changed: str | None
    changed_type: str | None
    changed_may_be_missing: bool
    lookback_days: int | None
    left: tuple[str, ...]

    def since(self, newest: str) -> str:
        """SQL of the value from which rows are read, given the newest one that has landed."""
        value = f"cast('{newest}' as {self.changed_type})"
        days = self.lookback_days
        if self.changed_type in MOMENTS:
            return f"({value} - {_LATE if days is None else f'interval {days} day'})"
        return f"({value} - {days or 0})" if self.changed_type == "DATE" else value


@dataclass(frozen=True)
class Extract:
    """Rows as they were at one moment. `newest` is the greatest value of `changed`, as text; None where there is none.

    `digest` is of the rows that the next read would bring if nothing changed, in any order.
    """

    path: Path
    rows: int
    newest: str | None
    digest: str

    def local_copy(self, sha256: str) -> LocalCopy:
        """The file as landing takes it."""
        return LocalCopy(self.path, sha256, self.path.stat().st_size, self.rows)


def select(connection: duckdb.DuckDBPyConnection, database: Database, read: TableRead) -> Selection:
    """Match a table's columns with the contract; nothing is read yet.

    Raises:
        FileRejectedError: no such table, a required column is missing, or `changed` cannot order rows.
        DatabaseError: the database does not answer.
    """
    schema, _, table = read.place.rpartition(".")
    relation = ".".join(f'"{part}"' for part in (ALIAS, schema, table) if part)
    with failures_of(database, f"{read.place} cannot be read"):
        try:
            described = connection.execute(f"describe select * from {relation}").fetchall()
        except duckdb.CatalogException:
            remedy = did_you_mean(read.place, tables_of(connection))
            raise FileRejectedError("there is no such table.", remedy=remedy, file=_name(database, read)) from None
    types = {name.strip().lower(): (name, dtype, nullable) for name, dtype, nullable, *_ in described}
    columns = {name: types[name][0] for name in read.contract.column_names if name in types}
    _refuse_missing(database, read, columns, list(types))
    changed_type = _type_of_change(database, read, types) if read.changed else None
    return Selection(
        relation=relation,
        columns=columns,
        changed=read.changed,
        changed_type=changed_type,
        changed_may_be_missing=changed_type is not None and types[str(read.changed)][2] != "NO",
        lookback_days=read.lookback_days,
        left=tuple(name for name in types if name not in columns),
    )


def tables_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """`schema.table` of every table and view of the attached database."""
    rows = connection.execute(
        f"""
        select schema_name, table_name from duckdb_tables()
        where database_name = '{ALIAS}' and schema_name not in {_SYSTEM_SCHEMAS}
        union all select schema_name, view_name from duckdb_views()
        where database_name = '{ALIAS}' and schema_name not in {_SYSTEM_SCHEMAS}
        order by all
        """
    ).fetchall()
    return [f"{schema}.{name}" for schema, name in rows]


def query(selection: Selection, newest: str | None) -> str:
    """The query that is sent to the database: all rows, or those at or after what has landed."""
    columns = ", ".join(f'"{there}" as "{name}"' for name, there in selection.columns.items())
    everything = f"select {columns} from {selection.relation}"
    if newest is None or selection.changed_type is None:
        return everything
    changed = f'"{selection.columns[selection.changed]}"'
    later = f"{everything} where {changed} >= {selection.since(newest)}"
    if not selection.changed_may_be_missing:
        return later
    # A row without a value may be new. Two queries, because DuckDB keeps an `or` to itself and would fetch the table.
    return f"{later} union all {everything} where {changed} is null"


def extract(
    connection: duckdb.DuckDBPyConnection,
    database: Database,
    read: TableRead,
    selection: Selection,
    newest: str | None,
    folder: Path,
) -> Extract:
    """Stream the rows into `<folder>/landed`, in bounded memory.

    Args:
        newest: the greatest value of `changed` that has landed; None to read the whole table.

    Raises:
        DatabaseError: the database does not let us read, or goes away meanwhile.
    """
    path = folder / "landed"
    with failures_of(database, f"{read.place} cannot be read"):
        if newest is not None and database.kind == "postgres":
            # Reading by pages in parallel would read the whole table past the index on `changed`.
            connection.execute("set pg_use_ctid_scan = false")
        target = str(path).replace("'", "''")
        connection.execute(f"copy ({query(selection, newest)}) to '{target}' (format parquet)")
        return _account(connection, selection, path)


def _account(connection: duckdb.DuckDBPyConnection, selection: Selection, path: Path) -> Extract:
    rows, newest = connection.execute(
        f"select count(*), {_newest(selection)} from read_parquet($path)", {"path": str(path)}
    ).fetchone()
    again = "true"
    if newest is not None:
        again = f'"{selection.changed}" >= {selection.since(newest)} or "{selection.changed}" is null'
    texts = ", ".join(f"""coalesce(cast("{name}" as varchar), chr(0))""" for name in selection.columns)
    # A sum does not ask for the order, in which a database gives its rows as it likes.
    sums = connection.execute(
        f"""
        select count(*), sum(cast(md5_number_upper(text) as hugeint)), sum(cast(md5_number_lower(text) as hugeint))
        from (select concat_ws(chr(31), {texts}) as text from read_parquet($path) where {again})
        """,
        {"path": str(path)},
    ).fetchone()
    parts = [*selection.columns, newest, *sums]
    return Extract(path, rows, newest, hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest())


def _newest(selection: Selection) -> str:
    """SQL of the greatest value of `changed`, as text; one in the future is a mistake that must not hide the rest."""
    changed = f'"{selection.changed}"'
    if selection.changed_type is None:
        return "null"
    if selection.changed_type == "DATE" or selection.changed_type in MOMENTS:
        return f"cast(max({changed}) filter (where {changed} <= now()) as varchar)"
    return f"cast(max({changed}) as varchar)"


def _refuse_missing(database: Database, read: TableRead, columns: dict[str, str], there: list[str]) -> None:
    needed = [column.name for column in read.contract.columns if column.required or column.name == read.changed]
    missing = [name for name in needed if name not in columns]
    if missing:
        unknown = [name for name in there if not read.contract.knows(name)]
        guesses = [f"{name!r} may be {match!r}" for name in missing if (match := nearest(name, unknown))]
        raise FileRejectedError(
            f"the table lacks {'columns' if len(missing) > 1 else 'column'} {', '.join(missing)}.",
            remedy=f"Make a view that calls the columns as {read.contract.full_name} does, and read that."
            + (f" {'; '.join(guesses)}." if guesses else ""),
            file=_name(database, read),
            column=", ".join(missing),
        )


def _type_of_change(database: Database, read: TableRead, types: dict[str, tuple[str, str, str]]) -> str:
    dtype = types[str(read.changed)][1]
    if dtype not in {*MOMENTS, *_WHOLE_NUMBERS, "DATE"}:
        raise FileRejectedError(
            f"changed names a column of type {dtype}, which does not tell what is newer.",
            remedy="Name a column of dates, moments or whole numbers, or leave `changed` out.",
            file=_name(database, read),
            column=read.changed,
        )
    return dtype


def _name(database: Database, read: TableRead) -> str:
    return f"{database.name}:{read.place}"
