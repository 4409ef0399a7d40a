"""The lift-test sensor: a new or approved test recalibrates; nothing else is fetched or refitted."""

import dagster as dg

from dagster_project import keys
from dagster_project.defs.connectors.sensors import EVIDENCE_SOURCE, listings
from dagster_project.resources.warehouse import WarehouseResource


@dg.sensor(
    target=dg.AssetSelection.assets(keys.LIFT_TESTS),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches landing/experiments and lands the sheet; models whose evidence set changed recalibrate.",
)
def lift_test_sensor(context: dg.SensorEvaluationContext, store: WarehouseResource) -> dg.SensorResult | dg.SkipReason:
    """One run request when the sheet differs from the cursor's."""
    listing = listings(store.home.landing).get(EVIDENCE_SOURCE, "")
    if listing == (context.cursor or ""):
        return dg.SkipReason("No new lift tests under landing/experiments.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"lift-tests-{listing}", asset_selection=[keys.LIFT_TESTS])],
        cursor=listing,
    )
