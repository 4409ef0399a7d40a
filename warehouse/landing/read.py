"""Reads one export as landing would and hands over its rows; nothing is loaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import FileRejectedError
from warehouse.landing.check import named
from warehouse.landing.discover import LandedFile, LandingFolder
from warehouse.landing.prepare import prepare_file
from warehouse.landing.quarantine import messages_of

if TYPE_CHECKING:
    import pandas as pd


def read_rows(path: Path, table: str) -> pd.DataFrame:
    """The rows of a file in the types of `<source>.<table>`, one row a key.

    Raises:
        ContractError: no such table.
        FileRejectedError: there is no such file, it cannot be read, or landing would refuse a row of it.
    """
    if not path.is_file():
        raise FileRejectedError("there is no such file.", remedy="Correct the path.", file=str(path))
    contract, folder = named(table), LandingFolder.at(str(path.resolve().parent))
    landed = LandedFile(path.name, str(path.resolve()), path.stat().st_size, None, is_settled=True)
    format_name = landed.readable_format()
    with tempfile.TemporaryDirectory(prefix="mixhouse-read-") as scratch:
        copy = folder.copy(landed, Path(scratch))
        try:
            prepared = prepare_file(contract, copy, format_name)
        except FileRejectedError as error:
            error.file = error.file or path.name
            raise
        if prepared.rows_quarantined:
            refused = [problem for problem in prepared.problems if problem.line != 1]
            raise FileRejectedError(
                " ".join(messages_of(refused, path.name)), remedy="Correct the file.", file=path.name
            )
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(prepared.good).df()[list(contract.column_names)]
