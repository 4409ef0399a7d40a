"""Finds the lines of an export that may break its contract, in one pass of SQL over all of it.

The contract's pandera schema is the judge, but it costs seconds a million rows. The sieve asks the same questions in
SQL (each check has both forms, and a property test compares them) and hands on the few lines that are caught.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.errors import FileRejectedError
from warehouse.landing.stage import Staged

# An export of which more lines are wrong than this is wrong as a whole, and is not to be explained line by line.
MOST_SUSPECTS = 200_000


@dataclass(frozen=True)
class Sieved:
    """Counts over all staged rows; table `suspects(line)` holds the lines that were caught."""

    rows: int
    suspects: int
    keys_may_repeat: bool


def sieve(con: duckdb.DuckDBPyConnection, staged: Staged) -> Sieved:
    """Fill table `suspects`.

    Raises:
        FileRejectedError: more than MOST_SUSPECTS lines are caught; names the column that catches most.
    """
    suspicious = " or ".join(questions(staged).values()) or "false"
    key = ", ".join(f'"{name}"' for name in staged.contract.key)
    rows, suspects, keys = con.execute(
        # Equal keys have equal hashes, so as many hashes as rows means that no key repeats.
        f"select count(*), count(*) filter ({suspicious}), count(distinct hash({key})) from ({_answers(staged)})"
    ).fetchone()
    if suspects > MOST_SUSPECTS:
        raise _wrong_as_a_whole(con, staged, rows, suspects)
    con.execute("create or replace table suspects (line bigint)")
    if suspects:
        con.execute(f"insert into suspects select line from ({_answers(staged)}) where {suspicious}")
    return Sieved(rows, suspects, keys_may_repeat=keys < rows)


def questions(staged: Staged) -> dict[str, str]:
    """SQL conditions over the typed rows, one a column or row check, true where a line breaks the contract."""
    asked: dict[str, str] = {}
    for column in staged.contract.columns:
        name = f'"{column.name}"'
        conditions = [f'"{column.name}?"'] if column.dtype != "varchar" and column.name in staged.delivered else []
        conditions += [f"{name} is null"] if not column.nullable else []
        conditions += [check.fails(name) for check in column.checks if column.name in staged.delivered]
        if conditions:
            # A condition on an absent value is null, which must not hide another condition that is true.
            asked[column.name] = " or ".join(f"coalesce({condition}, false)" for condition in conditions)
    for check in staged.contract.row_checks:
        asked[check.name] = f"coalesce({check.fails()}, false)"
    return asked


def _answers(staged: Staged) -> str:
    """The typed rows with their line, and for each column a flag `<name>?`: something unreadable stands there."""
    unreadable = "".join(
        f', {staged.values[column.name].unreadable} as "{column.name}?"'
        for column in staged.contract.columns
        if column.dtype != "varchar" and column.name in staged.delivered
    )
    return f"select {staged.line} as line, {staged.typed}{unreadable} from {staged.relation}"


def _wrong_as_a_whole(con: duckdb.DuckDBPyConnection, staged: Staged, rows: int, suspects: int) -> FileRejectedError:
    asked = questions(staged)
    counts = ", ".join(f"count(*) filter ({condition})" for condition in asked.values())
    caught = con.execute(f"select {counts} from ({_answers(staged)})").fetchone()
    worst, count = max(zip(asked, caught, strict=True), key=lambda pair: pair[1])
    return FileRejectedError(
        f"{suspects:,} of {rows:,} rows break the contract of {staged.contract.full_name}; {count:,} in {worst}.",
        remedy="The export is wrong as a whole: compare its columns and units with `mixhouse connector template`.",
        column=worst,
    )
