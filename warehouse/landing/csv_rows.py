"""Reads a CSV record by record, with the line that each record starts on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from warehouse.errors import FileRejectedError

_DELIMITERS = ",;\t|"
HEADER_LINE = 1


def read_csv_rows(path: Path, *, delimiter: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of a CSV, header first; the line is where the record starts, blank lines are passed over.

    Raises:
        FileRejectedError: Not UTF-8, or quotes that never close.
    """
    delimiter = delimiter or sniff_delimiter(path)
    started = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            for fields in reader:
                if fields:
                    yield started + 1, fields
                started = reader.line_num
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.start + 1]
        raise FileRejectedError(
            f"is not UTF-8 text (byte 0x{bad.hex()}).",
            remedy="Save it as CSV UTF-8 or as Parquet.",
            line=started + 1,
        ) from error
    except csv.Error as error:
        raise FileRejectedError(
            f"is not readable as CSV: {error}.", remedy="Check the quotes around this line.", line=started + 1
        ) from error


def sniff_delimiter(path: Path) -> str:
    """The delimiter that the header line holds most of; comma when it holds none."""
    with path.open("rb") as file:
        header = file.readline(1_000_000).decode("utf-8", errors="replace")
    return max(_DELIMITERS, key=header.count)
