"""The result tables of a model, written to the warehouse in one short transaction."""

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import landed_lift_tests, load_evidence
from dagster_project.components.mmm_model.training import FitReference
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.reporting import tables
from mmm_models.reporting.evidence import evidence_used
from mmm_models.spec import ModelSpec
from mmm_models.validation import evaluate_gates
from warehouse.results import ensure_results, write_tables


def results_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that loads fits and plan into `results.*`."""

    @dg.asset(
        key=keys.model_key(spec.model, "results"),
        ins={
            step: dg.AssetIn(keys.model_key(spec.model, step)) for step in ("evidence", "fit", "calibrated_fit", "plan")
        },
        deps=[keys.model_key(spec.model, "registered_model")],
        group_name=spec.model,
        kinds={"duckdb"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"Contributions, returns, curves, parameters, gates and the plan of **{spec.model}** in `results.*`, keyed "
            "by run. Writing the same run again replaces the same rows."
        ),
    )
    def results(
        context: dg.AssetExecutionContext,
        store: WarehouseResource,
        evidence: dict,
        fit: dict,
        calibrated_fit: dict,
        plan: dict,
    ) -> dg.MaterializeResult:
        selected, lift_tests = load_evidence(evidence), landed_lift_tests(store)
        runs = {
            "challenger": run_tables(
                FitReference(**fit), "fit", "challenger", context.run_id, spec, selected, lift_tests
            ),
            "champion": run_tables(
                FitReference(**calibrated_fit),
                "calibrated_fit",
                "champion",
                context.run_id,
                spec,
                selected,
                lift_tests,
            ),
        }
        # Everything is computed before the file is opened: it is held for one transaction only.
        with store.warehouse.write() as connection:
            ensure_results(connection)
            for made in runs.values():
                write_tables(connection, made, key="run_id", value=made["model_runs"]["run_id"].iloc[0])
            write_tables(connection, plan["tables"], key="plan_id", value=plan["plan_id"])
        rows = {f"results.{name}": len(table) for name, table in (runs["champion"] | plan["tables"]).items()}
        return dg.MaterializeResult(
            data_version=dg.DataVersion(f"{calibrated_fit['run_id']}+{fit['run_id']}+{plan['plan_id']}"),
            metadata={
                "dagster/row_count": sum(rows.values()),
                "run_id": calibrated_fit["run_id"],
                "plan_id": plan["plan_id"],
                "rows": dg.MetadataValue.md(pd.Series(rows, name="rows").to_markdown()),
            },
        )

    return results


def run_tables(
    reference: FitReference,
    kind: str,
    role: str,
    dagster_run_id: str,
    spec: ModelSpec,
    evidence: EvidenceSet,
    lift_tests: list[LiftTest],
) -> dict[str, pd.DataFrame]:
    """All run-keyed result tables of one fit."""
    fit = reference.load()
    made = tables.fit_tables(fit, reference.run_id, gates=evaluate_gates(fit, spec.gates))
    made["model_runs"] = tables.model_run(
        fit,
        reference.run_id,
        created_at=fit.info.started_at,
        kind=kind,
        role=role,
        dagster_run_id=dagster_run_id,
        mlflow_run_id=reference.mlflow_run_id,
    )
    made["evidence_used"] = evidence_used(
        fit, reference.run_id, evidence, lift_tests, in_likelihood=kind == "calibrated_fit"
    )
    return made
