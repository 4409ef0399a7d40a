"""Makes one landed file ready to merge, outside the warehouse: nobody waits for a lock while a file is validated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from warehouse.connection import settings
from warehouse.contracts import TableContract
from warehouse.landing.discover import LocalCopy
from warehouse.landing.explain import problems_of_suspects, with_rows
from warehouse.landing.quarantine import Problem
from warehouse.landing.repeated import problems_of_repeated_keys, set_older_aside
from warehouse.landing.sieve import sieve
from warehouse.landing.stage import Staged, literal, stage_file


@dataclass(frozen=True)
class Prepared:
    """Rows to merge and the account of the rest.

    `good` is a query that gives the contract's columns, one row a key. It reads files beside the local copy, which
    must still be there when it is asked.
    """

    good: str
    problems: list[Problem]
    rows_read: int
    rows_older: int
    rows_quarantined: int


def prepare_file(contract: TableContract, copy: LocalCopy, format_name: str) -> Prepared:
    """Read, type and validate a local copy.

    Raises:
        FileRejectedError: Nothing of the file can be loaded.
    """
    with duckdb.connect(config=settings(spill=copy.path.parent / "spill")) as con:
        con.execute("set timezone = 'UTC'")
        staged = stage_file(con, contract, copy, format_name)
        sieved = sieve(con, staged)
        problems = problems_of_suspects(con, staged) if sieved.suspects else []
        _refuse(con, problems)
        rows_older = 0
        if sieved.keys_may_repeat:
            repeated = problems_of_repeated_keys(con, staged)
            _refuse(con, repeated)
            rows_older = set_older_aside(con, staged)
            problems += repeated
        refused = con.execute("select count(distinct line) from refused").fetchone()[0]
        return Prepared(
            good=_good(con, staged, anything_aside=bool(refused or rows_older)),
            problems=sorted(staged.problems + with_rows(con, staged, problems), key=lambda problem: problem.line or 0),
            rows_read=sieved.rows + staged.ragged,
            rows_older=rows_older,
            rows_quarantined=refused + staged.ragged,
        )


def _refuse(con: duckdb.DuckDBPyConnection, problems: Sequence[Problem]) -> None:
    con.execute("create table if not exists refused (line bigint)")
    con.register("lines", pa.table({"line": pa.array([problem.line for problem in problems], pa.int64())}))
    con.execute("insert into refused select line from lines")
    con.unregister("lines")


def _good(con: duckdb.DuckDBPyConnection, staged: Staged, *, anything_aside: bool) -> str:
    everything = f"select {staged.typed} from {staged.relation}"
    if not anything_aside:
        return everything
    aside = staged.path.with_name("aside.parquet")
    con.execute("create table if not exists older (line bigint)")
    con.execute(f"copy (select line from refused union select line from older) to {literal(aside)} (format parquet)")
    return f"{everything} where {staged.line} not in (select line from read_parquet({literal(aside)}))"
