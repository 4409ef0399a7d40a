"""The result tables of a model, written to the warehouse in one short transaction."""

from dataclasses import replace

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import load_evidence
from dagster_project.components.mmm_model.register import landed_register
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence.events import used_by
from mmm_models.reporting.clock import utc_now
from mmm_models.reporting.kept_fit import kept_fit
from mmm_models.reporting.register import evidence_events
from mmm_models.reporting.run_tables import run_tables
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference
from warehouse.results import append_events, ensure_results, keep_only_fit, write_tables

_INPUTS = ("evidence", "fit", "calibrated_fit", "triangulation", "plan", "test_agenda")


def results_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that loads fits and plan into `results.*`."""

    @dg.asset(
        key=keys.model_key(spec.model, "results"),
        ins={step: dg.AssetIn(keys.model_key(spec.model, step)) for step in _INPUTS},
        deps=[keys.model_key(spec.model, "registered_model")],
        group_name=spec.model,
        kinds={"duckdb"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"Contributions, returns, curves, parameters, gates, triangulation, plan and agenda of **{spec.model}** in "
            "`results.*`, keyed by run. Writing the same run again replaces the same rows."
        ),
    )
    def results(
        context: dg.AssetExecutionContext,
        store: WarehouseResource,
        evidence: dict,
        fit: dict,
        calibrated_fit: dict,
        triangulation: dict,
        plan: dict,
        test_agenda: dict,
    ) -> dg.MaterializeResult:
        selected, register, now = load_evidence(evidence), landed_register(store), utc_now()
        runs, used = {}, set()
        for kind, role, made in (("fit", "challenger", fit), ("calibrated_fit", "champion", calibrated_fit)):
            reference = FitReference(**made)
            loaded = reference.load()
            if kind == "calibrated_fit":
                champion_fit = kept_fit(replace(loaded, spec=spec), reference.run_id)
                used = {decision["test_id"] for decision in loaded.info.evidence if decision["used"]}
            runs[role] = run_tables(
                loaded,
                reference.run_id,
                kind,
                role,
                spec,
                selected,
                register.tests,
                written_at=now,
                dagster_run_id=context.run_id,
                mlflow_run_id=reference.mlflow_run_id,
            )
        # Made without the champion's lift tests, and read beside its figures; and what to test next by the champion.
        runs["champion"] |= triangulation["tables"] | test_agenda["tables"] | {"fits": champion_fit}
        qualities = [(test, selected.term(test).quality) for test in selected.used if test.test_id in used]
        uses = evidence_events(used_by(qualities, calibrated_fit["run_id"], spec.model, now.to_pydatetime()))
        # Everything is computed before the file is opened: it is held for one transaction only.
        with store.warehouse.write() as connection:
            ensure_results(connection)
            for made in runs.values():
                write_tables(connection, made, key="run_id", value=made["model_runs"]["run_id"].iloc[0])
            keep_only_fit(connection, spec.model, calibrated_fit["run_id"])
            write_tables(connection, plan["tables"], key="plan_id", value=plan["plan_id"])
            append_events(connection, uses)
        rows = {f"results.{name}": len(table) for name, table in (runs["champion"] | plan["tables"]).items()}
        return dg.MaterializeResult(
            data_version=dg.DataVersion(
                f"{calibrated_fit['run_id']}+{fit['run_id']}+{plan['plan_id']}+{triangulation['triangulation_id']}"
            ),
            metadata={
                "dagster/row_count": sum(rows.values()),
                "run_id": calibrated_fit["run_id"],
                "plan_id": plan["plan_id"],
                "rows": dg.MetadataValue.md(pd.Series(rows, name="rows").to_markdown()),
            },
        )

    return results
