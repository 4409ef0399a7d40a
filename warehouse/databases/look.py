"""Looks at a database without reading a row: is it there, are its tables and columns, and what would be taken?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.connection import Warehouse
from warehouse.databases.attach import attached
from warehouse.databases.declaration import Database, TableRead
from warehouse.databases.land import progress
from warehouse.databases.selection import Selection, select
from warehouse.errors import FileRejectedError


@dataclass(frozen=True)
class TableLook:
    """What the next landing would ask for; `problem` says why it would take nothing."""

    read: TableRead
    selection: Selection | None = None
    since: str | None = None
    problem: str = ""


def look_at(database: Database, warehouse: Warehouse, environ: Mapping[str, str] = os.environ) -> list[TableLook]:
    """Look at every table that is read.

    Raises:
        DatabaseError: the database does not let us in.
        WarehouseError: the warehouse, whose load log tells how far a table has been read, cannot be opened.
    """
    looks = []
    with (
        tempfile.TemporaryDirectory(prefix="mixhouse-database-") as scratch,
        attached(database, Path(scratch), environ) as connection,
    ):
        for read in database.tables:
            try:
                selection = select(connection, database, read)
            except FileRejectedError as error:
                looks.append(TableLook(read, problem=str(error)))
            else:
                newest = _newest(database, read, warehouse)
                looks.append(TableLook(read, selection, selection.since(connection, newest)))
    return looks


def _newest(database: Database, read: TableRead, warehouse: Warehouse) -> str | None:
    if not warehouse.database.exists():
        return None
    with warehouse.read() as con:
        return progress(con, database, read).newest
