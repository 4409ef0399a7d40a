"""Which lift tests reach one model's likelihood. Two looks at that: none is left out unseen, enough are held back."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import read_panel
from dagster_project.components.mmm_model.register import landed_register
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import EvidenceSet, LiftTest, Register, Standing, select_evidence
from mmm_models.evidence.tension import reviewed
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference

APPROVED_TESTS_USED = "approved_tests_used"
ENOUGH_TO_VALIDATE = "enough_to_validate"


def evidence_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that selects which lift tests reach one model's likelihood."""
    key = keys.model_key(spec.model, "evidence")

    @dg.asset(
        key=key,
        # The fit that has seen no test: what each is compared with before it is used.
        ins={step: dg.AssetIn(keys.model_key(spec.model, step)) for step in ("snapshot", "fit")},
        deps=[keys.LIFT_TESTS, keys.DECISIONS],
        group_name=spec.model,
        kinds={"yaml"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        code_version=spec.evidence_hash(),
        check_specs=[
            dg.AssetCheckSpec(
                APPROVED_TESTS_USED,
                asset=key,
                description="Every approved test that is meant to calibrate, and is about this model, is used.",
            ),
            dg.AssetCheckSpec(
                ENOUGH_TO_VALIDATE,
                asset=key,
                description=f"Of the approved tests of this model, {spec.evidence.least_validate:.0%} are held back.",
            ),
        ],
        automation_condition=automation.follow_inputs,
        description=(
            f"The lift tests that may calibrate **{spec.model}**: approved by another than their owner, for its "
            "channels and markets, inside its weeks, young enough for its policy, and not too far from what the fit "
            "without it expects, or accepted in spite of that. Each test that is refused carries the reason. Its data "
            "version is the hash of the set, so that another test elsewhere recalibrates nothing here."
        ),
    )
    def evidence(  # noqa: ANN202  (with checks beside it, Dagster takes no annotation that names the value)
        context: dg.AssetExecutionContext, store: WarehouseResource, snapshot: str, fit: dict
    ):
        panel = read_panel(snapshot, spec)
        register = landed_register(store)
        # By the data's clock, so that the same inputs give the same set on any day.
        day = panel.weeks[-1].date()
        standing = register.standings(day)
        selected = select_evidence(register.tests, spec, panel, as_of=day, standing=standing)
        # Thresholds may have changed since the fit, which does not depend on them.
        selected = reviewed(selected, replace(FitReference(**fit).load(), spec=spec), register.accepted)
        known = [test.model_dump(mode="json") for test in register.tests]
        return dg.MaterializeResult(
            value={**selected.model_dump(mode="json"), "known": known},
            data_version=dg.DataVersion(selected.content_hash()),
            check_results=[
                approved_tests_used(selected, register, standing, spec, day),
                enough_to_validate(register, standing, spec),
            ],
            metadata={
                "tests_used": len(selected.used),
                "tests_known": len(selected.decisions),
                "evidence_hash": selected.content_hash(),
                "decisions": dg.MetadataValue.md(_decided(selected, standing)),
            },
        )

    return evidence


def approved_tests_used(
    selected: EvidenceSet, register: Register, standing: Mapping[str, Standing], spec: ModelSpec, day: date
) -> dg.AssetCheckResult:
    """Warn of tests that somebody approved for this model and that it does not use; that one grows old is expected."""
    oldest = day - timedelta(weeks=spec.evidence.max_age_weeks)
    meant = {
        test.test_id
        for test in _of_model(register.tests, spec)
        if (standing[test.test_id].is_live or standing[test.test_id].is_void)
        and standing[test.test_id].role == "calibrate"
        and test.end_date >= oldest
    }
    refused = [decision for decision in selected.decisions if decision.test_id in meant and not decision.used]
    said = "; ".join(f"{decision.test_id}: {decision.reason}" for decision in refused)
    is_off = spec.evidence.use == "none"
    return dg.AssetCheckResult(
        check_name=APPROVED_TESTS_USED,
        passed=is_off or not refused,
        severity=dg.AssetCheckSeverity.WARN,
        description=said or f"{len(selected.used)} used; none left out that was approved for this model.",
        metadata={
            "used": len(selected.used),
            "refused": len(refused),
            "decisions": dg.MetadataValue.md(_decided(selected, standing)),
        },
    )


def enough_to_validate(register: Register, standing: Mapping[str, Standing], spec: ModelSpec) -> dg.AssetCheckResult:
    """Warn where too few approved tests are held back: a test in the likelihood is no check on the model."""
    live = [standing[test.test_id] for test in _of_model(register.tests, spec) if standing[test.test_id].is_live]
    held_back = sum(each.role == "validate" for each in live)
    # Whole tests: of three nobody can hold back a fifth. The little more is for 0.2 x 5, which is no 1 in binary.
    wanted = math.floor(spec.evidence.least_validate * len(live) + 1e-9)
    said = f"{held_back} of {len(live)} approved tests validate"
    return dg.AssetCheckResult(
        check_name=ENOUGH_TO_VALIDATE,
        passed=held_back >= wanted,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{said}."
            if held_back >= wanted
            else f"{said}; {wanted} should (evidence.least_validate {spec.evidence.least_validate:g}). Give the next "
            "tests role 'validate' before they are read out: a test that calibrates cannot check the model"
        ),
        metadata={"approved": len(live), "validate": held_back, "wanted": wanted},
    )


def _of_model(tests: Iterable[LiftTest], spec: ModelSpec) -> list[LiftTest]:
    """Tests about a model's outcome, in a market and of a channel that it has."""
    channels = set(spec.channel_names)
    return [
        test
        for test in tests
        if test.outcome == spec.outcome and test.market in spec.markets and channels & set(test.channels)
    ]


def _decided(selected: EvidenceSet, standing: Mapping[str, Standing]) -> str:
    """Each test with what became of it and why, as a table."""
    rows = [
        {
            "test": decision.test_id,
            "used": "yes" if decision.used else "no",
            "state": standing[decision.test_id].state,
            "role": standing[decision.test_id].role,
            "quality": round(standing[decision.test_id].quality, 2),
            "reason": decision.reason,
        }
        for decision in selected.decisions
    ]
    return pd.DataFrame(rows).to_markdown(index=False) if rows else "no lift test has landed"
