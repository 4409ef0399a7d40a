"""Puts one export where SQL can read it, line by line: a Parquet file as it is, CSV and YAML as Parquet of their text.

The good path is DuckDB's parallel reader, in bounded memory. A CSV with quoted line ends, blank lines or ragged rows
goes through Python's csv reader instead, which knows the line that each record starts on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contracts import TableContract
from warehouse.contracts.checks import WholeIdentifier
from warehouse.errors import FileRejectedError
from warehouse.landing.csv_rows import HEADER_LINE, read_csv_rows, sniff_delimiter
from warehouse.landing.discover import LocalCopy
from warehouse.landing.footer import cut_footer
from warehouse.landing.headers import check_headers, corrupt, normalise, refuse_empty
from warehouse.landing.quarantine import Problem
from warehouse.landing.values import TEXT, Value, value_of
from warehouse.landing.yaml_rows import names_of, read_yaml_rows

_BATCH_ROWS = 20_000
_LINE = "_line"


@dataclass(frozen=True)
class Staged:
    """An export as Parquet.

    `delivered` maps each taken column that the export has to the name and the DuckDB type that it has there. `line` is
    the SQL of a row's line in the export, the header being line 1. `problems` are unknown columns (line 1) and rows
    that could not be staged at all.
    """

    contract: TableContract
    path: Path
    delivered: dict[str, tuple[str, str]]
    line: str
    problems: list[Problem]

    @cached_property
    def relation(self) -> str:
        """SQL of the table that holds the export."""
        return f"read_parquet({literal(self.path)}, file_row_number = true)"

    @cached_property
    def values(self) -> dict[str, Value]:
        """SQL of each column of the contract."""
        return {column.name: self._value(column.name) for column in self.contract.columns}

    @property
    def typed(self) -> str:
        """Select list of the values, named as in the raw table."""
        return ", ".join(f'{value.typed} as "{name}"' for name, value in self.values.items())

    @property
    def text(self) -> str:
        """Select list of the delivered texts, named as in the raw table."""
        return ", ".join(f'{value.text} as "{name}"' for name, value in self.values.items())

    @property
    def ragged(self) -> int:
        """Rows that could not be staged."""
        return sum(problem.line != HEADER_LINE for problem in self.problems)

    def _value(self, name: str) -> Value:
        column = self.contract.column(name)
        if name not in self.delivered:
            return value_of(column, None, TEXT)
        delivered, physical = self.delivered[name]
        quoted = delivered.replace('"', '""')
        within = self._value(column.pseudonym_within).typed if column.pseudonym_within else None
        return value_of(column, f'"{quoted}"', physical, within)


def literal(text: str | Path) -> str:
    """A text as SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def stage_file(con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy, format_name: str) -> Staged:
    """Stage a local copy; what is written goes beside it.

    Raises:
        FileRejectedError: Empty, corrupt, or a required column is missing.
    """
    refuse_empty(copy)
    if format_name == "parquet":
        return _stage_parquet(con, contract, copy)
    if format_name == "yaml":
        return _stage_yaml(contract, copy)
    return _stage_csv(con, contract, copy)


def _stage_parquet(con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy) -> Staged:
    try:
        described = con.execute(f"describe select * from read_parquet({literal(copy.path)})").fetchall()
        rows = con.execute(f"select count(*) from read_parquet({literal(copy.path)})").fetchone()[0]
    except duckdb.Error as error:
        raise corrupt(copy, error) from error
    problems = check_headers(contract, [contract.name_of(normalise(name)) for name, *_ in described])
    known = {contract.name_of(normalise(name)): (name, physical) for name, physical, *_ in described}
    delivered = {name: known[name] for name in contract.column_names if name in known}
    for column in contract.columns:
        _, physical = delivered.get(column.name, ("", ""))
        if physical in ("DOUBLE", "FLOAT") and any(isinstance(check, WholeIdentifier) for check in column.checks):
            raise FileRejectedError(
                f"ids are stored as {physical}, which loses digits beyond the 15th.",
                remedy="Write the column as text or as a 64-bit integer.",
                column=column.name,
                value=physical,
            )
    if not rows:
        raise FileRejectedError(
            "the export has no rows.",
            remedy="Export again; when there truly is nothing to report, deliver no file.",
        )
    return Staged(contract, copy.path, delivered, f"file_row_number + {HEADER_LINE + 1}", problems)


def _stage_csv(con: duckdb.DuckDBPyConnection, contract: TableContract, copy: LocalCopy) -> Staged:
    delimiter = sniff_delimiter(copy.path)
    _, header = next(read_csv_rows(copy.path, delimiter=delimiter), (0, []))
    headers = [contract.name_of(normalise(name)) for name in header]
    problems = check_headers(contract, headers)
    copy = cut_footer(copy, contract, headers, delimiter)
    taken = {headers.index(name): name for name in contract.column_names if name in headers}
    target = copy.path.with_name("staged.parquet")
    try:
        rows = _copy_text(con, copy.path, target, len(headers), taken, delimiter)
        is_exact = rows + HEADER_LINE == copy.line_count
    except duckdb.Error:
        is_exact = False  # the slow reader says which line and why
    line = f"file_row_number + {HEADER_LINE + 1}"
    if not is_exact:
        line = _LINE
        ragged = list(_copy_records(copy.path, target, len(headers), taken, delimiter))
        problems += ragged
        rows = pq.read_metadata(target).num_rows + len(ragged)
    if not rows:
        raise FileRejectedError(
            "the export has a header and no rows.",
            remedy="Export again; when there truly is nothing to report, deliver no file.",
        )
    return Staged(contract, target, {name: (name, TEXT) for name in taken.values()}, line, problems)


def _stage_yaml(contract: TableContract, copy: LocalCopy) -> Staged:
    rows = read_yaml_rows(copy.path)
    if not rows:
        raise FileRejectedError(
            "the file has no rows.",
            remedy="Write a mapping of column and value, or a list of such; when there is nothing, deliver no file.",
        )
    named = {contract.name_of(normalise(name)): name for name in names_of(rows)}
    problems = check_headers(contract, [contract.name_of(normalise(name)) for name in names_of(rows)])
    delivered = {name: named[name] for name in contract.column_names if name in named}
    target = copy.path.with_name("staged.parquet")
    schema = pa.schema([(_LINE, pa.int64()), *((name, pa.string()) for name in delivered)])
    cells = [[line, *(row.get(name) for name in delivered.values())] for line, row in rows]
    pq.write_table(_columns_of(cells, schema), target)
    return Staged(contract, target, {name: (name, TEXT) for name in delivered}, _LINE, problems)


def _copy_text(
    con: duckdb.DuckDBPyConnection, path: Path, target: Path, width: int, taken: dict[int, str], delimiter: str
) -> int:
    """Write the taken columns as Parquet of text, in the order of the lines; return the number of rows."""
    columns = ", ".join(f"'c{position}': 'varchar'" for position in range(width))
    names = ", ".join(f'c{position} as "{name}"' for position, name in taken.items())
    [(rows,)] = con.execute(
        f"""
        copy (
            select {names}
            from read_csv(
                {literal(path)}, columns = {{{columns}}}, delim = {literal(delimiter)}, quote = '"', escape = '"',
                header = false, skip = {HEADER_LINE}, auto_detect = false, strict_mode = true, null_padding = false
            )
        ) to {literal(target)} (format parquet)
        """
    ).fetchall()
    return rows


def _copy_records(path: Path, target: Path, width: int, taken: dict[int, str], delimiter: str) -> Iterator[Problem]:
    """Write the taken columns and their line, record by record; yield the records of another width."""
    schema = pa.schema([(_LINE, pa.int64()), *((name, pa.string()) for name in taken.values())])
    records = read_csv_rows(path, delimiter=delimiter)
    next(records)
    with pq.ParquetWriter(target, schema) as writer:
        batch: list[list[object]] = []
        for line, fields in records:
            if len(fields) != width:
                yield _ragged(line, len(fields), width)
                continue
            batch.append([line, *(fields[position] for position in taken)])
            if len(batch) == _BATCH_ROWS:
                writer.write_table(_columns_of(batch, schema))
                batch = []
        writer.write_table(_columns_of(batch, schema))


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
