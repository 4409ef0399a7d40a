"""The whole chain of one small company, from export files to the published file, through a kill and three changes.

Each fixture is one chapter and stands on the one before it, so that the model is compiled and fitted as rarely as
possible; the tests ask what each chapter did.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from dagster_project.components.mmm_model.inputs import read_panel
from dagster_project.resources.mlflow import MlflowRegistry
from mmm_models.fit import Fit
from mmm_models.reporting import tables
from mmm_models.spec import ModelSpec
from mmm_models.training import train
from mmm_models.validation import evaluate_gates
from mmm_models.worlds.retailer import SEED
from mmm_models.worlds.write import deliver_lift_test, deliver_restatement
from tests.e2e.company import MODEL, NEW_TEST, SECRETS, SPEC, WORLD, Company, Run
from tests.leaks import leaks
from warehouse.results import RESULT_TABLES

pytestmark = pytest.mark.e2e
ALL_STEPS = {"snapshot", "data_checks", "evidence", "fit", "triangulation", "calibrated_fit", "plan", "test_agenda"}
ALL_STEPS |= {"registered_model", "results"}


@dataclass(frozen=True)
class FirstRun:
    """What stood after a run that was killed in the middle of its fit was started again."""

    status: int
    output: str
    fits_at_kill: list[str]
    snapshot: str
    tables: dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Company:
    return Company(tmp_path_factory.mktemp("company") / "home")


@pytest.fixture(scope="module")
def first(company) -> FirstRun:
    company.kill_during_fit()
    fits_at_kill = [path.name for path in company.home.fits.glob("*.nc")]
    status, output = company.mixhouse("run", "--model", MODEL)
    assert status == 0, output
    [snapshot] = (Path(company.home.snapshots) / MODEL).glob("*.parquet")
    published = {name: company.published(f"select * from results.{name}") for name in RESULT_TABLES}
    return FirstRun(status, output, fits_at_kill, str(snapshot), published)


@pytest.fixture(scope="module")
def unkilled(first, tmp_path_factory) -> Fit:
    """The fit of the same snapshot without any interruption."""
    spec = ModelSpec.from_yaml(SPEC)
    return train(read_panel(first.snapshot, spec), spec, None, "fit", tmp_path_factory.mktemp("unkilled"))[1]


@pytest.fixture(scope="module")
def again(company, first) -> Run:
    return company.refresh()


@pytest.fixture(scope="module")
def elsewhere(company, again) -> Run:
    """A day of the other market is restated, and two broken files come with it."""
    deliver_restatement(WORLD, company.landing, SEED, market="US")
    company.deliver_broken("google_ads", "campaign_stats", "broken.csv", lambda rows: rows.drop(columns="cost_micros"))
    company.deliver_broken("facebook_ads", "basic_ad", "typed.csv", lambda rows: rows.assign(spend="lots"))
    return company.refresh()


@dataclass(frozen=True)
class WatchedRun:
    """A refresh, and what an analyst saw who read the published file all the while."""

    run: Run
    reads: int
    errors: list[str]
    states: list[list[int]]


@pytest.fixture(scope="module")
def here(company, elsewhere, tmp_path_factory) -> WatchedRun:
    """A day of the model's own market is restated."""
    deliver_restatement(WORLD, company.landing, SEED, market="DE")
    stop = tmp_path_factory.mktemp("reader") / "stop"
    reader = company.start("-m", "tests.e2e.read_published", str(company.home.published), str(stop))
    try:
        run = company.refresh()
    finally:
        stop.touch()
        output, _ = reader.communicate(timeout=60)
    return WatchedRun(run, **json.loads(output.splitlines()[-1]))


@pytest.fixture(scope="module")
def recalibrated(company, here) -> Run:
    """One more approved lift test."""
    deliver_lift_test(WORLD, company.landing, SEED, test=NEW_TEST)
    return company.refresh()


@dataclass(frozen=True)
class Revocation:
    """A refresh after a test was revoked, and what stood in the published file before."""

    run: Run
    champion_before: str
    plans_before: set[str]


@pytest.fixture(scope="module")
def revoked(company, recalibrated) -> Revocation:
    """Somebody finds that the newest test was spoilt."""
    [champion] = company.published("select run_id from results.latest_model_runs")["run_id"]
    plans = set(company.published("select plan_id from results.plans")["plan_id"])
    status, output = company.mixhouse(
        "experiment", "revoke", NEW_TEST.test_id, "--by", "team:finance", "--why", "a sale spoilt its weeks"
    )
    assert status == 0, output
    return Revocation(company.refresh(), champion, plans)


def test_a_killed_run_goes_on_when_it_is_started_again(first):
    assert first.fits_at_kill == []
    assert "was killed; going on from what it had finished" in first.output
    assert "Building marts and snapshots: nothing to do" in first.output
    assert "refitted small/fit: never made" in first.output


def test_the_killed_run_ends_with_the_tables_of_an_unkilled_one(first, unkilled):
    runs = first.tables["model_runs"]
    [run_id] = runs.loc[runs["kind"] == "fit", "run_id"]
    expected = tables.fit_tables(unkilled, run_id, gates=evaluate_gates(unkilled))
    assert len(expected) == 7
    for name, frame in expected.items():
        stored = first.tables[name]
        stored = stored[stored["run_id"] == run_id]
        if name == "diagnostics":
            stored, frame = (rows[rows["name"] != "wall_seconds"] for rows in (stored, frame))
        assert_same_rows(stored, frame, name)


def assert_same_rows(stored: pd.DataFrame, computed: pd.DataFrame, name: str) -> None:
    """The same figures to the last bit, in whatever order; a table of DuckDB gives its dates as timestamps."""
    stored = stored[list(computed.columns)]
    dates = [column for column in stored if pd.api.types.is_datetime64_dtype(stored[column])]
    computed = computed.astype({column: stored[column].dtype for column in dates})
    order = [column for column in stored if stored[column].nunique() > 1]
    pd.testing.assert_frame_equal(
        stored.sort_values(order, ignore_index=True),
        computed.sort_values(order, ignore_index=True),
        check_exact=True,
        check_dtype=False,
        obj=name,
    )


def test_every_result_table_has_rows_and_the_champion_is_calibrated(first):
    # The company's model has one structure, and its tests came read out; what is for others is there and has no rows.
    others = {"structures", "structure_returns", "structure_spread", "geo_readouts", "geo_readouts_weekly"}
    # The weeks of its first plan are still to come.
    others |= {"plan_vs_actual"}
    assert {name for name, frame in first.tables.items() if frame.empty} == others
    roles = first.tables["model_runs"].set_index("kind")["role"].to_dict()
    assert roles == {"fit": "challenger", "calibrated_fit": "champion"}
    used = first.tables["evidence_used"]
    assert used.loc[used["used"], "test_id"].tolist() == ["lt-001-search-de"]


def test_the_plan_spends_its_budget_within_its_bounds(first):
    [plan] = first.tables["plans"].itertuples()
    lines = first.tables["plan_lines"]
    assert lines["spend"].sum() == pytest.approx(plan.budget, rel=1e-6)
    assert (lines["spend"] >= lines["lower_bound"] - 1e-6).all()
    assert (lines["spend"] <= lines["upper_bound"] + 1e-6).all()


def test_the_published_file_explains_each_table_and_shows_the_champion(company, first):
    undocumented = company.published(
        "select schema_name || '.' || table_name as name from duckdb_tables() where comment is null "
        "union all select schema_name || '.' || view_name from duckdb_views() "
        "where not internal and comment is null"
    )
    assert undocumented["name"].tolist() == []
    champion = company.published("select distinct run_id from results.latest_channel_returns where model = ?", MODEL)
    assert champion["run_id"].str.startswith("small-calibrated_fit-").tolist() == [True]


def test_the_champion_of_the_registry_answers_the_published_numbers(company, first, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_HOME", str(company.home.root))
    registry = MlflowRegistry()
    run_id, mlflow_run = company.published("select run_id, mlflow_run_id from results.latest_model_runs").iloc[0]
    version = registry.client().get_model_version_by_alias("mixhouse-small", "champion")
    assert version.run_id == mlflow_run
    answered = tables.channel_returns(registry.load_fit(MODEL), run_id)
    stored = company.published("select * from results.channel_returns where run_id = ?", run_id)
    assert_same_rows(stored, answered, "channel_returns")


def test_a_person_reads_returns_and_plan_at_the_terminal(company, first):
    status, output = company.mixhouse("plan", MODEL)
    assert status == 0, output
    assert "small: plan for 4 weeks" in output
    assert "Gain over the status quo" in output


def test_a_second_run_makes_nothing_but_a_look_for_new_files(again):
    assert again.failed == {}
    assert set(again.made.values()) == {"looks for new files"}


def test_a_restated_day_in_another_market_refits_nothing(elsewhere):
    assert elsewhere.failed == {}
    assert "main/fct_media_weekly" in elsewhere.made  # it did land, and the marts did change
    assert elsewhere.refitted == set()
    assert "results" not in elsewhere.model_steps


def test_broken_files_end_in_quarantine_with_reason_and_remedy_and_the_rest_goes_on(company, elsewhere):
    checks = {
        (asset, check): description
        for asset, check, _, description in elsewhere.failed_checks
        if asset != "small/data_checks"  # warnings about what a world so small can tell, and no files
    }
    assert set(checks) == {
        ("google_ads/campaign_stats", "no_rejected_files"),
        ("facebook_ads/basic_ad", "no_quarantined_rows"),
    }
    assert "broken.csv" in checks["google_ads/campaign_stats", "no_rejected_files"]
    assert "cost_micros" in checks["google_ads/campaign_stats", "no_rejected_files"]
    rows = company.working(
        "select source_file, line, column_name, value, reason, remedy from raw_quarantine.rows order by source_file"
    )
    typed = rows[rows["source_file"].str.endswith("typed.csv")]
    assert typed["line"].tolist() == [2, 3, 4]
    assert set(typed["column_name"]) == {"spend"}
    assert set(typed["value"]) == {"lots"}
    assert rows["reason"].str.len().min() > 10
    assert rows["remedy"].str.len().min() > 10
    assert "published/mixhouse" in elsewhere.made


def test_a_restated_day_in_its_own_market_refits_the_model(here):
    assert here.run.failed == {}
    assert here.run.refitted == {"fit", "calibrated_fit"}
    assert here.run.made["small/fit"] == "small/snapshot has new content"


def test_a_reader_meets_no_lock_and_no_half_written_state_while_the_model_refits(here):
    assert here.reads >= 200
    assert here.errors == []
    assert len(here.states) == 2  # before and after, nothing between
    for runs, runs_with_returns, plans, plans_with_lines, latest in here.states:
        assert runs == runs_with_returns
        assert plans == plans_with_lines
        assert latest > 0


def test_a_new_lift_test_recalibrates_and_refits_nothing_else(company, recalibrated):
    assert recalibrated.failed == {}
    assert recalibrated.model_steps == ALL_STEPS - {"snapshot", "data_checks", "fit"}
    assert not {key for key in recalibrated.made if key.startswith(("main/", "staging/", "intermediate/"))}
    told = company.published("select test_id, used, reason from results.latest_evidence_used").set_index("test_id")
    assert told["used"].to_dict() == {"lt-001-search-de": True, NEW_TEST.test_id: True}, told["reason"].to_dict()


def test_a_revoked_test_recalibrates_and_the_plan_that_used_it_stays_on_record(company, revoked):
    assert revoked.run.failed == {}
    assert revoked.run.model_steps == ALL_STEPS - {"snapshot", "data_checks", "fit"}
    assert revoked.run.made["small/calibrated_fit"] == "small/evidence has new content"
    told = company.published("select test_id, used, reason from results.latest_evidence_used").set_index("test_id")
    assert told["used"].to_dict() == {"lt-001-search-de": True, NEW_TEST.test_id: False}
    assert "a sale spoilt its weeks" in told.loc[NEW_TEST.test_id, "reason"]
    [champion] = company.published("select run_id from results.latest_model_runs")["run_id"]
    assert champion != revoked.champion_before
    plans = company.published("select plan_id, run_id from results.plans")
    assert revoked.plans_before <= set(plans["plan_id"])
    assert set(company.published("select run_id from results.latest_plans")["run_id"]) == {champion}


def test_every_event_of_the_revoked_test_is_on_record(company, revoked):
    events = company.published(
        "select to_state, who, run_id from results.evidence_events where test_id = ? order by recorded_at",
        NEW_TEST.test_id,
    )
    assert events["to_state"].tolist() == ["approved", "used", "revoked"]
    assert events["who"].tolist() == ["team:finance", "model small", "team:finance"]
    assert events["run_id"].iloc[1] == revoked.champion_before
    status, output = company.mixhouse("experiment", "list", "--model", MODEL)
    assert status == 0, output
    assert "a sale spoilt its weeks" in output


def test_each_run_carries_the_hash_of_its_evidence_in_results_and_in_the_registry(company, revoked, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_HOME", str(company.home.root))
    runs = company.published(
        "select run_id, mlflow_run_id, evidence_hash from results.model_runs where n_lift_tests > 0"
    )
    assert runs["evidence_hash"].str.len().eq(64).all()
    assert runs["evidence_hash"].nunique() >= 2
    client = MlflowRegistry().client()
    logged = {run: client.get_run(run).data.tags["mixhouse.evidence_hash"] for run in runs["mlflow_run_id"]}
    assert logged == runs.set_index("mlflow_run_id")["evidence_hash"].to_dict()


def test_nothing_keeps_or_prints_a_secret_of_the_environment(company, first, recalibrated):
    # The whole home is there: database and published file, Dagster's storage, MLflow with its artifacts, logs.
    assert leaks(SECRETS.values(), company.home.root, first.output) == []
    assert {place.split("/")[0] for place in leaks([MODEL], company.home.root)} >= {"dagster", "mlflow", "published"}
