"""When assets run by themselves: named conditions, so that the UI explains itself."""

from __future__ import annotations

import dagster as dg

# A rebuilt table is not new data: a model refits when a data version (a content hash) or its own code changed,
# never because an upstream step merely ran again; and never past a failed blocking check.
retrain_on_new_data = (
    (
        dg.AutomationCondition.any_deps_match(
            dg.AutomationCondition.data_version_changed() | dg.AutomationCondition.will_be_requested()
        ).since_last_handled()
        | dg.AutomationCondition.code_version_changed().since_last_handled()
        | dg.AutomationCondition.newly_missing().since_last_handled()
    )
    & ~dg.AutomationCondition.any_deps_missing()
    & ~dg.AutomationCondition.any_deps_in_progress()
    & ~dg.AutomationCondition.in_progress()
    & dg.AutomationCondition.all_deps_blocking_checks_passed()
).with_label("retrain_on_new_data")

# Cheap steps follow their inputs at once.
follow_inputs = (dg.AutomationCondition.eager() & dg.AutomationCondition.all_deps_blocking_checks_passed()).with_label(
    "follow_inputs"
)

# Dagster's own sensor for conditions starts stopped; ours runs as soon as a daemon does.
automation_sensor = dg.AutomationConditionSensorDefinition(
    "automation",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
    description="Makes what its automation condition asks for: follow_inputs, retrain_on_new_data.",
)
