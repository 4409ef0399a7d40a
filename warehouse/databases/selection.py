"""What is taken of a table: which of its columns, from which value on, and the words in which that is asked."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.databases.attach import ALIAS, failures_of
from warehouse.databases.declaration import Database, Kind, TableRead
from warehouse.errors import FileRejectedError, nearest

# Types that order rows by change.
MOMENTS = {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}
_WHOLE_NUMBERS = {"SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "USMALLINT", "UINTEGER", "UBIGINT"}
# Transactions end later than the moments that they write: an hour covers all but the longest.
_LATE = "interval 1 hour"
_PASS_THROUGH = {"postgres": "postgres_query", "mysql": "mysql_query"}
_TABLES_NAMED = 10
_SYSTEM_SCHEMAS = "('information_schema', 'pg_catalog', 'pg_toast', 'mysql', 'performance_schema', 'sys')"


@dataclass(frozen=True)
class Selection:
    """What is taken of a table: `columns` as the contract calls them, by how the database calls them.

    `changed_type` is None where the whole table is read each time. `left` are the columns that stay where they are.
    """

    kind: Kind
    path: tuple[str, ...]
    columns: dict[str, str]
    changed: str | None
    changed_type: str | None
    lookback_days: int | None
    left: tuple[str, ...]

    def back_from(self, newest: str) -> str:
        """SQL of the value from which rows are read, given the newest one that has landed."""
        value = f"cast('{newest}' as {self.changed_type})"
        days = self.lookback_days
        if self.changed_type in MOMENTS:
            return f"({value} - {_LATE if days is None else f'interval {days} day'})"
        return f"({value} - {days or 0})" if self.changed_type == "DATE" else value

    def since(self, connection: duckdb.DuckDBPyConnection, newest: str | None) -> str | None:
        """The value from which rows are read; None for all: at first, and where nothing tells what is newer."""
        if newest is None or self.changed_type is None:
            return None
        return connection.execute(f"select cast({self.back_from(newest)} as varchar)").fetchone()[0]

    def statement(self, since: str | None) -> str:
        """What is asked of the database, in its own words."""
        return self._select(self.path, since, "`" if self.kind == "mysql" else '"')

    def query(self, since: str | None) -> str:
        """The same as DuckDB runs it."""
        if since is None or self.kind not in _PASS_THROUGH:
            return self._select((ALIAS, *self.path), since, '"')
        # DuckDB would keep the `or` to itself and fetch the whole table, past the index on `changed`.
        statement = self.statement(since).replace("'", "''")
        return f"select * from {_PASS_THROUGH[self.kind]}('{ALIAS}', '{statement}')"

    def _select(self, path: tuple[str, ...], since: str | None, quote: str) -> str:
        columns = ", ".join(f"{quote}{there}{quote} as {quote}{name}{quote}" for name, there in self.columns.items())
        everything = f"select {columns} from {'.'.join(f'{quote}{part}{quote}' for part in path)}"
        if since is None or self.changed is None:
            return everything
        changed = f"{quote}{self.columns[self.changed]}{quote}"
        # A row without a value may be new.
        return f"{everything} where {changed} >= '{since}' or {changed} is null"


def select(connection: duckdb.DuckDBPyConnection, database: Database, read: TableRead) -> Selection:
    """Match a table's columns with the contract; nothing is read yet.

    Raises:
        FileRejectedError: no such table, a required column is missing, or `changed` cannot order rows.
        DatabaseError: the database does not answer.
    """
    path = tuple(part for part in read.place.rpartition(".")[::2] if part)
    relation = ".".join(f'"{part}"' for part in (ALIAS, *path))
    with failures_of(database, f"{read.place} cannot be read"):
        try:
            described = connection.execute(f"describe select * from {relation}").fetchall()
        except duckdb.CatalogException:
            raise FileRejectedError(
                "there is no such table.", remedy=_others(connection, read.place), file=_name(database, read)
            ) from None
    types = {name.strip().lower(): (name, dtype) for name, dtype, *_ in described}
    columns = {name: types[name][0] for name in read.contract.column_names if name in types}
    _refuse_missing(database, read, columns, list(types))
    changed_type = _type_of_change(database, read, types) if read.changed else None
    return Selection(
        kind=database.kind,
        path=path,
        columns=columns,
        changed=read.changed,
        changed_type=changed_type,
        lookback_days=read.lookback_days,
        left=tuple(name for name in types if name not in columns),
    )


def _others(connection: duckdb.DuckDBPyConnection, place: str) -> str:
    """The table or view whose name is nearest, or some of them."""
    rows = connection.execute(
        f"""
        select schema_name, table_name from duckdb_tables()
        where database_name = '{ALIAS}' and schema_name not in {_SYSTEM_SCHEMAS}
        union all select schema_name, view_name from duckdb_views()
        where database_name = '{ALIAS}' and schema_name not in {_SYSTEM_SCHEMAS}
        order by all
        """
    ).fetchall()
    names = [f"{schema}.{name}" if "." in place else name for schema, name in rows]
    if match := nearest(place, names):
        return f"Did you mean {match!r}?"
    more = ", and more" if len(names) > _TABLES_NAMED else ""
    return (
        f"There are: {', '.join(names[:_TABLES_NAMED])}{more}." if names else "The user of the address sees no table."
    )


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


def _type_of_change(database: Database, read: TableRead, types: dict[str, tuple[str, str]]) -> str:
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
