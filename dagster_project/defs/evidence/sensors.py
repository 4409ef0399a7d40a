"""The lift-test sensor: a new, approved or revoked test recalibrates; nothing else is fetched or refitted."""

import dagster as dg

from dagster_project import keys
from dagster_project.defs.connectors.materialize import table_key
from dagster_project.defs.connectors.sensors import listings
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import contracts_for

_TABLES = [table_key(contract) for contract in contracts_for(keys.EVIDENCE_SOURCE)]


@dg.sensor(
    target=dg.AssetSelection.assets(*_TABLES),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches landing/experiments and lands what is new; models whose evidence changed recalibrate.",
)
def lift_test_sensor(context: dg.SensorEvaluationContext, store: WarehouseResource) -> dg.SensorResult | dg.SkipReason:
    """One run request when the tests or decisions that have been delivered differ from the cursor's."""
    listing = listings(store.home.landing).get(keys.EVIDENCE_SOURCE, "")
    if listing == (context.cursor or ""):
        return dg.SkipReason("No new lift tests or decisions under landing/experiments.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"lift-tests-{listing}", asset_selection=_TABLES)],
        cursor=listing,
    )
