"""The experiment registry: landed lift tests as they stand, in `results.lift_tests`, and what happened to them."""

import hashlib
from datetime import UTC, datetime

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.register import landed_register
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence.events import acceptances, transitions
from mmm_models.reporting.register import evidence_events, read_events
from mmm_models.reporting.register import lift_tests as lift_test_rows
from warehouse.results import append_events, ensure_results, newest_states, upsert_lift_tests

DECISIONS_HAVE_A_TEST = "decisions_have_a_test"


@dg.asset(
    key=keys.REGISTRY,
    deps=[keys.LIFT_TESTS, keys.DECISIONS],
    group_name="evidence",
    kinds={"duckdb"},
    owners=["team:marketing-science"],
    pool=keys.WAREHOUSE_POOL,
    automation_condition=automation.follow_inputs,
    check_specs=[
        dg.AssetCheckSpec(
            DECISIONS_HAVE_A_TEST, asset=keys.REGISTRY, description="Every decision is about a test that has landed."
        )
    ],
    description=(
        "Every landed lift test with its state and quality, as `results.lift_tests`; a later version replaces a test. "
        "Each change of state is a row of `results.evidence_events` that stays."
    ),
)
def lift_test_registry(context: dg.AssetExecutionContext, store: WarehouseResource) -> dg.MaterializeResult:
    """Upsert the landed tests, and add what has happened since."""
    register, now = landed_register(store), datetime.now(UTC).replace(tzinfo=None)
    rows = lift_test_rows(register.tests, register.standings(now.date()))
    with store.warehouse.write() as connection:
        ensure_results(connection)
        last = read_events(newest_states(connection))
        events = transitions(register, now.date(), last, now) + acceptances(register, now.date(), now)
        upsert_lift_tests(connection, rows)
        append_events(connection, evidence_events(events))
    unknown = sorted({decision.test_id for decision in register.of_nothing})
    return dg.MaterializeResult(
        # A look that finds the register as it was publishes nothing.
        data_version=dg.DataVersion(hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest()),
        metadata={
            "dagster/row_count": len(rows),
            "by_state": dg.MetadataValue.md(rows["state"].value_counts().to_markdown() if len(rows) else "none yet"),
            "tests": dg.MetadataValue.md(_table(rows)),
            "events": dg.MetadataValue.md(
                "\n".join(f"- {e.test_id}: {e.from_state or 'new'} -> {e.to_state}, {e.why}" for e in events) or "none"
            ),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=DECISIONS_HAVE_A_TEST,
                passed=not unknown,
                severity=dg.AssetCheckSeverity.WARN,
                description=(
                    f"no lift test is called {', '.join(unknown)}; deliver the test, or decide again with its right id"
                    if unknown
                    else None
                ),
            )
        ],
    )


def _table(rows: pd.DataFrame) -> str:
    shown = ["test_id", "channel", "market", "design", "start_date", "end_date", "lift", "lift_se", "state", "quality"]
    return rows[shown].to_markdown(index=False) if len(rows) else "no lift test has landed"
