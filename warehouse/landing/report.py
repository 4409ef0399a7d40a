"""What a landing run says about one table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass
class LoadReport:
    """Outcome of landing one table: file names relative to the landing folder, and counts of data rows.

    `rows_read == rows_merged + rows_unchanged + rows_older + rows_quarantined`: a row is merged, says what was there
    already, is older than what was there, or is quarantined; nothing is lost. `rejected` files count no rows and stay
    out of the load log, so they are tried, and told about, again on each run until they are replaced or removed.
    """

    source: str
    table: str
    loaded: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    rows_read: int = 0
    rows_merged: int = 0
    rows_unchanged: int = 0
    rows_older: int = 0
    rows_quarantined: int = 0
    min_date: dt.date | None = None
    max_date: dt.date | None = None
    messages: list[str] = field(default_factory=list)
    # Databases that could not be read, in words; what else there was has landed.
    unreachable: list[str] = field(default_factory=list)

    @property
    def files_seen(self) -> int:
        """Number of files found, whatever became of them."""
        return len(self.loaded) + len(self.skipped) + len(self.waiting) + len(self.rejected)

    @property
    def changed(self) -> bool:
        """Whether any row of the raw table is new."""
        return self.rows_merged > 0

    @property
    def is_clean(self) -> bool:
        """Whether no file was rejected and no row quarantined."""
        return not self.rejected and self.rows_quarantined == 0

    def count(self, result: FileResult) -> None:
        """Add what became of one loaded file."""
        self.loaded.append(result.file)
        self.rows_read += result.rows_read
        self.rows_merged += result.rows_merged
        self.rows_unchanged += result.rows_unchanged
        self.rows_older += result.rows_older
        self.rows_quarantined += result.rows_quarantined
        if result.min_date is not None and result.max_date is not None:
            self.min_date = min(self.min_date or result.min_date, result.min_date)
            self.max_date = max(self.max_date or result.max_date, result.max_date)


@dataclass(frozen=True)
class FileResult:
    """What became of one file whose rows were merged."""

    file: str
    rows_read: int
    rows_merged: int
    rows_unchanged: int
    rows_older: int
    rows_quarantined: int
    min_date: dt.date | None
    max_date: dt.date | None
