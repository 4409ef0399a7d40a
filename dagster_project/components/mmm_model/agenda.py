"""What a model's owner should test next, from the calibrated fit and the plan's settings."""

from dataclasses import replace

import dagster as dg

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import known_tests
from dagster_project.components.mmm_model.pictures import image
from mmm_models.planning.agenda import make_agenda
from mmm_models.reporting import plots
from mmm_models.reporting.agenda_tables import agenda_table
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference


def agenda_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset of the test agenda."""

    @dg.asset(
        key=keys.model_key(spec.model, "test_agenda"),
        ins={
            "evidence": dg.AssetIn(keys.model_key(spec.model, "evidence")),
            "calibrated_fit": dg.AssetIn(keys.model_key(spec.model, "calibrated_fit")),
        },
        group_name=spec.model,
        kinds={"scipy"},
        owners=[spec.owner],
        code_version=spec.planning_hash(),
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"Lift tests that would do most for the next plan of **{spec.model}**: the expected value of each on draws "
            "that did not choose it, beside that of knowing the channel's response exactly, with design, size, weeks, "
            f"power and cost. `mixhouse agenda {spec.model} --drafts FOLDER` writes them as records to fill in."
        ),
    )
    def test_agenda(
        context: dg.AssetExecutionContext, evidence: dict, calibrated_fit: dict
    ) -> dg.MaterializeResult[dict]:
        reference = FitReference(**calibrated_fit)
        # The planning section may have changed since the fit, which does not depend on it.
        made = make_agenda(replace(reference.load(), spec=spec), known_tests(evidence))
        table = agenda_table(made, reference.run_id)
        return dg.MaterializeResult(
            value={"tables": {"test_agenda": table}},
            data_version=dg.DataVersion(f"{reference.run_id}+{spec.planning_hash()}"),
            metadata={
                "run_id": reference.run_id,
                "tests_proposed": len(table),
                "evpi": made.evpi.value,
                "agenda": dg.MetadataValue.md(table[["rank", "draft_test_id", "reason"]].to_markdown(index=False)),
                "plot_agenda": image(plots.agenda(made, spec.channel_names)),
            },
        )

    return test_agenda
