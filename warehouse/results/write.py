"""How rows get into `results.*`: checked against the declaration, then put in place of the same run's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import duckdb

from warehouse.errors import WarehouseError, did_you_mean
from warehouse.results.ddl import ensure_results
from warehouse.results.registry import RESULT_TABLES
from warehouse.results.schema import Column, ResultTable
from warehouse.results.views import OWNERS

if TYPE_CHECKING:
    import pandas as pd


# Events beside the changes of a test's state.
_IS_NO_STATE = "to_state in ('used', 'accepted')"


class ResultsError(WarehouseError):
    """Rows do not fit a result table; names the table, the column, the value and the remedy."""


def write_tables(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pd.DataFrame], *, key: str, value: str
) -> dict[str, int]:
    """Replace the rows of one run, plan or snapshot in each given table, in the caller's transaction; rows by table.

    `key` is the `key` of one of `OWNERS` and `value` whose rows these are; a frame without that column gets it. Tables
    not given are left alone, and so is every other run: the schema is append-only apart from an identical run.
    Frames need exactly the declared columns, in any order. Raises ResultsError before anything is written.
    """
    keys = [owner.key for owner in OWNERS]
    if key not in keys:
        raise ResultsError(f"key is {key!r}: results are written by {', '.join(map(repr, keys))}.")
    prepared = {}
    for name, frame in tables.items():
        table = _declared(name)
        if table.owner_key != key:
            raise ResultsError(
                f"results.{name} is kept by {table.owner_key}, not by {key}. "
                + (
                    "Use append_events."
                    if table.is_append_only
                    else "Use upsert_by_test."
                    if table.owner_key == "test_id"
                    else "Write it in a call of its own."
                )
            )
        owned = frame if key in frame.columns else frame.assign(**{key: value})
        _check(table, owned)
        strangers = owned.loc[owned[key] != value, key]
        if len(strangers):
            raise ResultsError(f"results.{name} of {key} {value!r} holds a row of {strangers.iloc[0]!r}.")
        prepared[name] = owned
    ensure_results(connection)
    for name, frame in prepared.items():
        connection.execute(f"delete from results.{name} where {key} = ?", [value])
        _insert(connection, RESULT_TABLES[name], frame)
    return {name: len(frame) for name, frame in prepared.items()}


def keep_only_fit(connection: duckdb.DuckDBPyConnection, model: str, run_id: str) -> None:
    """Drop the fits of a model's other runs, in the caller's transaction: a file grows by each, and one plans."""
    others = "select run_id from results.model_runs where model = ?"
    connection.execute(f"delete from results.fits where run_id <> ? and run_id in ({others})", [run_id, model])


def upsert_lift_tests(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> int:
    """Put each test's newest state in place of the stored one, in the caller's transaction; rows written.

    Tests that the frame lacks stay: a test is revoked by its status, not by vanishing. Raises ResultsError.
    """
    return upsert_by_test(connection, "lift_tests", frame)


def upsert_by_test(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> int:
    """Put the rows of each test in place of the stored ones, in the caller's transaction; rows written.

    Raises:
        ResultsError: the table is not kept by test, or rows do not fit it.
    """
    table = _declared(name)
    if table.owner_key != "test_id":
        raise ResultsError(f"results.{name} is kept by {table.owner_key}, not by test_id. Use write_tables.")
    if table.is_append_only:
        raise ResultsError(f"Rows of results.{name} are added and never replaced. Use append_events.")
    _check(table, frame)
    ensure_results(connection)
    for test_id in frame["test_id"].unique():
        connection.execute(f"delete from results.{name} where test_id = ?", [test_id])
    _insert(connection, table, frame)
    return len(frame)


def append_events(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> int:
    """Add rows to `results.evidence_events`, in the caller's transaction; rows added.

    What is no change of state, a run's use of a test or its acceptance, is not added again. Raises ResultsError.
    """
    table = RESULT_TABLES["evidence_events"]
    _check(table, frame)
    ensure_results(connection)
    told = connection.execute(
        f"select test_id, to_state, run_id, case when run_id is null then occurred_at end from results.{table.name} "
        f"where {_IS_NO_STATE}"
    ).fetchall()
    known = set(told)
    rows = zip(frame["test_id"], frame["to_state"], frame["run_id"], frame["occurred_at"], strict=True)
    is_fresh = [(test, state, run, None if run else at) not in known for test, state, run, at in rows]
    fresh = frame[is_fresh]
    _insert(connection, table, fresh)
    return len(fresh)


def newest_states(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """The newest event of each test that gave it a state, as rows of `results.evidence_events`."""
    ensure_results(connection)
    found = connection.execute(
        f"select * from results.evidence_events where not ({_IS_NO_STATE}) "
        "qualify row_number() over (partition by test_id order by recorded_at desc) = 1 order by test_id"
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _declared(name: str) -> ResultTable:
    if name not in RESULT_TABLES:
        raise ResultsError(f"There is no table results.{name}. {did_you_mean(name, RESULT_TABLES)}")
    return RESULT_TABLES[name]


def _check(table: ResultTable, frame: pd.DataFrame) -> None:
    names = table.column_names
    for name in frame.columns:
        if name not in names:
            raise ResultsError(f"results.{table.name} has no column {name!r}. {did_you_mean(str(name), names)}")
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ResultsError(
            f"results.{table.name} needs column {missing[0]!r}, which the rows lack"
            f"{f' (and {missing[1:]})' if missing[1:] else ''}. Give it, as NULL where there is no value."
        )
    for name in table.key:
        if name not in table.nullable_key and frame[name].isna().any():
            row = int(frame[name].isna().to_numpy().argmax())
            raise ResultsError(f"results.{table.name}.{name} is a key and is empty in row {row}.")
    repeated = frame.duplicated(list(table.key))
    if table.unique and repeated.any():
        row = frame.loc[repeated, list(table.key)].iloc[0].to_dict()
        raise ResultsError(f"results.{table.name} has two rows for {row}; its key allows one.")
    for column in table.columns:
        _check_allowed(table, column, frame[column.name])


def _check_allowed(table: ResultTable, column: Column, values: pd.Series) -> None:
    if not column.allowed:
        return
    wrong = values[~values.isin(column.allowed)]
    if len(wrong):
        raise ResultsError(
            f"results.{table.name}.{column.name} is {wrong.iloc[0]!r}; allowed: {', '.join(column.allowed)}."
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: ResultTable, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    connection.register("incoming_rows", frame[table.column_names])
    try:
        connection.execute(f"insert into results.{table.name} ({columns}) select {columns} from incoming_rows")
    except (duckdb.ConversionException, duckdb.BinderException, duckdb.InvalidInputException) as error:
        raise ResultsError(f"results.{table.name}: {_wrong_value(table, frame) or error}") from error
    finally:
        connection.unregister("incoming_rows")


def _wrong_value(table: ResultTable, frame: pd.DataFrame) -> str | None:
    """Names the first value that its column's type cannot hold; a database of its own, as the caller's failed."""
    rows = frame[table.column_names]
    with duckdb.connect() as scratch:
        scratch.register("incoming_rows", rows)
        for column in table.columns:
            found = scratch.execute(
                f'select "{column.name}" from incoming_rows where "{column.name}" is not null '
                f'and try_cast("{column.name}" as {column.type}) is null limit 1'
            ).fetchone()
            if found:
                return f"column {column.name!r} holds {found[0]!r}, which is no {column.type}."
    return None
