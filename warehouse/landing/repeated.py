"""Rows of one export that share a key: exact copies, contradictions, and older versions of the same thing."""

from __future__ import annotations

import duckdb

from warehouse.landing.quarantine import Problem
from warehouse.landing.stage import Staged


def problems_of_repeated_keys(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Problem]:
    """Rows that share key and version: later exact copies, and all rows that contradict each other.

    Lines in table `refused` are left out of account.
    """
    contract = staged.contract
    grouping = ", ".join(f'"{name}"' for name in dict.fromkeys([*contract.key, *_version(staged)]))
    values = ", ".join(f'"{name}"' for name in contract.column_names)
    key = ", ".join(f'"{name}"' for name in contract.key)
    _gather_repeated(con, staged)
    rows = con.execute(
        f"""
        with copies as (
            select line, concat_ws(', ', {key}) as key_value,
                first_value(line) over (partition by {grouping} order by line) as first_line,
                count(*) over (partition by {grouping}) as copies,
                min(hash({values})) over (partition by {grouping}) <> max(hash({values})) over (partition by {grouping})
                    as contradict
            from repeated anti join refused using (line)
            qualify copies > 1
        )
        select line, key_value, first_line, contradict from copies
        where contradict or line <> first_line order by line
        """
    ).fetchall()
    return [_problem(", ".join(contract.key), *row) for row in rows]


def set_older_aside(con: duckdb.DuckDBPyConnection, staged: Staged) -> int:
    """Fill table `older(line)` with all but the newest version of each key; return how many there are."""
    key = ", ".join(f'"{name}"' for name in staged.contract.key)
    version = "".join(f'"{name}" desc nulls last, ' for name in _version(staged))
    con.execute(
        f"""
        create or replace table older as
        select line from repeated anti join refused using (line)
        qualify row_number() over (partition by {key} order by {version}line desc) > 1
        """
    )
    return con.execute("select count(*) from older").fetchone()[0]


def _gather_repeated(con: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Fill table `repeated` with the typed rows of keys that occur more than once: windows over all would not fit."""
    key = ", ".join(f'"{name}"' for name in staged.contract.key)
    typed = f"select {staged.line} as line, {staged.typed} from {staged.relation}"
    con.execute(
        f"create or replace table repeated as select * from ({typed}) "
        f"semi join (select {key} from ({typed}) group by all having count(*) > 1) using ({key})"
    )


def _version(staged: Staged) -> tuple[str, ...]:
    return (staged.contract.version_column,) if staged.contract.version_column else ()


def _problem(names: str, line: int, value: str, first: int, contradict: bool) -> Problem:
    if not contradict:
        reason = f"duplicate key ({value}): an exact copy of line {first}, which was loaded."
        remedy = "Nothing to do; export each row once."
    else:
        reason = f"duplicate key ({value}): the lines of this key, from {first} on, contradict each other."
        remedy = "Keep the right one of the rows and deliver it again."
    return Problem(line, names, value, reason, remedy)
