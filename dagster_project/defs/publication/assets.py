"""The file that analysts read."""

import dagster as dg

from dagster_project import automation, keys
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.publish import publish


def published_asset(models: list[str], marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset of the published DuckDB file.

    Args:
        models: the models whose results it holds.
        marts: the mart tables that it holds.
    """

    @dg.asset(
        key=keys.PUBLISHED,
        deps=[
            *marts,
            keys.REGISTRY,
            *(keys.model_key(model, step) for model in models for step in ("results", "data_checks", "plan_vs_actual")),
        ],
        group_name="publication",
        kinds={"duckdb"},
        owners=["team:analytics"],
        pool=keys.WAREHOUSE_POOL,
        automation_condition=automation.follow_inputs,
        description=(
            "`published/mixhouse.duckdb`: marts and `results.*` with comments and `results.latest_*` views. Written "
            "beside and put in place by one rename, so that readers never wait and never see a half-written state."
        ),
    )
    def published_file(context: dg.AssetExecutionContext, store: WarehouseResource) -> dg.MaterializeResult:
        report = publish(store.warehouse, store.home.published)
        return dg.MaterializeResult(
            metadata={
                "dagster/uri": str(report.path),
                "dagster/row_count": sum(report.tables.values()),
                "bytes": report.bytes,
                "tables": dg.MetadataValue.md(_rows_by_table(report.tables)),
                "open": f"duckdb -readonly {report.path}",
            }
        )

    return published_file


def _rows_by_table(tables: dict[str, int]) -> str:
    return "\n".join(["| table | rows |", "|---|---:|", *(f"| {name} | {rows:,} |" for name, rows in tables.items())])
