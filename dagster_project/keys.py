"""Asset keys that more than one room needs."""

from __future__ import annotations

import dagster as dg

WAREHOUSE_POOL = "warehouse"

LOAD_LOG = dg.AssetKey(["raw_meta", "loads"])
# The source of lift tests and of what was decided about them.
EVIDENCE_SOURCE = "experiments"
LIFT_TESTS = dg.AssetKey([EVIDENCE_SOURCE, "lift_tests"])
DECISIONS = dg.AssetKey([EVIDENCE_SOURCE, "decisions"])
DIM_CHANNEL = dg.AssetKey(["main", "dim_channel"])
MMM_INPUT = dg.AssetKey(["main", "mmm_input_weekly"])
REGISTRY = dg.AssetKey(["evidence", "lift_test_registry"])
PUBLISHED = dg.AssetKey(["published", "mixhouse"])

# What a model is fitted to, and the look at it; made before it is known which fits are needed.
INPUT_STEPS = ("snapshot", "data_checks")
# The fit to these alone, and the lift tests that are used, each compared with it; made before anything recalibrates.
WEIGHING_STEPS = ("fit", "evidence")
# The steps of one model, in order. Recalibration starts at `evidence`.
MODEL_STEPS = (
    *INPUT_STEPS,
    *WEIGHING_STEPS,
    "triangulation",
    "calibrated_fit",
    "plan",
    "test_agenda",
    "registered_model",
    "results",
    "plan_vs_actual",
)


def model_key(model: str, step: str) -> dg.AssetKey:
    """The key of one step of one model, such as `retail/calibrated_fit`."""
    if step not in MODEL_STEPS:
        raise ValueError(f"model_key: no step {step!r}; the steps are {', '.join(MODEL_STEPS)}")
    return dg.AssetKey([model, step])
