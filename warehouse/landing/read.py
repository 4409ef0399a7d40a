"""Reads one export as text into a staging table, so that whatever is refused can be shown as it was delivered.

The good path is DuckDB's parallel CSV and Parquet reader. A CSV with quoted line ends, blank lines or ragged
rows goes through Python's csv reader instead, which knows the line that each record starts on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contracts import TableContract
from warehouse.contracts.checks import WholeIdentifier
from warehouse.errors import FileRejectedError, did_you_mean, nearest
from warehouse.landing.discover import LocalCopy
from warehouse.landing.quarantine import Problem

_DELIMITERS = ",;\t|"
_BATCH_ROWS = 20_000
HEADER_LINE = 1


def stage_file(
    con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy, format_name: str
) -> list[Problem]:
    """Fill table `stage(line bigint, <taken columns> varchar)`; return what could not enter it.

    Columns that the file lacks are null. Problems returned are unknown columns (line 1) and ragged rows.

    Raises:
        FileRejectedError: Empty, corrupt, or a required column is missing.
    """
    _refuse_empty(copy)
    if format_name == "parquet":
        return _stage_parquet(con, contract, copy)
    return _stage_csv(con, contract, copy)


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


def read_header(copy: LocalCopy, format_name: str) -> list[str]:
    """Return the names of a file's columns as delivered.

    Raises:
        FileRejectedError: Empty or corrupt.
    """
    _refuse_empty(copy)
    if format_name == "csv":
        return next(read_csv_rows(copy.path), (HEADER_LINE, []))[1]
    try:
        return pq.read_schema(copy.path).names
    except (pa.ArrowInvalid, OSError) as error:
        raise _corrupt(copy, error) from error


def _refuse_empty(copy: LocalCopy) -> None:
    if copy.size == 0:
        raise FileRejectedError(
            "the file is empty (0 bytes).", remedy="Export again; an empty delivery is not a day without rows."
        )


def sniff_delimiter(path: Path) -> str:
    """The delimiter that the header line holds most of; comma when it holds none."""
    with path.open("rb") as file:
        header = file.readline(1_000_000).decode("utf-8", errors="replace")
    return max(_DELIMITERS, key=header.count)


def normalise(header: str) -> str:
    """Header as the raw tables spell it: without blanks around, in lower case."""
    return header.strip().lower()


def _stage_csv(con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy) -> list[Problem]:
    delimiter = sniff_delimiter(copy.path)
    _, header = next(read_csv_rows(copy.path, delimiter=delimiter), (0, []))
    headers = [normalise(name) for name in header]
    problems = _check_headers(contract, headers)
    taken = {headers.index(name): name for name in contract.column_names if name in headers}
    try:
        _stage_csv_fast(con, contract, copy.path, len(headers), taken, delimiter)
        count = con.execute("select count(*) from stage").fetchone()[0]
        is_exact = count + HEADER_LINE == copy.line_count
    except duckdb.Error:
        is_exact = False  # the slow reader says which line and why
    if not is_exact:
        problems += _stage_csv_exact(con, contract, copy.path, len(headers), taken, delimiter)
    if not con.execute("select 1 from stage limit 1").fetchone() and not any(p.line != HEADER_LINE for p in problems):
        raise FileRejectedError(
            "the export has a header and no rows.",
            remedy="Export again; when there truly is nothing to report, deliver no file.",
        )
    return problems


def _stage_csv_fast(
    con: duckdb.DuckDBPyConnection,
    contract: TableContract,
    path: Path,
    width: int,
    taken: dict[int, str],
    delimiter: str,
) -> None:
    columns = ", ".join(f"'c{position}': 'varchar'" for position in range(width))
    names = {name: f"c{position}" for position, name in taken.items()}
    con.execute(
        f"""
        create or replace table stage as
        select row_number() over () + {HEADER_LINE} as line, {_select_list(contract, names)}
        from read_csv(
            $path, columns = {{{columns}}}, delim = $delimiter, quote = '"', escape = '"', header = false,
            skip = {HEADER_LINE}, auto_detect = false, strict_mode = true, null_padding = false
        )
        """,
        {"path": str(path), "delimiter": delimiter},
    )


def _stage_csv_exact(
    con: duckdb.DuckDBPyConnection,
    contract: TableContract,
    path: Path,
    width: int,
    taken: dict[int, str],
    delimiter: str,
) -> list[Problem]:
    names = list(taken.values())
    schema = pa.schema([("line", pa.int64()), *((name, pa.string()) for name in names)])
    staged = path.with_name("staged.parquet")
    problems: list[Problem] = []
    rows = read_csv_rows(path, delimiter=delimiter)
    next(rows)
    with pq.ParquetWriter(staged, schema) as writer:
        batch: list[list[object]] = []
        for line, fields in rows:
            if len(fields) != width:
                problems.append(_ragged(line, len(fields), width))
                continue
            batch.append([line, *(fields[position] for position in taken)])
            if len(batch) == _BATCH_ROWS:
                writer.write_table(_columns_of(batch, schema))
                batch = []
        writer.write_table(_columns_of(batch, schema))
    con.execute(
        f"create or replace table stage as "
        f"select line, {_select_list(contract, {name: name for name in names})} from read_parquet($path)",
        {"path": str(staged)},
    )
    return problems


def _columns_of(batch: list[list[object]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*batch, strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _ragged(line: int, fields: int, width: int) -> Problem:
    # The text of the row stays out: without columns nobody can tell whether it holds personal data.
    return Problem(
        line=line,
        column=None,
        value=f"{fields} fields",
        reason=f"the row has {fields} fields, the header has {width}.",
        remedy="Quote values that hold the delimiter, and check whether the line was cut off.",
    )


def _stage_parquet(con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy) -> list[Problem]:
    try:
        described = con.execute("describe select * from read_parquet($path)", {"path": str(copy.path)}).fetchall()
    except duckdb.Error as error:
        raise _corrupt(copy, error) from error
    original = {normalise(name): name for name, *_ in described}
    types = {normalise(name): dtype for name, dtype, *_ in described}
    problems = _check_headers(contract, [normalise(name) for name, *_ in described])
    for column in contract.columns:
        is_identifier = any(isinstance(check, WholeIdentifier) for check in column.checks)
        if is_identifier and types.get(column.name) in ("DOUBLE", "FLOAT"):
            raise FileRejectedError(
                f"ids are stored as {types[column.name]}, which loses digits beyond the 15th.",
                remedy="Write the column as text or as a 64-bit integer.",
                column=column.name,
                value=types[column.name],
            )
    names = {name: original[name] for name in contract.column_names if name in original}
    try:
        con.execute(
            f"create or replace table stage as "
            f"select file_row_number + {HEADER_LINE + 1} as line, {_select_list(contract, names)} "
            f"from read_parquet($path, file_row_number = true)",
            {"path": str(copy.path)},
        )
    except duckdb.Error as error:
        raise _corrupt(copy, error) from error
    if not con.execute("select 1 from stage limit 1").fetchone():
        raise FileRejectedError(
            "the export has no rows.",
            remedy="Export again; when there truly is nothing to report, deliver no file.",
        )
    return problems


def _corrupt(copy: LocalCopy, error: Exception) -> FileRejectedError:
    detail = str(error).replace(str(copy.path), "the file").splitlines()[0].rstrip(".")
    return FileRejectedError(f"is not readable as Parquet: {detail}.", remedy="Deliver the file again.")


def _select_list(contract: TableContract, names: dict[str, str]) -> str:
    """Taken columns as text, absent ones as null, in the order of the contract."""
    return ", ".join(
        f"""cast("{names[name].replace('"', '""')}" as varchar) as "{name}\""""
        if name in names
        else f'cast(null as varchar) as "{name}"'
        for name in contract.column_names
    )


def _check_headers(contract: TableContract, headers: list[str]) -> list[Problem]:
    """Reject a file that lacks required columns; return a problem for each unknown one."""
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
