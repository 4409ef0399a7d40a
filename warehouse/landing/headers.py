"""The header of an export against its contract: what is missing, what is unknown, what stands there twice."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contracts import TableContract
from warehouse.errors import FileRejectedError, did_you_mean, nearest
from warehouse.landing.csv_rows import HEADER_LINE, read_csv_rows
from warehouse.landing.discover import LocalCopy
from warehouse.landing.quarantine import Problem
from warehouse.landing.yaml_rows import names_of, read_yaml_rows


def normalise(header: str) -> str:
    """Header as the raw tables spell it: without blanks around, in lower case."""
    return header.strip().lower()


def read_header(copy: LocalCopy, format_name: str) -> list[str]:
    """Return the names of a file's columns as delivered.

    Raises:
        FileRejectedError: Empty or corrupt.
    """
    refuse_empty(copy)
    if format_name == "csv":
        return next(read_csv_rows(copy.path), (HEADER_LINE, []))[1]
    if format_name == "yaml":
        return names_of(read_yaml_rows(copy.path))
    try:
        return pq.read_schema(copy.path).names
    except (pa.ArrowInvalid, OSError) as error:
        raise corrupt(copy, error) from error


def refuse_empty(copy: LocalCopy) -> None:
    """Raises FileRejectedError for a file without a byte."""
    if copy.size == 0:
        raise FileRejectedError(
            "the file is empty (0 bytes).", remedy="Export again; an empty delivery is not a day without rows."
        )


def corrupt(copy: LocalCopy, error: Exception) -> FileRejectedError:
    """The refusal of a Parquet file that cannot be read, without the path of its local copy."""
    detail = str(error).replace(str(copy.path), "the file").splitlines()[0].rstrip(".")
    return FileRejectedError(f"is not readable as Parquet: {detail}.", remedy="Deliver the file again.")


def check_headers(contract: TableContract, headers: list[str]) -> list[Problem]:
    """Return a problem for each unknown column.

    Raises:
        FileRejectedError: A required column is missing, or a taken one stands there twice.
    """
    missing = [column.name for column in contract.columns if column.required and column.name not in headers]
    if missing:
        unknown = [name for name in headers if not contract.knows(name)]
        guesses = [f"{name!r} may be {match!r}" for name in missing if (match := nearest(name, unknown))]
        hint = f" Of the columns delivered, {'; '.join(guesses)}." if guesses else ""
        noun = "column is" if len(missing) == 1 else "columns are"
        raise FileRejectedError(
            f"required {noun} missing: {', '.join(missing)}.",
            remedy=f"Export {contract.full_name} with {'it' if len(missing) == 1 else 'them'}.{hint}",
            column=", ".join(missing),
        )
    twice = sorted({name for name in headers if headers.count(name) > 1 and name in contract.column_names})
    if twice:
        raise FileRejectedError(
            f"the header names {', '.join(twice)} twice.",
            remedy="Keep one of the columns: which one is meant cannot be told.",
            column=", ".join(twice),
            line=HEADER_LINE,
        )
    return [
        Problem(
            line=HEADER_LINE,
            column=name,
            value=None,
            reason=f"unknown column in {contract.full_name}; the file was loaded without it.",
            remedy=f"{did_you_mean(name, contract.column_names)} Otherwise leave it out of the export.",
        )
        for name in headers
        if not contract.knows(name)
    ]
