"""The experiment registry: landed lift tests, validated as records, in `results.lift_tests`."""

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import landed_lift_tests
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.reporting.evidence import lift_tests as lift_test_rows
from warehouse.results import ensure_results, upsert_lift_tests


@dg.asset(
    key=["evidence", "lift_test_registry"],
    deps=[keys.LIFT_TESTS, keys.DECISIONS],
    group_name="evidence",
    kinds={"duckdb"},
    owners=["team:marketing-science"],
    pool=keys.WAREHOUSE_POOL,
    automation_condition=automation.follow_inputs,
    description="Every landed lift test with its status, as `results.lift_tests`; a later version replaces a test.",
)
def lift_test_registry(context: dg.AssetExecutionContext, store: WarehouseResource) -> dg.MaterializeResult:
    """Upsert the landed tests."""
    rows = lift_test_rows(landed_lift_tests(store))
    with store.warehouse.write() as connection:
        ensure_results(connection)
        upsert_lift_tests(connection, rows)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(rows),
            "by_status": dg.MetadataValue.md(rows["status"].value_counts().to_markdown() if len(rows) else "none yet"),
            "tests": dg.MetadataValue.md(_table(rows)),
        }
    )


def _table(rows: pd.DataFrame) -> str:
    shown = ["test_id", "channel", "market", "design", "start_date", "end_date", "lift", "lift_se", "status"]
    return rows[shown].to_markdown(index=False) if len(rows) else "no lift test has landed"
