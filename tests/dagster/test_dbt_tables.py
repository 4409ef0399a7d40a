"""The asset page of a built table: rows, columns with their descriptions, and which columns each comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.defs.dbt.tables import Catalogue, Relation, column_lineage, with_tables
from warehouse.connection import Warehouse

DAILY, ORDER, FX = ("mixhouse", "main", "daily"), ("mixhouse", "raw_ads", "order"), ("mixhouse", "main", "fx")
KEYS = {ORDER: dg.AssetKey(["ads", "order"]), FX: dg.AssetKey(["main", "fx"])}
ORDERS, RATES, ITSELF = 'mixhouse.raw_ads."order"', '"mixhouse"."main"."fx"', '"mixhouse"."main"."daily"'


def dep(relation: Relation, column: str) -> dg.TableColumnDep:
    return dg.TableColumnDep(KEYS[relation], column)


@pytest.fixture
def warehouse(tmp_path) -> Warehouse:
    made = Warehouse(tmp_path / "mixhouse.duckdb")
    with made.write() as connection:
        connection.execute("create schema raw_ads")
        connection.execute(f"create table {ORDERS} (day date, currency varchar, spend double, Clicks bigint)")
        connection.execute("create table fx (day date, currency varchar, rate double)")
        connection.execute("create table daily as select date '2024-01-01' as day, 1.0::double as spend, 2 as clicks")
        connection.execute("create view recent as select * from daily")
    return made


@pytest.mark.parametrize(
    ("sql", "column", "expected"),
    [
        pytest.param(
            f"with paid as (select o.day, o.spend * f.rate as spend from {ORDERS} o join {RATES} f using (day)) "
            "select day, sum(spend) as spend from paid group by day",
            "spend",
            {dep(ORDER, "spend"), dep(FX, "rate")},
            id="an expression over two tables, through a CTE and a sum",
        ),
        pytest.param(
            f"select * from (select day, spend, clicks from {ORDERS})",
            "clicks",
            {dep(ORDER, "clicks")},
            id="a star and a name in capitals",
        ),
        pytest.param(
            f"select day, spend from {ORDERS} union all select day, rate as spend from {RATES}",
            "spend",
            {dep(ORDER, "spend"), dep(FX, "rate")},
            id="both sides of a union",
        ),
        pytest.param(
            f"select day, spend from {ORDERS} union all select day, spend from {ITSELF}",
            "spend",
            {dep(ORDER, "spend")},
            id="a table is no parent of itself",
        ),
        pytest.param(f"select day, 1.0 as spend from {RATES}", "spend", set(), id="a constant comes from nowhere"),
    ],
)
def test_a_column_comes_from_the_columns_of_its_parents(warehouse, sql, column, expected):
    found = column_lineage(sql, Catalogue.read(warehouse, []), DAILY, KEYS).deps_by_column
    assert set(found) == {"day", "spend", "clicks"}
    assert set(found[column]) == expected


def node(name: str, materialized: str, sql: str, compiled: Path) -> dict[str, Any]:
    path = Path("models") / f"{name}.sql"
    (compiled / "mixhouse" / path).parent.mkdir(parents=True, exist_ok=True)
    (compiled / "mixhouse" / path).write_text(sql)
    return {
        "name": name,
        "resource_type": "model",
        "package_name": "mixhouse",
        "original_file_path": str(path),
        "config": {"materialized": materialized},
        "database": "mixhouse",
        "schema": "main",
        "alias": name,
        "columns": {"spend": {"description": "Money in the reporting currency."}, "day": {"description": ""}},
        "depends_on": {"nodes": ["source.mixhouse.ads.order"]},
    }


def described(warehouse: Warehouse, nodes: dict[str, Any], compiled: Path, said: list[str]) -> dict[str, Any]:
    source = {"name": "order", "resource_type": "source", "database": "mixhouse", "schema": "raw_ads"}
    outputs = [dg.Output(None, name, metadata={"unique_id": name, "kept": 1}) for name in nodes]
    manifest = {"nodes": nodes, "sources": {"source.mixhouse.ads.order": source}}
    done = with_tables(outputs, manifest, compiled, warehouse, lambda name: KEYS[ORDER], said.append)
    return {output.output_name: output.metadata for output in done}


def test_a_table_shows_rows_columns_and_lineage_and_a_view_is_not_counted(warehouse, tmp_path):
    said: list[str] = []
    sql = f"select day, spend from {ORDERS}"
    nodes = {name: node(name, kind, sql, tmp_path) for name, kind in (("daily", "table"), ("recent", "view"))}
    pages = described(warehouse, nodes, tmp_path, said)
    assert said == []
    assert pages["daily"]["dagster/row_count"].value == 1
    assert "dagster/row_count" not in pages["recent"]
    columns = pages["daily"]["dagster/column_schema"].value.columns
    assert [(column.name, column.type, column.description) for column in columns] == [
        ("day", "DATE", None),
        ("spend", "DOUBLE", "Money in the reporting currency."),
        ("clicks", "INTEGER", None),
    ]
    lineage = pages["recent"]["dagster/column_lineage"].value
    assert lineage.deps_by_column["spend"] == [dep(ORDER, "spend")]
    assert pages["daily"]["kept"].value == 1


def test_a_query_that_cannot_be_read_costs_its_lineage_only(warehouse, tmp_path):
    said: list[str] = []
    pages = described(warehouse, {"daily": node("daily", "table", "select (", tmp_path)}, tmp_path, said)
    assert "dagster/column_lineage" not in pages["daily"]
    assert pages["daily"]["dagster/row_count"].value == 1
    assert len(said) == 1
    assert said[0].startswith("No column lineage for daily: ")
