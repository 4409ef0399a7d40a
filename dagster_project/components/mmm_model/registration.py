"""Promotion: a calibrated fit whose blocking checks passed becomes the model's champion."""

import dagster as dg

from dagster_project import automation, keys
from dagster_project.resources.mlflow import MlflowRegistry, registered_name
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference


def registered_model_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that moves the aliases `champion` and `challenger` in the registry."""

    @dg.asset(
        key=keys.model_key(spec.model, "registered_model"),
        ins={
            "fit": dg.AssetIn(keys.model_key(spec.model, "fit")),
            "calibrated_fit": dg.AssetIn(keys.model_key(spec.model, "calibrated_fit")),
        },
        group_name=spec.model,
        kinds={"mlflow"},
        owners=[spec.owner],
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"`{registered_name(spec.model)}` in MLflow: the calibrated fit is `champion`, the uncalibrated one "
            "`challenger`. It runs only when the blocking checks of both passed; until then the old champion stays."
        ),
    )
    def registered_model(
        context: dg.AssetExecutionContext, registry: MlflowRegistry, fit: dict, calibrated_fit: dict
    ) -> dg.MaterializeResult:
        champion, challenger = FitReference(**calibrated_fit), FitReference(**fit)
        versions = {
            "challenger": registry.register(
                spec.model, challenger.mlflow_run_id, "challenger", description=challenger.run_id
            ),
            "champion": registry.register(spec.model, champion.mlflow_run_id, "champion", description=champion.run_id),
        }
        return dg.MaterializeResult(
            data_version=dg.DataVersion(f"{champion.run_id}+{challenger.run_id}"),
            metadata={
                "registered_model": registered_name(spec.model),
                "champion_version": versions["champion"],
                "challenger_version": versions["challenger"],
                "champion_run": dg.MetadataValue.url(champion.mlflow_url),
            },
        )

    return registered_model
