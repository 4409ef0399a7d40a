"""dbt in a fresh process that starts with dbt imported: to import it takes half of a short command's time."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb"])


def run_dbt(arguments: Sequence[str], *, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one dbt command; what it prints is in `stdout`."""
    with tempfile.TemporaryDirectory() as scratch:
        said = Path(scratch) / "output"
        process = _FORKS.Process(target=_dbt, args=(list(arguments), dict(environment), str(said)))
        process.start()
        process.join()
        return subprocess.CompletedProcess(["dbt", *arguments], process.exitcode or 0, said.read_text(), "")


def _dbt(arguments: list[str], environment: dict[str, str], output: str) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import cli

    os.environ.clear()
    os.environ.update(environment)
    file = os.open(output, os.O_WRONLY | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    try:
        cli(arguments, prog_name="dbt")
    finally:
        # A forked process ends without what dbt-duckdb does at exit: close the file, so that all is in it.
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager.env().close()
