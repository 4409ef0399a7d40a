"""What was refused, why, and what to do: one row a problem in `raw_quarantine.rows`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from warehouse.errors import FileRejectedError
from warehouse.landing.origin import Origin

DDL = """
create schema if not exists raw_quarantine;
create table if not exists raw_quarantine.rows (
  source varchar, table_name varchar, source_file varchar, line bigint, column_name varchar, value varchar,
  reason varchar, remedy varchar, row_json varchar, batch_id varchar, quarantined_at timestamp
);
"""

# Messages of a report name this many problems of one file; the quarantine holds all of them.
MESSAGES_PER_FILE = 5


@dataclass(frozen=True)
class Problem:
    """One reason to refuse: a row (`line` > 1), a column (`line` 1 is the header) or a whole file (no line)."""

    line: int | None
    column: str | None
    value: str | None
    reason: str
    remedy: str
    row_json: str | None = None

    @classmethod
    def of_file(cls, error: FileRejectedError) -> Problem:
        """The problem that a rejected file is."""
        return cls(error.line, error.column, error.value, error.reason, error.remedy)

    def message(self, file: str) -> str:
        """One sentence with place, value and remedy."""
        place = file if self.line is None else f"{file} line {self.line}"
        if self.column is not None:
            place += f" column {self.column!r}"
        return f"{place}: {self.reason} {self.remedy}"


def messages_of(problems: Sequence[Problem], file: str) -> list[str]:
    """The first problems as sentences, and how many more there are."""
    shown = [problem.message(file) for problem in problems[:MESSAGES_PER_FILE]]
    if (more := len(problems) - len(shown)) > 0:
        shown.append(f"{file}: {more} more problems, see raw_quarantine.rows.")
    return shown


def write_problems(con: duckdb.DuckDBPyConnection, origin: Origin, problems: Sequence[Problem]) -> None:
    """Record the problems of one delivery; those already recorded for the same bytes are not repeated."""
    con.execute(DDL)
    if not problems:
        return
    refused = _to_arrow(problems)
    con.register("refused", refused)
    con.execute(
        """
        insert into raw_quarantine.rows
        select $source, $table, $file, line, column_name, value, reason, remedy, row_json, $batch_id, $at
        from refused
        where not exists (
            select 1 from raw_quarantine.rows as known
            where known.batch_id = $batch_id
              and known.line is not distinct from refused.line
              and known.column_name is not distinct from refused.column_name
              and known.reason = refused.reason
        )
        """,
        {
            "source": origin.source,
            "table": origin.table,
            "file": origin.file,
            "batch_id": origin.batch_id,
            "at": origin.at,
        },
    )
    con.unregister("refused")


def _to_arrow(problems: Sequence[Problem]) -> pa.Table:
    return pa.table(
        {
            "line": pa.array([problem.line for problem in problems], pa.int64()),
            "column_name": pa.array([problem.column for problem in problems], pa.string()),
            "value": pa.array([problem.value for problem in problems], pa.string()),
            "reason": pa.array([problem.reason for problem in problems], pa.string()),
            "remedy": pa.array([problem.remedy for problem in problems], pa.string()),
            "row_json": pa.array([problem.row_json for problem in problems], pa.string()),
        }
    )
