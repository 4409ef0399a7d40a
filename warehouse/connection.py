"""How the working DuckDB file is opened: briefly, with patience for others, and always closed."""

from __future__ import annotations

import contextlib
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 2.0
# What DuckDB may hold in memory before it writes to disk; its own default is four fifths of the machine.
MEMORY_LIMIT = "3GB"


class WarehouseLockedError(WarehouseError):
    """Somebody else held the file for the whole of the allowed wait."""


class MissingWarehouseError(WarehouseError):
    """There is no file yet."""


def settings(spill: Path) -> dict[str, str]:
    """Configuration of a DuckDB connection: bounded memory (MIXHOUSE_MEMORY_LIMIT), and where it goes beyond."""
    return {
        "memory_limit": os.environ.get("MIXHOUSE_MEMORY_LIMIT") or MEMORY_LIMIT,
        "temp_directory": str(spill),
    }


@dataclass(frozen=True)
class Warehouse:
    """One DuckDB file with one writer or many readers at a time, never both (a limit of DuckDB itself).

    `timeout_seconds` bounds the whole wait for a lock that another process, or this one, holds.
    """

    database: Path
    timeout_seconds: float = 120.0

    @contextlib.contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection; keep it short, because it keeps every writer out.

        Raises MissingWarehouseError if there is no file yet, WarehouseLockedError if a writer stays too long.
        """
        self._require_file()
        connection = self._patiently(lambda: self._connect(read_only=True), aim="reading")
        try:
            yield connection
        finally:
            connection.close()

    @contextlib.contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-write connection inside one transaction: committed at the end, rolled back on any error.

        The file and its folder are made when missing. Compute first, then open: nobody can read meanwhile.
        Raises WarehouseLockedError if others do not let go in time.
        """
        self.database.parent.mkdir(parents=True, exist_ok=True)
        connection = self._patiently(lambda: self._connect(read_only=False), aim="writing")
        try:
            connection.begin()
            try:
                yield connection
                connection.commit()
            except BaseException:
                # A full disk may have ended the transaction already; the first error is the one to show.
                with contextlib.suppress(duckdb.Error):
                    connection.rollback()
                raise
        finally:
            connection.close()

    @contextlib.contextmanager
    def attached(self, connection: duckdb.DuckDBPyConnection, alias: str) -> Iterator[None]:
        """Attach this file, read-only, to another database's connection under `alias`.

        The body must leave no transaction open, or the file cannot be detached. Raises as `read` does.
        """
        self._require_file()
        path = str(self.database).replace("'", "''")
        self._patiently(lambda: connection.execute(f"attach '{path}' as \"{alias}\" (read_only)"), aim="reading")
        try:
            yield
        finally:
            # After a full disk the connection is dead, and its close lets go of the file instead.
            with contextlib.suppress(duckdb.Error):
                connection.execute(f'detach "{alias}"')

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        spill = self.database.with_name(f"{self.database.name}.tmp")
        connection = duckdb.connect(str(self.database), read_only=read_only, config=settings(spill))
        connection.execute("set timezone = 'UTC'")  # a moment with an offset becomes UTC, wherever the machine stands
        return connection

    def _require_file(self) -> None:
        if not self.database.exists():
            raise MissingWarehouseError(
                f"There is no warehouse at {self.database}. "
                "Land some data first (`make demo` does), or point MIXHOUSE_HOME at the right folder."
            )

    def _patiently[T](self, open_file: Callable[[], T], *, aim: str) -> T:
        started = time.monotonic()
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                return open_file()
            except (duckdb.IOException, duckdb.ConnectionException) as error:
                if not _is_lock_conflict(error):
                    raise WarehouseError(
                        f"Cannot open the warehouse {self.database}: {error}. If the file is damaged, move "
                        "it away and run the graph again: it is rebuilt from the landing folder."
                    ) from error
                left = self.timeout_seconds - (time.monotonic() - started)
                if left <= 0:
                    raise WarehouseLockedError(self._locked_message(error, aim)) from error
                # Jitter keeps steps that were refused together from coming back together.
                time.sleep(min(left, wait * random.uniform(0.5, 1.0)))
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)

    def _locked_message(self, error: duckdb.Error, aim: str) -> str:
        intro = f"Could not open {self.database} for {aim} within {self.timeout_seconds:g} s: "
        if isinstance(error, duckdb.ConnectionException):
            return intro + (
                "this process already holds it open in the other mode. "
                "Close that connection first; do not nest read() and write()."
            )
        holder = re.search(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)", str(error))
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another process"
        return intro + (
            f"{who} holds its lock. Wait for that run or close that program; to query while runs go on, "
            "open the published file instead of the working file."
        )


def _is_lock_conflict(error: duckdb.Error) -> bool:
    text = str(error)
    return "Could not set lock" in text or "different configuration than existing connections" in text
