"""What a built table shows on its asset page: rows, columns, and the columns that each of them was made from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster._core.definitions.metadata import TableMetadataSet
from sqlglot import MappingSchema, exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from warehouse.connection import Warehouse

DIALECT = "duckdb"
type Relation = tuple[str, str, str]  # database, schema, name


@dataclass(frozen=True)
class Catalogue:
    """What stands in the warehouse after a build.

    Attributes:
        columns: type by column, in the table's order, of each table and view.
        rows: row count of each table asked for; a view may be costly to count.
        schema: the same columns, as sqlglot reads them.
    """

    columns: Mapping[Relation, Mapping[str, str]]
    rows: Mapping[Relation, int]
    schema: MappingSchema

    @classmethod
    def read(cls, warehouse: Warehouse, counted: Iterable[Relation]) -> Catalogue:
        """Open the warehouse once for all tables of a build."""
        with warehouse.read() as connection:
            columns = _columns(connection)
            rows = {relation: _count(connection, relation) for relation in counted if relation in columns}
        schema = MappingSchema(dialect=DIALECT)
        for relation, types in columns.items():
            schema.add_table(_table(relation), dict(types), dialect=DIALECT, match_depth=False)
        return cls(columns, rows, schema)


def with_tables(
    outputs: Iterable[dg.Output],
    manifest: Mapping[str, Any],
    compiled: Path,
    warehouse: Warehouse,
    key_of: Callable[[str], dg.AssetKey],
    warn: Callable[[str], None],
) -> Iterator[dg.Output]:
    """The outputs of a build with row count, columns and column lineage.

    dagster-dbt has the same look-ups; it parses and optimises a query anew for each of its columns and asks for a
    parent's whole spec at each of them, which takes longer than the build itself.

    Args:
        outputs: what dagster-dbt said of seeds and models that were built.
        manifest: dbt's, parsed.
        compiled: dbt's folder of compiled SQL.
        warehouse: where the tables stand.
        key_of: asset key of a dbt node by its unique id.
        warn: is told of queries whose lineage cannot be worked out.
    """
    built = [(output, node_of(manifest, output.metadata["unique_id"].value)) for output in outputs]
    if not built:
        return
    counted = {relation_of(node) for _, node in built if node["config"]["materialized"] != "view"}
    catalogue = Catalogue.read(warehouse, counted)
    key_of = functools.cache(key_of)
    for output, node in built:
        relation = relation_of(node)
        made_from = None
        if node["resource_type"] == "model":
            parents = {relation_of(node_of(manifest, name)): key_of(name) for name in node["depends_on"]["nodes"]}
            try:
                sql = (compiled / node["package_name"] / node["original_file_path"]).read_text()
                made_from = column_lineage(sql, catalogue, relation, parents)
            except (SqlglotError, OSError) as error:
                warn(f"No column lineage for {node['name']}: {error}")
        described = TableMetadataSet(
            row_count=catalogue.rows.get(relation),
            storage_kind=DIALECT,
            column_schema=_column_schema(catalogue.columns.get(relation, {}), node),
            column_lineage=made_from,
        )
        yield output.with_metadata({**output.metadata, **described})


def column_lineage(
    sql: str, catalogue: Catalogue, relation: Relation, parents: Mapping[Relation, dg.AssetKey]
) -> dg.TableColumnLineage:
    """Which columns of its parents each column of a table comes from, through all CTEs and subqueries.

    Args:
        sql: the query that makes the table.
        catalogue: columns of the table and its parents.
        relation: the table.
        parents: asset key of each table that the query may read; what it reads of others, itself among them, is
            left out.

    Raises:
        SqlglotError: the query cannot be read.
    """
    wanted = catalogue.columns.get(relation, {})
    roots = lineage(None, sql, catalogue.schema, dialect=DIALECT, trim_selects=False)
    by_column = {name.lower(): root for name, root in roots.items()}
    return dg.TableColumnLineage(
        {
            column: sorted(_sources(by_column[column.lower()], parents), key=str) if column.lower() in by_column else []
            for column in wanted
        }
    )


def _sources(root: Node, parents: Mapping[Relation, dg.AssetKey]) -> set[dg.TableColumnDep]:
    found, seen, waiting = set(), set(), [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += node.downstream
        table = None if node.downstream else node.expression.find(exp.Table)
        key = parents.get((table.catalog, table.db, table.name)) if table else None
        if key:
            found.add(dg.TableColumnDep(key, exp.to_column(node.name).name.lower()))
    return found


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[Relation, dict[str, str]]:
    found: dict[Relation, dict[str, str]] = {}
    for database, schema, table, column, kind in connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where not internal order by table_oid, column_index"
    ).fetchall():
        found.setdefault((database, schema, table), {})[column] = kind
    return found


def _count(connection: duckdb.DuckDBPyConnection, relation: Relation) -> int:
    return connection.execute(f"select count(*) from {_table(relation).sql(DIALECT)}").fetchone()[0]


def _table(relation: Relation) -> exp.Table:
    database, schema, name = relation
    return exp.table_(name, db=schema, catalog=database, quoted=True)


def _column_schema(types: Mapping[str, str], node: Mapping[str, Any]) -> dg.TableSchema | None:
    said = {name.lower(): column.get("description") for name, column in node["columns"].items()}
    columns = [dg.TableColumn(name, kind, said.get(name.lower()) or None) for name, kind in types.items()]
    return dg.TableSchema(columns) if columns else None


def node_of(manifest: Mapping[str, Any], unique_id: str) -> Mapping[str, Any]:
    """A seed, model or source of dbt's manifest."""
    return manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]


def relation_of(node: Mapping[str, Any]) -> Relation:
    """Where a node of dbt's manifest stands in the warehouse."""
    return node["database"], node["schema"], node.get("identifier") or node.get("alias") or node["name"]
