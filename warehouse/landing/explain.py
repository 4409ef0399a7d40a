"""Says what is wrong with the lines that the sieve has caught: pandera judges, the export's own text is shown."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa

from warehouse.contracts import TableContract
from warehouse.landing.quarantine import Problem
from warehouse.landing.stage import Staged

_BATCH_ROWS = 50_000  # bounds the memory of one pandera call

_NOUNS = {
    "bigint": ("a whole number", "Write digits only, without thousands separators, units or decimals."),
    "double": ("a number", "Write digits with a point, without thousands separators or units."),
    "boolean": ("true or false", "Write TRUE or FALSE."),
    "date": ("a date", "Write it as YYYY-MM-DD."),
    "timestamp": ("a timestamp", "Write it as YYYY-MM-DD HH:MM:SS, UTC or with its offset."),
}


def problems_of_suspects(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Problem]:
    """Every problem of every line of table `suspects`, in the order of the lines."""
    con.execute(
        f"create or replace table caught as select * from (select {staged.line} as line, {staged.typed} "
        f"from {staged.relation}) semi join suspects using (line)"
    )
    unreadable = _unreadable(con, staged)
    known = {(problem.line, problem.column) for problem in unreadable}
    judged = [problem for problem in _judged(con, staged) if (problem.line, problem.column) not in known]
    return sorted(unreadable + judged, key=lambda problem: problem.line or 0)


def with_rows(con: duckdb.DuckDBPyConnection, staged: Staged, problems: list[Problem]) -> list[Problem]:
    """Add to each problem its row as delivered; only the taken columns, so no personal data comes along."""
    delivered = delivered_text(con, staged, [problem.line for problem in problems if problem.line is not None])
    return [
        Problem(p.line, p.column, p.value, p.reason, p.remedy, json.dumps(delivered[p.line], ensure_ascii=False))
        for p in problems
        if p.line is not None
    ]


def delivered_text(con: duckdb.DuckDBPyConnection, staged: Staged, lines: list[int]) -> dict[int, dict[str, str]]:
    """Original text of the given lines, by line and column; columns without text are left out."""
    if not lines:
        return {}
    names = staged.contract.column_names
    con.register("wanted", pa.table({"line": pa.array(sorted(set(lines)), pa.int64())}))
    texts = f"select {staged.line} as line, {staged.text} from {staged.relation}"
    rows = con.execute(f"select * from ({texts}) semi join wanted using (line)").fetchall()
    con.unregister("wanted")
    return {
        line: {name: text for name, text in zip(names, texts, strict=True) if text is not None} for line, *texts in rows
    }


def _unreadable(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Problem]:
    problems = []
    for column in staged.contract.columns:
        if column.dtype == "varchar" or column.name not in staged.delivered:
            continue
        value = staged.values[column.name]
        rows = con.execute(
            f"select line, text from (select {staged.line} as line, {value.text} as text, {value.unreadable} as flag "
            f"from {staged.relation}) semi join suspects using (line) where flag"
        ).fetchall()
        noun, remedy = _NOUNS[column.dtype]
        problems += [
            Problem(line, column.name, text, f"{column.name} {text!r} is not {noun}.", remedy) for line, text in rows
        ]
    return problems


def _judged(con: duckdb.DuckDBPyConnection, staged: Staged) -> list[Problem]:
    import pandas as pd  # with pandera two seconds, which the asset graph must not wait for
    import pandera.errors

    schema = staged.contract.schema()
    selected = ", ".join(
        f'cast("{column.name}" as timestamp) as "{column.name}"' if column.dtype == "date" else f'"{column.name}"'
        for column in staged.contract.columns
    )
    failures: set[tuple[int, str, str]] = set()
    for batch in con.execute(f"select line, {selected} from caught").to_arrow_reader(_BATCH_ROWS):
        frame = pa.Table.from_batches([batch]).to_pandas(types_mapper=pd.ArrowDtype).set_index("line")
        frame.index = frame.index.astype("int64")
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            failures |= {
                (int(line), str(column) if context == "Column" else "", str(check))
                for line, column, check, context in zip(
                    cases["index"], cases["column"], cases["check"], cases["schema_context"], strict=True
                )
            }
    delivered = delivered_text(con, staged, [line for line, *_ in failures])
    return [_in_words(staged.contract, *failure, delivered[failure[0]]) for failure in sorted(failures)]


def _in_words(contract: TableContract, line: int, column: str, check_name: str, row: dict[str, str]) -> Problem:
    """Put reason, remedy and the delivered text to a failure that pandera found; no column means a row check."""
    if not column:
        broken = next(check for check in contract.row_checks if check.name == check_name)
        return Problem(line, broken.column, row.get(broken.column), broken.reason(row), broken.remedy)
    value = row.get(column)
    for check in contract.column(column).checks:
        if check.name == check_name:
            text = (value or "").strip()
            return Problem(line, column, value, check.reason(column, text), check.remedy(column, text))
    shown = f" ({value!r} stands for no value)" if value and value.strip() else ""
    return Problem(
        line,
        column,
        value,
        f"{column} is missing{shown}.",
        "Deliver the row again with a value; write 0 where the figure truly is zero.",
    )
