"""The budget plan of a model, from its calibrated fit."""

from dataclasses import replace

import dagster as dg

from dagster_project import automation, keys
from dagster_project.components.mmm_model.pictures import image
from mmm_models.planning import identity, plan_budget
from mmm_models.planning.forecast import forecast_plan
from mmm_models.reporting import plots
from mmm_models.reporting.forecast_tables import plan_forecasts
from mmm_models.reporting.plan_tables import plan_tables
from mmm_models.reporting.summary import plan_summary
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference


def plan_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset of the budget plan."""

    @dg.asset(
        key=keys.model_key(spec.model, "plan"),
        ins={"calibrated_fit": dg.AssetIn(keys.model_key(spec.model, "calibrated_fit"))},
        # Through the fit already; by itself, so that the UI shows a plan as stale from the moment a test is revoked.
        deps=[keys.model_key(spec.model, "evidence")],
        group_name=spec.model,
        kinds={"scipy"},
        owners=[spec.owner],
        code_version=spec.planning_hash(),
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"What **{spec.model}** would spend where over the next {spec.planning.horizon_weeks} weeks. Chosen on one "
            "half of the draws, reported on the other, beside the status quo, with an upper bound on what any plan "
            "could reach."
        ),
    )
    def plan(context: dg.AssetExecutionContext, calibrated_fit: dict) -> dg.MaterializeResult[dict]:
        reference = FitReference(**calibrated_fit)
        # The planning section may have changed since the fit, which does not depend on it.
        fit = replace(reference.load(), spec=spec)
        made, plan_id = plan_budget(fit), identity.plan_id(spec, reference.run_id)
        tables = plan_tables(made, plan_id, reference.run_id)
        tables["plan_forecasts"] = plan_forecasts(forecast_plan(fit, made), plan_id)
        return dg.MaterializeResult(
            value={
                "plan_id": plan_id,
                "run_id": reference.run_id,
                "tables": tables,
            },
            data_version=dg.DataVersion(plan_id),
            metadata={
                "plan_id": plan_id,
                "plan": dg.MetadataValue.md(plan_summary(made)),
                "gain_mean": made.gain.mean,
                "prob_gain_positive": float(made.prob_gain_positive),
                "plot_plan": image(plots.plan(made)),
                "plot_allocation": image(plots.allocation(made)),
                "plot_frontier": image(plots.frontier(made)),
            },
        )

    return plan
