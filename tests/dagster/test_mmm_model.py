"""One YAML file is one model: its assets, the messages of a typo, its gates as checks, its fits found again."""

import re
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from dagster_project import keys
from dagster_project.components import MmmModel
from dagster_project.components.mmm_model.checks import BLOCKING, check_results, check_specs
from dagster_project.defs.models.own import own_models
from mmm_models import training
from mmm_models.errors import SpecError
from mmm_models.evidence import EvidenceSet
from mmm_models.spec import ModelSpec
from mmm_models.validation import Gate, evaluate_gates

KEY = keys.model_key("known", "fit")


def write_model(folder: Path, known_spec: ModelSpec, **changes: object) -> Path:
    path = folder / f"{known_spec.model}.yaml"
    path.write_text(yaml.safe_dump(known_spec.to_dict() | changes))
    return path


def test_a_yaml_file_in_the_home_becomes_the_steps_of_a_model(home, known_spec):
    write_model(home.models, known_spec)
    made = {key for asset in own_models().assets for key in asset.keys}
    assert made == {keys.model_key("known", step) for step in keys.MODEL_STEPS}


def test_a_home_without_models_is_fine(home):
    assert not own_models().assets


def test_a_typo_in_a_model_of_the_home_names_file_key_and_the_right_key(home, known_spec):
    write_model(home.models, known_spec, chanels=["search"])
    with pytest.raises(SpecError, match=r"known\.yaml: unknown key 'chanels' \(did you mean 'channels'\?\)"):
        own_models()


def test_a_typo_in_a_component_file_names_file_line_and_key():
    attributes = {"model": "broken", "outcome": "revenue", "markets": ["US"], "channels": ["search"], "controlls": []}
    contents = {"type": "dagster_project.components.MmmModel", "attributes": attributes}
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(MmmModel, defs_yaml_contents=contents)
        with (
            pytest.raises(Exception, match="Error while loading component") as raised,
            sandbox.load_component_and_build_defs(path),
        ):
            pass
    assert re.search(r"attributes\.controlls at .*defs\.yaml:\d+", str(raised.value.__cause__))


def test_every_gate_has_a_check_and_a_result(known_fit):
    results = check_results(evaluate_gates(known_fit), KEY)
    specs = {spec.name: spec.blocking for spec in check_specs(KEY)}
    assert {result.check_name for result in results} == set(specs)
    assert {name for name, blocking in specs.items() if blocking} == set(BLOCKING)
    assert all(result.passed for result in results)


def test_a_fit_that_did_not_converge_fails_a_blocking_check_with_advice(known_fit):
    poor = known_fit.with_info(convergence=known_fit.info.convergence | {"r_hat_max": 1.31})
    results = {result.check_name: result for result in check_results(evaluate_gates(poor), KEY)}
    failed = results["r_hat"]
    assert not failed.passed
    assert failed.severity == dg.AssetCheckSeverity.ERROR
    assert failed.metadata["value"].value == 1.31
    assert "Raise sampler.tune" in failed.description
    assert results["ess_bulk"].passed


def test_a_poor_in_sample_error_only_warns(known_fit):
    strict = known_fit.spec.gates.model_copy(update={"mape_max": 1e-9})
    results = {result.check_name: result for result in check_results(evaluate_gates(known_fit, strict), KEY)}
    assert not results["mape"].passed
    assert results["mape"].severity == dg.AssetCheckSeverity.WARN


@pytest.mark.parametrize(("draws", "goes_on"), [("bootstrap", True), ("approximation", False)])
def test_a_bootstrap_is_published_with_its_warning_and_an_approximation_is_not(known_fit, instance, draws, goes_on):
    gates = evaluate_gates(known_fit.with_info(draws=draws))

    @dg.asset(key=KEY, check_specs=check_specs(KEY))
    def fit():
        return dg.MaterializeResult(check_results=check_results(gates, KEY))

    @dg.asset(deps=[KEY])
    def registered_model() -> None: ...

    done = dg.materialize([fit, registered_model], instance=instance, raise_on_error=False)
    assert bool(done.asset_materializations_for_node("registered_model")) == goes_on
    told = {check.check_name: check for check in done.get_asset_check_evaluations()}
    assert not any(told[name].passed for name in BLOCKING)
    assert "value" not in told["r_hat"].metadata


def test_a_tournament_adds_a_check_that_warns(known_spec):
    grid = {"tournament": {"adstock": ["geometric", "delayed"]}}
    model = MmmModel(ModelSpec.from_dict(known_spec.to_dict() | grid))
    specs = {
        check.name: check.blocking
        for asset in model.build_defs().assets
        for check in asset.check_specs
        if check.asset_key in (KEY, keys.model_key("known", "calibrated_fit"))
    }
    assert set(specs) == {*BLOCKING, "mape", "structure_agreement"}
    assert not specs["structure_agreement"]
    gate = Gate("structure_agreement", "largest ratio", 2.0, 3.1, "warn", "tv: ROAS 1.0 to 3.1 by structure.")
    (result,) = check_results([gate], KEY)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert result.description == gate.advice


class CountingEngine:
    """Answers with a fit of known truth, and counts how often it was asked."""

    name = "counting"

    def __init__(self, fit) -> None:
        self.fit_, self.asked = fit, 0

    def fit(self, panel, spec, evidence=None, *, progress=False):
        self.asked += 1
        return self.fit_


@pytest.fixture
def engine(known_fit, monkeypatch) -> CountingEngine:
    made = CountingEngine(known_fit)
    monkeypatch.setattr("mmm_models.engines.get_engine", lambda name: made)
    return made


def test_a_finished_fit_is_found_again_instead_of_refitted(engine, known_fit, tmp_path):
    spec, panel = known_fit.spec, known_fit.panel
    first, _ = training.train(panel, spec, None, "fit", tmp_path)
    again, found = training.train(panel, spec, None, "fit", tmp_path)
    assert engine.asked == 1
    assert first == again
    assert found.returns().identical(again.load().returns())
    assert [path.name for path in tmp_path.iterdir()] == [f"{first.run_id}.nc"]


def test_other_data_or_another_seed_is_another_fit(engine, known_fit, tmp_path):
    spec, panel = known_fit.spec, known_fit.panel
    first, _ = training.train(panel, spec, None, "fit", tmp_path)
    reseeded = ModelSpec.from_dict(spec.to_dict() | {"sampler": {"seed": 4}})
    second, _ = training.train(panel, reseeded, None, "fit", tmp_path)
    assert engine.asked == 2
    assert first.run_id != second.run_id


def test_evidence_that_uses_no_test_is_no_evidence(engine, known_fit, tmp_path):
    spec, panel = known_fit.spec, known_fit.panel
    with_none, _ = training.train(panel, spec, None, "calibrated_fit", tmp_path)
    with_empty, _ = training.train(panel, spec, EvidenceSet(), "calibrated_fit", tmp_path)
    assert with_none == with_empty


def test_half_a_fit_is_never_found(engine, known_fit, tmp_path, monkeypatch):
    def cut_off(self, path):
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    spec, panel = known_fit.spec, known_fit.panel
    with monkeypatch.context() as patched:
        patched.setattr("mmm_models.fit.Fit.save", cut_off)
        with pytest.raises(KeyboardInterrupt):
            training.train(panel, spec, None, "fit", tmp_path)
    reference, fit = training.train(panel, spec, None, "fit", tmp_path)
    assert engine.asked == 2
    assert reference.load().samples == fit.samples
