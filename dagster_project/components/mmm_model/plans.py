"""The budget plan of a model, from its calibrated fit."""

import hashlib

import dagster as dg

from dagster_project import automation, keys
from dagster_project.components.mmm_model.pictures import image
from dagster_project.components.mmm_model.training import FitReference
from mmm_models.planning import BudgetPlan, PlanRequest, plan_budget
from mmm_models.reporting import plots, tables
from mmm_models.reporting.summary import plan_markdown
from mmm_models.spec import ModelSpec


def plan_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset of the budget plan."""

    @dg.asset(
        key=keys.model_key(spec.model, "plan"),
        ins={"calibrated_fit": dg.AssetIn(keys.model_key(spec.model, "calibrated_fit"))},
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
        fit = reference.load()
        made = plan_budget(fit, PlanRequest.from_spec(spec, fit))
        plan_id = identify(spec, reference)
        return dg.MaterializeResult(
            value={
                "plan_id": plan_id,
                "run_id": reference.run_id,
                "tables": plan_tables(made, plan_id, reference.run_id),
            },
            data_version=dg.DataVersion(plan_id),
            metadata={
                "plan_id": plan_id,
                "plan": dg.MetadataValue.md(plan_markdown(made)),
                "gain_mean": float(made.gain.mean),
                "prob_gain_positive": float(made.prob_gain_positive),
                "gap": float(made.gap),
                "plot_plan": image(plots.plan(made)),
            },
        )

    return plan


def identify(spec: ModelSpec, reference: FitReference) -> str:
    """`<model>-plan-<12 hex>` of the fit and the planning section of the spec."""
    digest = hashlib.sha256(f"{reference.run_id}|{spec.planning_hash()}".encode()).hexdigest()
    return f"{spec.model}-plan-{digest[:12]}"


def plan_tables(plan: BudgetPlan, plan_id: str, run_id: str) -> dict:
    """The rows of `results.plans`, `plan_lines` and `plan_scenarios`."""
    return tables.plan_tables(plan, plan_id=plan_id, run_id=run_id)
