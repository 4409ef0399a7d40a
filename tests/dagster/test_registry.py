"""MLflow as the model registry: a fit goes in, gets aliases, and comes back answering the same numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from dagster_project.resources.mlflow import LoggedRun, MlflowRegistry, RegistryError
from mmm_models.fit import Fit
from mmm_models.reporting import plots, tables


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A registry on SQLite in a home of its own, shared by this file: making its tables takes seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MIXHOUSE_HOME", str(tmp_path_factory.mktemp("registry")))
        yield MlflowRegistry()


def log(registry: MlflowRegistry, fit: Fit, name: str) -> LoggedRun:
    return registry.log_fit(
        fit,
        name=name,
        tags={"dagster.run_id": "d-1", "mixhouse.data_hash": fit.info.data_hash},
        metrics=tables.metrics(fit),
        figures={"fit": plots.fit_against_actual(fit)},
        tables={"channel_returns": tables.channel_returns(fit, name)},
        snapshot="snapshots/known/abc.parquet",
    )


@pytest.fixture(scope="module")
def logged(registry, known_fit) -> LoggedRun:
    return log(registry, known_fit, "known-calibrated_fit-1")


def test_a_logged_fit_carries_parameters_metrics_lineage_and_artifacts(registry, logged, known_fit):
    client = registry.client()
    run = client.get_run(logged.run_id)
    assert run.info.run_name == "known-calibrated_fit-1"
    assert run.info.status == "FINISHED"
    assert run.data.params["channels"] == "search, paid_social, tv"
    assert run.data.params["spec_hash"] == known_fit.info.spec_hash
    assert run.data.metrics["r_hat_max"] == 1.004
    assert run.data.tags["dagster.run_id"] == "d-1"
    [used] = run.inputs.dataset_inputs
    assert used.dataset.digest == known_fit.info.data_hash[:36]
    assert json.loads(used.dataset.source) == {"uri": "snapshots/known/abc.parquet"}
    top = {item.path for item in client.list_artifacts(logged.run_id)}
    assert top == {"fit", "plots", "tables", "spec.yaml", "evidence.json"}


def test_the_page_of_a_run_can_be_opened_from_its_url(logged):
    assert logged.url.startswith("http://127.0.0.1:5000/#/experiments/")
    assert logged.url.endswith(f"/runs/{logged.run_id}")


def test_the_champion_answers_the_same_numbers_bit_for_bit(registry, logged, known_fit):
    registry.register("known", logged.run_id, "champion")
    loaded = registry.load_fit("known")
    for window in ("all", "last_13_weeks"):
        xr_before, xr_after = known_fit.returns(window), loaded.returns(window)
        assert xr_after.identical(xr_before)
    np.testing.assert_array_equal(loaded.predict().values, known_fit.predict().values)
    pd.testing.assert_frame_equal(
        tables.response_curves(loaded, "x"), tables.response_curves(known_fit, "x"), check_exact=True
    )


def test_registering_the_same_run_again_keeps_its_version(registry, logged):
    first = registry.register("twice", logged.run_id, "champion")
    assert registry.register("twice", logged.run_id, "champion") == first
    client = registry.client()
    assert len(client.search_model_versions("name='mixhouse-twice'")) == 1


def test_a_new_champion_leaves_the_old_version_and_the_challenger_in_place(registry, logged, known_fit):
    newer = log(registry, known_fit, "known-calibrated_fit-2")
    assert registry.register("moving", logged.run_id, "challenger") == "1"
    assert registry.register("moving", newer.run_id, "champion") == "2"
    assert registry.register("moving", newer.run_id, "challenger") == "2"
    client = registry.client()
    assert len(client.search_model_versions("name='mixhouse-moving'")) == 2
    assert client.get_model_version_by_alias("mixhouse-moving", "champion").run_id == newer.run_id
    assert client.get_model_version_by_alias("mixhouse-moving", "challenger").run_id == newer.run_id


def test_an_unknown_alias_says_what_there_is_and_what_to_do(registry, logged):
    registry.register("known", logged.run_id, "champion")
    with pytest.raises(RegistryError, match=r"'mixhouse-known' with alias 'runner_up'.*mixhouse-known") as raised:
        registry.load_fit("known", "runner_up")
    assert "Materialize known/registered_model first" in str(raised.value)


def test_an_unknown_model_says_what_there_is(registry, logged):
    with pytest.raises(RegistryError, match="No registered model 'mixhouse-absent'"):
        registry.load_fit("absent")
