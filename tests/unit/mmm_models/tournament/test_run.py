"""A whole tournament with the fast engine on a small company, and what a run of it keeps."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from mmm_models import training
from mmm_models.engines import get_engine
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, StackedFit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.tournament import run_tournament
from mmm_models.tournament.run import LEAST_WEIGHT
from mmm_models.tournament.score import folds_of, log_scores
from mmm_models.tournament.stack import weights_of
from mmm_models.tournament.structures import structures_of
from tests.small_company import SPEC, go_dark_test, make_panel

SMALL = {"sampler": {"draws": 100, "tune": 200, "chains": 2, "seed": 5, "ess_min": 1}}
GRID = {"tournament": {"saturation": ["logistic", "michaelis_menten"], "folds": 2, "horizon_weeks": 8}}


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    return ModelSpec.from_dict({**SPEC.to_dict(), **SMALL, **GRID})


@pytest.fixture(scope="module")
def fit(spec) -> StackedFit:
    return run_tournament(make_panel(), spec, kept=60)


def test_members_scores_and_weights_are_those_of_fits_and_forecasts_one_by_one(fit, spec):
    panel, engine = make_panel(), get_engine("marginal")
    structures = structures_of(spec)
    name = "michaelis_menten"
    assert [member.name for member in fit.members] == list(structures) == ["logistic", name]
    assert fit.members[1].fit.returns().identical(engine.fit(panel, structures[name]).thin(60).returns())
    scores = [
        log_scores(engine.fit(fold.known, structures[name]), fold.ahead).ravel()
        for fold in folds_of(panel, spec.tournament)
    ]
    np.testing.assert_allclose(fit.members[1].scores, np.concatenate(scores))
    weights = weights_of(np.stack([member.scores for member in fit.members]), LEAST_WEIGHT)
    np.testing.assert_allclose([member.weight for member in fit.members], weights)
    assert fit.info.spec_hash == spec.content_hash()
    assert (fit.info.engine, fit.info.seed) == ("marginal", 5)


def test_the_same_seed_gives_the_same_answer(fit, spec):
    again = run_tournament(make_panel(), spec, kept=60)
    assert again.returns().identical(fit.returns())
    assert again.predict(noise=True).identical(fit.predict(noise=True))


@dataclass
class Recorder:
    """Answers with one fit, cut to what it is asked for, and keeps what it was asked."""

    answers: dict[str, Fit]
    asked: list[tuple[str, int, list[str], int | None]] = field(default_factory=list)

    def fit(self, panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None) -> Fit:
        kind = spec.channel("tv").saturation.kind
        tests = [test.test_id for test in evidence.used] if evidence else []
        self.asked.append((kind, len(panel.weeks), tests, spec.sampler.ess_min))
        return self.answers[kind]


@pytest.fixture
def recorder(fit, monkeypatch) -> Recorder:
    made = Recorder({member.name: member.fit for member in fit.members})
    monkeypatch.setattr("mmm_models.tournament.run.get_engine", lambda name: made)
    return made


def test_every_structure_is_fitted_to_all_data_first_and_lift_tests_reach_only_folds_after_them(spec, recorder):
    longer = spec.model_copy(update={"tournament": spec.tournament.model_copy(update={"horizon_weeks": 20})})
    run_tournament(make_panel(), longer, go_dark_test(make_panel()), kept=60)
    # The test ends with week 70. A fold's score needs no more than one block of draws.
    for_all = [(kind, 104, ["lt-search"], 1) for kind in ("logistic", "michaelis_menten")]
    assert recorder.asked[:2] == for_all
    assert recorder.asked[2:4] == [("logistic", 64, [], None), ("logistic", 84, ["lt-search"], None)]
    assert len(recorder.asked) == 6


def test_a_finished_tournament_is_found_again_whatever_is_thought_of_disagreement(spec, recorder, tmp_path):
    first, trained = training.train(make_panel(), spec, None, "fit", tmp_path)
    stricter = spec.tournament.model_copy(update={"disagreement_factor": 1.1})
    again, found = training.train(make_panel(), spec.model_copy(update={"tournament": stricter}), None, "fit", tmp_path)
    assert (first, len(recorder.asked)) == (again, 6)
    assert isinstance(first.load(), StackedFit)
    assert found.returns().identical(trained.returns())


def test_more_folds_are_another_run(spec, recorder, tmp_path):
    first, _ = training.train(make_panel(), spec, None, "fit", tmp_path)
    more = spec.model_copy(update={"tournament": spec.tournament.model_copy(update={"folds": 3})})
    second, _ = training.train(make_panel(), more, None, "fit", tmp_path)
    assert first.run_id != second.run_id
