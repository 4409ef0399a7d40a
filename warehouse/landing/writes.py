"""Files of one table that are ready and wait to be written: the warehouse is opened once for many small ones.

Opening and closing the file costs more than merging a small export. One opening is one transaction: all of its files
are in, or none is and they are landed again.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from warehouse.connection import Warehouse
from warehouse.contracts import TableContract
from warehouse.errors import FileRejectedError
from warehouse.landing import load_log, merge, quarantine, seen
from warehouse.landing.discover import LocalCopy
from warehouse.landing.origin import origin_of
from warehouse.landing.prepare import Prepared, prepare_file
from warehouse.landing.quarantine import Problem
from warehouse.landing.report import FileResult, LoadReport
from warehouse.landing.withhold import without_personal_data

# What one transaction may hold: whoever wants to read the file waits no longer than for a large export.
MOST_FILES = 100
MOST_ROWS = 2_000_000


@dataclass(frozen=True)
class _Ready:
    """A file to merge, or, without `prepared`, one that was refused; the fingerprint is that of its content."""

    file: str
    fingerprint: str
    prepared: Prepared | None
    problems: list[Problem]


@dataclass
class Writes:
    """Takes the files of one table in order of arrival and tells the report what became of them.

    Use it as a context: what is left is written at its end, but not after an error. `known` are the contents that are
    in the table; `at` stamps what is written, later where something has been written since.
    """

    warehouse: Warehouse
    contract: TableContract
    known: set[str]
    report: LoadReport
    at: dt.datetime
    _seen: dict[str, str] = field(default_factory=dict)
    _ready: list[_Ready] = field(default_factory=list)
    _scratch: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._scratch.close()

    def scratch(self) -> Path:
        """A folder of its own for the next file; it is there until the file is written."""
        return Path(self._scratch.enter_context(TemporaryDirectory(prefix="mixhouse-landing-")))

    def add(self, name: str, copy: LocalCopy, format_name: str, *, stamp: str | None = None) -> None:
        """Prepare a local copy and take it; content that is known already is skipped.

        `stamp` is how the file looks, where that tells its content from any other (see `seen`).
        """
        looks = {stamp: copy.sha256} if stamp else {}
        if copy.sha256 in self.known:
            self._seen |= looks
            self.report.skipped.append(name)
            return
        try:
            prepared = without_personal_data(self.contract, prepare_file(self.contract, copy, format_name))
        except FileRejectedError as error:
            self._take(_Ready(name, copy.sha256, None, [Problem.of_file(error)]))
            return
        self.known.add(copy.sha256)
        self._seen |= looks
        self._take(_Ready(name, copy.sha256, prepared, prepared.problems))

    def refuse(self, name: str, fingerprint: str, error: FileRejectedError) -> None:
        """Take a file of which nothing can be loaded; it stays out of the load log and is tried again next time."""
        self._take(_Ready(name, fingerprint, None, [Problem.of_file(error)]))

    def flush(self) -> None:
        """Write what has been taken so far in one transaction."""
        if not self._ready and not self._seen:
            return
        with self.warehouse.write() as con:
            # Another process may have been faster since the log was read.
            merged = load_log.loaded_hashes(con, self.contract)
            # What can be seen before the rest has an earlier stamp: marts take up what is later than all they saw.
            at = load_log.next_moment(con, self.at)
            results: list[FileResult | None] = []
            for ready in self._ready:
                origin = origin_of(self.contract, ready.file, ready.fingerprint, at)
                if ready.prepared is None:
                    quarantine.write_problems(con, origin, ready.problems)
                    results.append(None)
                elif ready.fingerprint not in merged:
                    results.append(merge.merge_file(con, self.contract, origin, ready.fingerprint, ready.prepared))
                else:
                    results.append(None)
            if self._seen:
                seen.remember(con, self.contract, self._seen)
        self._seen.clear()
        for ready, result in zip(self._ready, results, strict=True):
            self._tell(ready, result)
        self._ready.clear()
        self._scratch.close()

    def _take(self, ready: _Ready) -> None:
        self._ready.append(ready)
        rows = sum(taken.prepared.rows_read for taken in self._ready if taken.prepared)
        if len(self._ready) >= MOST_FILES or rows >= MOST_ROWS:
            self.flush()

    def _tell(self, ready: _Ready, result: FileResult | None) -> None:
        if ready.prepared is None:
            self.report.rejected.append(ready.file)
        elif result is None:
            self.report.skipped.append(ready.file)
            return
        else:
            self.report.count(result)
        self.report.messages += quarantine.messages_of(ready.problems, ready.file)
