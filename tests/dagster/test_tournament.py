"""A model with a tournament in the graph: its fit's page, its checks, its registered file."""

import dagster as dg
import pytest

from dagster_project import keys
from dagster_project.components.mmm_model.fits import fit_asset
from dagster_project.components.mmm_model.plans import plan_asset
from dagster_project.resources.mlflow import MlflowRegistry
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.fit import StackedFit
from mmm_models.training import FitReference
from tests.known_stacked import WEIGHTS, make_stacked

FITS = "dagster_project.components.mmm_model.fits"


@pytest.fixture
def made(home, instance, monkeypatch) -> dg.ExecuteInProcessResult:
    """The fit asset with a fit that is there already, and the plan made of it."""
    fit = make_stacked((1.0, 1.0, 1.0, 3.0))
    path = home.fits / "known-fit-1.nc"
    path.parent.mkdir(parents=True, exist_ok=True)
    fit.save(path)
    monkeypatch.setattr(f"{FITS}.read_panel", lambda snapshot, spec: fit.panel)
    monkeypatch.setattr(f"{FITS}.train", lambda *given: (FitReference("known-fit-1", str(path)), fit))

    @dg.asset(key=keys.model_key("known", "snapshot"))
    def snapshot() -> str:
        return "snapshots/known/abc.parquet"

    @dg.asset(
        key=keys.model_key("known", "calibrated_fit"),
        ins={"fit": dg.AssetIn(keys.model_key("known", "fit"))},
    )
    def calibrated_fit(fit: dict) -> dict:
        return fit

    return dg.materialize(
        [snapshot, fit_asset(fit.spec), calibrated_fit, plan_asset(fit.spec)],
        instance=instance,
        resources={"store": WarehouseResource(), "registry": MlflowRegistry()},
    )


def test_a_fit_s_page_shows_structures_its_checks_warn_and_its_file_is_registered(made):
    key = keys.model_key("known", "fit")
    [event] = [e for e in made.get_asset_materialization_events() if e.asset_key == key]
    shown = event.materialization.metadata["structures"].value
    assert all(name in shown for name in WEIGHTS)
    assert "sd between" in shown
    told = {check.check_name: check for check in made.get_asset_check_evaluations()}
    assert not told["structure_agreement"].passed
    assert told["structure_agreement"].severity == dg.AssetCheckSeverity.WARN
    assert all(told[name].passed for name in ("r_hat", "ess_bulk", "divergences"))
    assert "search in US: ROAS " in told["structure_agreement"].description

    registry, run_id = MlflowRegistry(), event.materialization.metadata["mlflow_run_id"].value
    tables = {item.path for item in registry.client().list_artifacts(run_id, "tables")}
    assert {f"tables/{name}.csv" for name in ("structures", "structure_returns", "structure_spread")} <= tables
    registry.register("known", run_id, "champion")
    assert isinstance(registry.load_fit("known"), StackedFit)

    plan = made.output_for_node("known__plan")["tables"]["plans"].iloc[0]
    assert plan.run_id == "known-fit-1"
    # One structure has three times the returns of the others, and a fifth of the draws.
    assert plan.value_p95 > 2 * plan.value_p50
