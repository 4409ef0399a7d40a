"""Takes the new rows of a table out of a database into a local Parquet file: only the columns that its contract takes.

Personal data never leave the database: the select list that is sent there does not name them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.databases.attach import failures_of
from warehouse.databases.declaration import Database, TableRead
from warehouse.databases.selection import MOMENTS, Selection
from warehouse.landing.discover import LocalCopy


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
        rows = selection.query(selection.since(connection, newest))
        target = str(path).replace("'", "''")
        connection.execute(f"copy ({rows}) to '{target}' (format parquet)")
        return _account(connection, selection, path)


def _account(connection: duckdb.DuckDBPyConnection, selection: Selection, path: Path) -> Extract:
    rows, newest = connection.execute(
        f"select count(*), {_newest(selection)} from read_parquet($path)", {"path": str(path)}
    ).fetchone()
    again = "true"
    if newest is not None:
        again = f'"{selection.changed}" >= {selection.back_from(newest)} or "{selection.changed}" is null'
    columns = ", ".join(f'"{name}"' for name in selection.columns)
    # A sum does not ask for the order, in which a database gives its rows as it likes. The outer hash mixes: by the
    # inner one alone, two rows that swap a value might add up to the same. Another DuckDB may hash otherwise; then each
    # table lands once more.
    sums = connection.execute(
        f"select count(*), sum(cast(hash(hash({columns})) as hugeint)) from read_parquet($path) where {again}",
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
