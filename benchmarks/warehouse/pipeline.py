"""Our pipeline as a person runs it: landing in a process, dbt in another, each with its time and its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.provenance import PROJECT

DBT = PROJECT / "dbt"
# What a day of ads and orders changes on its way to the model's table; everything else stands as it is.
DOWNSTREAM_OF_A_DAY = tuple(
    f"source:{landed}+,+mmm_input_weekly"
    for landed in ("facebook_ads.basic_ad", "shopify.order", "fx", "raw_meta.loads")
)
_LAND = """
import sys
from pathlib import Path
from warehouse.connection import Warehouse
from warehouse.landing import land_all
home = Path(sys.argv[1])
reports = land_all(Warehouse(home / "mixhouse.duckdb"), str(home / "landing"), settle_seconds=0)
print(sum(report.rows_merged for report in reports))
assert all(report.is_clean for report in reports), [report.messages for report in reports if report.messages]
"""


@dataclass(frozen=True)
class Measured:
    """One process: wall seconds from start to end, peak memory in GiB, and what it printed."""

    seconds: float
    peak_gib: float
    output: str


def measured(command: Sequence[str], environment: dict[str, str] | None = None, cwd: Path = PROJECT) -> Measured:
    """Run a command; RuntimeError with its output when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {output[-3000:]}")
    return Measured(seconds, usage.ru_maxrss / 1024**2, output)


def land(home: Path) -> Measured:
    """Land everything that lies in the home's landing folder."""
    return measured([sys.executable, "-c", _LAND, str(home)])


def build(home: Path, *select: str) -> Measured:
    """Build the marts with their tests: all of them, or what is selected."""
    selected = ("--select", *select) if select else ()
    return dbt(home, "build", "--exclude-resource-type", "unit_test", *selected)


def dbt(home: Path, *arguments: str, project: Path = DBT) -> Measured:
    """Run dbt on the home's warehouse; RuntimeError with its output when a node fails."""
    command = [
        str(Path(sys.executable).parent / "dbt"), *arguments,
        "--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(home / "dbt"),
        "--log-path", str(home / "dbt" / "logs"),
    ]  # fmt: skip
    return measured(command, {"MIXHOUSE_DATABASE": str(home / "mixhouse.duckdb")}, cwd=project)


def model_input(home: Path) -> pd.DataFrame:
    """`mmm_input_weekly`: week_start, market, role, name, value."""
    with duckdb.connect(str(home / "mixhouse.duckdb"), read_only=True) as con:
        return con.execute(
            "select week_start, market, role, name, value from mmm_input_weekly where role in ('spend', 'outcome')"
        ).df()
