"""Makes one landed file ready to merge, outside the warehouse: nobody waits for a lock while a file is validated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.contracts import TableContract
from warehouse.landing.discover import LocalCopy
from warehouse.landing.quarantine import Problem
from warehouse.landing.read import HEADER_LINE, stage_file
from warehouse.landing.validate import validate_stage

_MEMORY_LIMIT = "1GB"  # of one file's staging; beyond it DuckDB spills beside the copy


@dataclass(frozen=True)
class Prepared:
    """Rows to merge (`good`, a Parquet file with the contract's columns, one row a key) and the account of the rest."""

    good: Path
    problems: list[Problem]
    rows_read: int
    rows_older: int
    rows_quarantined: int


def prepare_file(contract: TableContract, copy: LocalCopy, format_name: str) -> Prepared:
    """Read, type and validate a local copy.

    Raises:
        FileRejectedError: Nothing of the file can be loaded.
    """
    scratch = copy.path.parent
    con = duckdb.connect(config={"memory_limit": _MEMORY_LIMIT, "temp_directory": str(scratch / "spill")})
    try:
        con.execute("set timezone = 'UTC'")
        read_problems = stage_file(con, contract, copy, format_name)
        validation = validate_stage(con, contract)
        staged = con.execute("select count(*) from stage").fetchone()[0]
        good = scratch / "good.parquet"
        con.execute(f"copy (select * exclude (line) from good order by line) to '{good}' (format parquet)")
    finally:
        con.close()
    ragged = sum(problem.line != HEADER_LINE for problem in read_problems)
    problems = sorted(read_problems + validation.problems, key=lambda problem: problem.line or 0)
    return Prepared(good, problems, staged + ragged, validation.rows_older, validation.rows_quarantined + ragged)
