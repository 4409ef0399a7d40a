"""Lands the tables of databases: reads what is new, and hands it on as a file, in the one transaction of every file.

How far a table has been read stands in the load log, in the name under which its last rows landed. Nothing else
remembers it, so that a run may be killed anywhere: rows that are not in the log are read again.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.databases.attach import DatabaseError, attached
from warehouse.databases.declaration import Database, TableRead
from warehouse.databases.extract import extract
from warehouse.databases.selection import select
from warehouse.errors import FileRejectedError
from warehouse.landing.writes import Writes

WHOLE = "whole"


@dataclass(frozen=True)
class Progress:
    """How far a table has been read: the newest value of `changed`, and the fingerprints of the last two loads."""

    newest: str | None = None
    last: str = ""
    before: str = ""


def land_tables(databases: Sequence[Database], writes: Writes) -> None:
    """Land every table that goes into a raw table; a database that cannot be read is named in `report.unreachable`."""
    for database in databases:
        reads = database.reads(writes.contract)
        if not reads:
            continue
        try:
            with (
                tempfile.TemporaryDirectory(prefix="mixhouse-database-") as scratch,
                attached(database, Path(scratch)) as connection,
            ):
                for read in reads:
                    _land_table(connection, database, read, writes)
        except DatabaseError as error:
            writes.report.unreachable.append(str(error))


def progress(con: duckdb.DuckDBPyConnection, database: Database, read: TableRead) -> Progress:
    """How far a table has been read, from the load log of the warehouse."""
    prefix = f"{database.name}:{read.place}@"
    rows = con.execute(
        "select source_file, file_sha256 from raw_meta.loads "
        "where source = ? and table_name = ? and starts_with(source_file, ?) "
        "order by loaded_at desc, rowid desc limit 2",
        [read.contract.source, read.contract.table, prefix],
    ).fetchall()
    if not rows:
        return Progress()
    span = rows[0][0].removeprefix(prefix)
    newest = span.rpartition("..")[2] if ".." in span and read.changed else None
    return Progress(newest, rows[0][1], rows[1][1] if len(rows) > 1 else "")


def _land_table(connection: duckdb.DuckDBPyConnection, database: Database, read: TableRead, writes: Writes) -> None:
    place = f"{database.name}:{read.place}"
    with writes.warehouse.read() as con:
        so_far = progress(con, database, read)
    try:
        selection = select(connection, database, read)
    except FileRejectedError as error:
        writes.refuse(place, error.reason, error)
        return
    taken = extract(connection, database, read, selection, so_far.newest, writes.scratch())
    name = f"{place}@{WHOLE if taken.newest is None else f'{so_far.newest or ""}..{taken.newest}'}"
    if taken.rows == 0 or fingerprint(place, taken.digest, so_far.before) == so_far.last:
        writes.report.skipped.append(name)
        return
    copy = taken.local_copy(fingerprint(place, taken.digest, so_far.last))
    writes.add(name, copy, "parquet")
    # The next table into the same raw table asks the log how far it has been read.
    writes.flush()


def fingerprint(place: str, digest: str, before: str) -> str:
    """What the load log calls a load. Each builds on the one before: a return to an earlier state is a load, too."""
    return hashlib.sha256("\n".join([place, digest, before]).encode()).hexdigest()
