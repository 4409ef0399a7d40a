"""The two fits of a model: from data alone, and calibrated by lift tests. Convergence figures block what follows."""

from dataclasses import replace

import dagster as dg

from dagster_project import automation, keys
from dagster_project.components.mmm_model.checks import check_results, check_specs
from dagster_project.components.mmm_model.inputs import load_evidence, read_panel
from dagster_project.components.mmm_model.pictures import fit_figures, image
from dagster_project.resources.mlflow import MlflowRegistry
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, StackedFit
from mmm_models.reporting import tables
from mmm_models.reporting.structures import structure_tables, structures_summary
from mmm_models.reporting.summary import returns_summary
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference, Kind, code_hash, train
from mmm_models.validation import evaluate_gates

_DESCRIPTION = {
    "fit": "**{model}** fitted to its snapshot alone. The challenger: what the data say without experiments.",
    "calibrated_fit": (
        "**{model}** with its approved lift tests as terms of the likelihood. The one that plans and results read."
    ),
}


def fit_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset of the uncalibrated fit."""
    key = keys.model_key(spec.model, "fit")

    @dg.asset(
        key=key,
        ins={"snapshot": dg.AssetIn(keys.model_key(spec.model, "snapshot"))},
        group_name=spec.model,
        kinds={spec.engine.replace("_", ""), "mlflow"},
        owners=[spec.owner],
        code_version=f"{spec.training_hash()}-{code_hash()}",
        check_specs=check_specs(key, has_structures=spec.tournament is not None),
        automation_condition=automation.retrain_on_new_data,
        description=_DESCRIPTION["fit"].format(model=spec.model),
    )
    def fit(  # noqa: ANN202  (with checks beside it, Dagster takes no annotation that names the value)
        context: dg.AssetExecutionContext, store: WarehouseResource, registry: MlflowRegistry, snapshot: str
    ):
        return _fit(context, store, registry, spec, snapshot, None, "fit", key)

    return fit


def calibrated_fit_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset of the calibrated fit."""
    key = keys.model_key(spec.model, "calibrated_fit")

    @dg.asset(
        key=key,
        ins={
            "snapshot": dg.AssetIn(keys.model_key(spec.model, "snapshot")),
            "evidence": dg.AssetIn(keys.model_key(spec.model, "evidence")),
        },
        # Not an input: the calibrated fit starts afresh. But data that the plain model cannot digest must stop here.
        deps=[keys.model_key(spec.model, "fit")],
        group_name=spec.model,
        kinds={spec.engine.replace("_", ""), "mlflow"},
        owners=[spec.owner],
        code_version=f"{spec.training_hash()}-{code_hash()}",
        check_specs=check_specs(key, has_structures=spec.tournament is not None),
        automation_condition=automation.retrain_on_new_data,
        description=_DESCRIPTION["calibrated_fit"].format(model=spec.model),
    )
    def calibrated_fit(  # noqa: ANN202  (as above)
        context: dg.AssetExecutionContext,
        store: WarehouseResource,
        registry: MlflowRegistry,
        snapshot: str,
        evidence: dict,
    ):
        return _fit(context, store, registry, spec, snapshot, load_evidence(evidence), "calibrated_fit", key)

    return calibrated_fit


def _fit(
    context: dg.AssetExecutionContext,
    store: WarehouseResource,
    registry: MlflowRegistry,
    spec: ModelSpec,
    snapshot: str,
    evidence: EvidenceSet | None,
    kind: Kind,
    key: dg.AssetKey,
) -> dg.MaterializeResult:
    panel = read_panel(snapshot, spec)
    context.log.info(f"Fitting {spec.model} ({kind}): {len(panel.weeks)} weeks, {len(panel.channels)} channels")
    reference, fit = train(panel, spec, evidence, kind, store.home.fits)
    # Thresholds may have changed since the fit was made, which does not depend on them.
    fit = replace(fit, spec=spec)
    gates = evaluate_gates(fit)
    figures = fit_figures(fit)
    structures = (
        structure_tables(fit, reference.run_id, spec.tournament.disagreement_factor)
        if isinstance(fit, StackedFit)
        else {}
    )
    returns = tables.channel_returns(fit, reference.run_id)
    logged = registry.log_fit(
        fit,
        name=reference.run_id,
        tags=_lineage(context, registry, key, fit, evidence),
        metrics=tables.metrics(fit),
        figures=figures,
        tables={
            "channel_returns": returns,
            "parameters": tables.parameters(fit, reference.run_id),
            **structures,
        },
        snapshot=snapshot,
    )
    reference = FitReference(reference.run_id, reference.path, logged.run_id, logged.url)
    return dg.MaterializeResult(
        value=reference.to_dict(),
        data_version=dg.DataVersion(reference.run_id),
        check_results=check_results(gates, key),
        metadata={
            "run_id": reference.run_id,
            "mlflow_run": dg.MetadataValue.url(logged.url),
            "mlflow_run_id": logged.run_id,
            "wall_seconds": fit.info.wall_seconds,
            "lift_tests": len(evidence.used) if evidence else 0,
            **{name: float(value) for name, value in fit.info.convergence.items()},
            "returns": dg.MetadataValue.md(returns_summary(returns, outcome=spec.outcome, currency=spec.currency)),
            **({"structures": dg.MetadataValue.md(structures_summary(fit, structures))} if structures else {}),
            **{f"plot_{name}": image(figure) for name, figure in figures.items()},
        },
    )


def _lineage(
    context: dg.AssetExecutionContext,
    registry: MlflowRegistry,
    key: dg.AssetKey,
    fit: Fit,
    evidence: EvidenceSet | None,
) -> dict[str, str]:
    asset_url = f"{registry.dagster_url}/assets/{'/'.join(key.path)}"
    run_url = f"{registry.dagster_url}/runs/{context.run_id}"
    return {
        # What MLflow shows as the run's description: the way back.
        "mlflow.note.content": f"Made by [{key.to_user_string()}]({asset_url}) in [this Dagster run]({run_url}).",
        "dagster.run_id": context.run_id,
        "dagster.asset_key": key.to_user_string(),
        "dagster.code_version": code_hash(),
        "mixhouse.data_hash": fit.info.data_hash,
        "mixhouse.spec_hash": fit.info.spec_hash,
        "mixhouse.evidence_hash": fit.info.evidence_hash,
        "mixhouse.lift_tests": ", ".join(test.test_id for test in evidence.used) if evidence else "",
    }
