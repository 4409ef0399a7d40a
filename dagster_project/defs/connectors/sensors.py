"""The landing sensor: new or changed export files start their source's landing; the rest follows by data version."""

import datetime as dt
import hashlib
import json

import dagster as dg

from dagster_project import keys
from dagster_project.defs.connectors.assets import LANDED
from dagster_project.defs.connectors.materialize import table_key
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import SOURCES, contracts_for
from warehouse.landing import SETTLE_SECONDS
from warehouse.landing.discover import LandingFolder


@dg.sensor(
    target=dg.AssetSelection.assets(*LANDED),
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Watches landing/ and lands the sources that have new files. Files still being written wait.",
)
def landing_sensor(context: dg.SensorEvaluationContext, store: WarehouseResource) -> dg.SensorResult | dg.SkipReason:
    """One run request for the sources whose listing differs from the cursor's."""
    seen = json.loads(context.cursor or "{}")
    # Experiments have a sensor of their own: it recalibrates without landing anything else.
    found = {
        source: listing for source, listing in listings(store.home.landing).items() if source != keys.EVIDENCE_SOURCE
    }
    changed = sorted(source for source, listing in found.items() if listing != seen.get(source))
    if not changed:
        return dg.SkipReason("No new files under landing/.")
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=run_key(found, changed),
                asset_selection=[
                    *(table_key(contract) for source in changed for contract in contracts_for(source)),
                    keys.LOAD_LOG,
                ],
                tags={"mixhouse/sources": ",".join(changed)},
            )
        ],
        cursor=json.dumps(found),
    )


def listings(landing: str) -> dict[str, str]:
    """Each source's files as one digest of name, size and time; only settled files count."""
    folder, now = LandingFolder.at(landing), dt.datetime.now(dt.UTC)
    found = {}
    for source in SOURCES:
        files = folder.list(source, settle_seconds=SETTLE_SECONDS, now=now)
        listed = sorted(file.stamp for file in files if file.is_settled)
        if listed:
            found[source] = hashlib.sha256("\n".join(listed).encode()).hexdigest()[:16]
    return found


def run_key(found: dict[str, str], changed: list[str]) -> str:
    """The same files never start two runs."""
    return hashlib.sha256(json.dumps({source: found[source] for source in changed}).encode()).hexdigest()[:16]
