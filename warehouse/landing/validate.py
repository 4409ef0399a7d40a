"""Types the staged text by its contract, validates it with pandera, and settles duplicates inside one file."""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from warehouse.contracts import Column, TableContract
from warehouse.landing.quarantine import Problem

_BATCH_ROWS = 50_000  # bounds the memory of one pandera call

_NOUNS = {
    "bigint": ("a whole number", "Write digits only, without thousands separators, units or decimals."),
    "double": ("a number", "Write digits with a point, without thousands separators or units."),
    "boolean": ("true or false", "Write TRUE or FALSE."),
    "date": ("a date", "Write it as YYYY-MM-DD."),
    "timestamp": ("a timestamp", "Write it as YYYY-MM-DD HH:MM:SS, UTC or with its offset."),
}


@dataclass(frozen=True)
class Validation:
    """Table `good` holds the rows to merge, one a key; here is the rest of the account."""

    problems: list[Problem]
    rows_quarantined: int
    rows_older: int


def validate_stage(con: duckdb.DuckDBPyConnection, contract: TableContract) -> Validation:
    """Turn table `stage` into table `good(line, <typed columns>)`; every other row is accounted for."""
    con.execute(
        f"create or replace table typed as select line, {_typed_list(contract)}, {_unreadable(contract)} from stage"
    )
    problems = _cast_problems(con, contract)
    unreadable = {(problem.line, problem.column) for problem in problems}
    problems += [
        problem for problem in _pandera_problems(con, contract) if (problem.line, problem.column) not in unreadable
    ]
    _set_aside(con, problems)
    duplicates = _duplicate_problems(con, contract)
    _set_aside(con, duplicates)
    problems += duplicates
    rows_older = _keep_newest(con, contract)
    rows_quarantined = con.execute("select count(*) from (select distinct line from set_aside)").fetchone()[0]
    return Validation(_with_rows(con, contract, problems), rows_quarantined, rows_older)


def _clean(column: Column) -> str:
    """SQL of a column's text with whatever stands for "no value" as null."""
    cleaned = f"""nullif(trim("{column.name}"), '')"""
    for missing in column.null_strings:
        cleaned = f"nullif({cleaned}, '{missing}')"
    if column.dtype in ("bigint", "double"):
        # NaN is how many tools write "no value" into Parquet and CSV.
        cleaned = f"case when lower({cleaned}) <> 'nan' then {cleaned} end"
    return cleaned


def _typed(column: Column) -> str:
    """SQL of a column's value, null where its text does not say one."""
    clean = _clean(column)
    match column.dtype:
        case "varchar":
            return clean
        case "double":
            return f"case when isfinite(try_cast({clean} as double)) then try_cast({clean} as double) end"
        case "bigint":
            # A plain cast would round 49.6; 49.0 is an integer that went through a float column.
            return (
                f"case when regexp_full_match({clean}, '[+-]?[0-9]+') then try_cast({clean} as bigint) "
                f"when regexp_full_match({clean}, '[+-]?[0-9]+[.]0*') "
                f"then try_cast(try_cast({clean} as decimal(38, 9)) as bigint) end"
            )
        case "date":
            # A time of day in a column of days is a time-zone question that must not be settled by cutting it off.
            return (
                f"case when try_cast({clean} as timestamp) = date_trunc('day', try_cast({clean} as timestamp)) "
                f"then try_cast({clean} as date) end"
            )
        case "timestamp":
            # DuckDB reads +00:00 right after the time; Pinterest's export writes a blank and +0000.
            offset_joined = f"regexp_replace({clean}, '(:[0-9.]+) ?([+-][0-9]{{2}}):?([0-9]{{2}})$', '\\1\\2:\\3')"
            return f"try_cast(try_cast({offset_joined} as timestamptz) as timestamp)"
        case _:
            return f"try_cast({clean} as {column.dtype})"


def _typed_list(contract: TableContract) -> str:
    return ", ".join(f'{_typed(column)} as "{column.name}"' for column in contract.columns)


def _unreadable(contract: TableContract) -> str:
    tests = [
        f"({_clean(column)} is not null and {_typed(column)} is null)"
        for column in contract.columns
        if column.dtype != "varchar"
    ]
    return f"{' or '.join(tests) or 'false'} as _has_unreadable"


def _cast_problems(con: duckdb.DuckDBPyConnection, contract: TableContract) -> list[Problem]:
    if not con.execute("select 1 from typed where _has_unreadable limit 1").fetchone():
        return []
    problems = []
    for column in contract.columns:
        if column.dtype == "varchar":
            continue
        rows = con.execute(
            f"""
            select line, "{column.name}" from stage
            where line in (select line from typed where _has_unreadable)
              and {_clean(column)} is not null and {_typed(column)} is null
            """
        ).fetchall()
        noun, remedy = _NOUNS[column.dtype]
        problems += [
            Problem(line, column.name, value, f"{column.name} {value!r} is not {noun}.", remedy) for line, value in rows
        ]
    return sorted(problems, key=lambda problem: problem.line or 0)


def _pandera_problems(con: duckdb.DuckDBPyConnection, contract: TableContract) -> list[Problem]:
    import pandas as pd  # with pandera two seconds, which the asset graph must not wait for
    import pandera.errors

    schema = contract.schema()
    selected = ", ".join(
        f'cast("{column.name}" as timestamp) as "{column.name}"' if column.dtype == "date" else f'"{column.name}"'
        for column in contract.columns
    )
    failures: list[tuple[int, str | None, str]] = []
    reader = con.execute(f"select line, {selected} from typed").to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        frame = pa.Table.from_batches([batch]).to_pandas(types_mapper=pd.ArrowDtype).set_index("line")
        frame.index = frame.index.astype("int64")
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            failures += [
                (int(line), str(column) if context == "Column" else None, str(check))
                for line, column, check, context in zip(
                    cases["index"], cases["column"], cases["check"], cases["schema_context"], strict=True
                )
            ]
    return _explain(
        con, contract, sorted(set(failures), key=lambda failure: (failure[0], failure[1] or "", failure[2]))
    )


def _explain(
    con: duckdb.DuckDBPyConnection, contract: TableContract, failures: list[tuple[int, str | None, str]]
) -> list[Problem]:
    """Put reason, remedy and the delivered text to the failures that pandera found."""
    delivered = _delivered(con, contract, [line for line, _, _ in failures])
    row_checks = {check.name: check for check in contract.row_checks}
    problems = []
    for line, column_name, check_name in failures:
        if column_name is None:
            row_check = row_checks[check_name]
            value = delivered[line].get(row_check.second) or ""
            problems.append(
                Problem(
                    line,
                    row_check.first,
                    delivered[line].get(row_check.first),
                    row_check.reason(row_check.first, value),
                    row_check.remedy(row_check.first, value),
                )
            )
            continue
        value = delivered[line].get(column_name)
        checks = {check.name: check for check in contract.column(column_name).checks}
        if check := checks.get(check_name):
            text = (value or "").strip()
            problems.append(
                Problem(line, column_name, value, check.reason(column_name, text), check.remedy(column_name, text))
            )
        else:
            shown = f" ({value!r} stands for no value)" if value and value.strip() else ""
            problems.append(
                Problem(
                    line,
                    column_name,
                    value,
                    f"{column_name} is missing{shown}.",
                    "Deliver the row again with a value; write 0 where the figure truly is zero.",
                )
            )
    return problems


def _set_aside(con: duckdb.DuckDBPyConnection, problems: list[Problem]) -> None:
    con.execute("create table if not exists set_aside (line bigint)")
    lines = sorted({problem.line for problem in problems if problem.line is not None})
    refused = pa.table({"line": pa.array(lines, pa.int64())})
    con.register("refused", refused)
    con.execute("insert into set_aside select line from refused")
    con.unregister("refused")


def _duplicate_problems(con: duckdb.DuckDBPyConnection, contract: TableContract) -> list[Problem]:
    """Rows that share key and version: later exact copies, and all rows that contradict each other."""
    key = ", ".join(f'"{name}"' for name in contract.key)
    grouping = ", ".join(f'"{name}"' for name in dict.fromkeys([*contract.key, *_version(contract)]))
    values = ", ".join(f'"{name}"' for name in contract.column_names)
    rows = con.execute(
        f"""
        with repeated as (
            select line, concat_ws(', ', {key}) as key_value,
                first_value(line) over (partition by {grouping} order by line) as first_line,
                count(*) over (partition by {grouping}) as copies,
                min(hash({values})) over (partition by {grouping}) <> max(hash({values})) over (partition by {grouping})
                    as contradict
            from typed anti join set_aside using (line)
            qualify copies > 1
        )
        select line, key_value, first_line, contradict from repeated
        where contradict or line <> first_line order by line
        """
    ).fetchall()
    names = ", ".join(contract.key)
    problems = []
    for line, value, first, contradict in rows:
        if not contradict:
            reason = f"duplicate key ({value}): an exact copy of line {first}, which was loaded."
            remedy = "Nothing to do; export each row once."
        else:
            reason = f"duplicate key ({value}): the lines of this key, from {first} on, contradict each other."
            remedy = "Keep the right one of the rows and deliver it again."
        problems.append(Problem(line, names, value, reason, remedy))
    return problems


def _version(contract: TableContract) -> tuple[str, ...]:
    return (contract.version_column,) if contract.version_column else ()


def _keep_newest(con: duckdb.DuckDBPyConnection, contract: TableContract) -> int:
    """Fill table `good` with the newest version of each key; return how many older ones the file held."""
    key = ", ".join(f'"{name}"' for name in contract.key)
    order = f'"{contract.version_column}" desc nulls last, line desc' if contract.version_column else "line desc"
    con.execute(
        f"""
        create or replace table good as
        select * exclude (_has_unreadable) from typed anti join set_aside using (line)
        qualify row_number() over (partition by {key} order by {order}) = 1
        order by line
        """
    )
    passed, kept = con.execute(
        "select (select count(*) from typed anti join set_aside using (line)), (select count(*) from good)"
    ).fetchone()
    return passed - kept


def _with_rows(con: duckdb.DuckDBPyConnection, contract: TableContract, problems: list[Problem]) -> list[Problem]:
    """Add to each problem its row as delivered; only the taken columns, so no personal data comes along."""
    delivered = _delivered(con, contract, [problem.line for problem in problems if problem.line is not None])
    return [
        Problem(p.line, p.column, p.value, p.reason, p.remedy, json.dumps(delivered[p.line], ensure_ascii=False))
        for p in problems
        if p.line is not None
    ]


def _delivered(con: duckdb.DuckDBPyConnection, contract: TableContract, lines: list[int]) -> dict[int, dict[str, str]]:
    """Original text of the given lines, by line and column; columns without text are left out."""
    if not lines:
        return {}
    wanted = pa.table({"line": pa.array(sorted(set(lines)), pa.int64())})
    con.register("wanted", wanted)
    columns = ", ".join(f'"{name}"' for name in contract.column_names)
    rows = con.execute(f"select line, {columns} from stage semi join wanted using (line)").fetchall()
    con.unregister("wanted")
    return {
        line: {name: text for name, text in zip(contract.column_names, texts, strict=True) if text is not None}
        for line, *texts in rows
    }
