"""The schema `results` in a DuckDB file: tables, views, and what each of them means."""

from __future__ import annotations

import duckdb

from warehouse.errors import WarehouseError
from warehouse.results.registry import RESULT_TABLES
from warehouse.results.schema import Column, ResultTable
from warehouse.results.views import latest_views


def ensure_results(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `results.*` as declared, in the caller's transaction; existing rows stay.

    A column declared since the file was made is added (NULL in old rows). Raises WarehouseError if a stored column
    has another type than the declaration.
    """
    connection.execute("create schema if not exists results")
    for table in RESULT_TABLES.values():
        _ensure_table(connection, table)
        _comment(connection, "table", table.name, table.comment, table.columns)
    for view in latest_views():
        connection.execute(f"create or replace view results.{view.name} as {view.select}")
        _comment(connection, "view", view.name, view.comment, view.columns)


def _ensure_table(connection: duckdb.DuckDBPyConnection, table: ResultTable) -> None:
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    connection.execute(f"create table if not exists results.{table.name} ({columns})")
    stored = dict(
        connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'results' and table_name = ?",
            [table.name],
        ).fetchall()
    )
    for column in table.columns:
        if column.name not in stored:
            connection.execute(f'alter table results.{table.name} add column "{column.name}" {column.type}')
        elif stored[column.name].lower() != column.type:
            raise WarehouseError(
                f"results.{table.name}.{column.name} is stored as {stored[column.name]} but declared as "
                f"{column.type}. Move the warehouse file away and run the graph again to rebuild it."
            )


def _comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str, columns: tuple[Column, ...]
) -> None:
    statements = [f"comment on {kind} results.{name} is {quote(comment)}"]
    statements += [f'comment on column results.{name}."{column.name}" is {quote(column.comment)}' for column in columns]
    connection.execute("; ".join(statements))


def quote(text: str) -> str:
    """The text as an SQL string literal; DuckDB takes no parameters in COMMENT or ATTACH."""
    return "'" + text.replace("'", "''") + "'"
