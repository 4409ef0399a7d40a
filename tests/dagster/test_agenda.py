"""The test agenda in the graph and at a terminal: asset, published table, drafts that can be delivered."""

from functools import partial

import dagster as dg
import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from dagster_project import keys
from dagster_project.cli import app
from dagster_project.components.mmm_model.agenda import agenda_asset
from mmm_models.evidence import EvidenceSet, read_lift_tests
from mmm_models.planning.agenda import make_agenda
from mmm_models.training import FitReference
from tests.known_stacked import make_stacked
from warehouse.landing.check import check_file
from warehouse.results import ensure_results, write_tables

KNOWN = {
    "test_id": "lt-1", "channel": "search", "market": "US", "outcome": "revenue", "status": "draft",
    "start_date": "2024-04-01", "end_date": "2024-04-28", "spend_baseline": 100, "spend_delta": -100,
}  # fmt: skip


@pytest.fixture(scope="module")
def fit():
    return make_stacked((1.0, 1.0, 1.0, 3.0))


@pytest.fixture
def made(home, instance, fit, monkeypatch) -> dg.ExecuteInProcessResult:
    """The agenda of a model whose calibrated fit, a tournament's, is there already."""
    quick = partial(make_agenda, most=2, samples=100)
    monkeypatch.setattr("dagster_project.components.mmm_model.agenda.make_agenda", quick)
    path = home.fits / "known-calibrated_fit-1.nc"
    path.parent.mkdir(parents=True, exist_ok=True)
    fit.save(path)

    @dg.asset(key=keys.model_key("known", "evidence"))
    def evidence() -> dict:
        known = [test.model_dump(mode="json") for test in read_lift_tests([KNOWN])]
        return {**EvidenceSet().model_dump(mode="json"), "known": known}

    @dg.asset(key=keys.model_key("known", "calibrated_fit"))
    def calibrated_fit() -> dict:
        return FitReference("known-calibrated_fit-1", str(path)).to_dict()

    return dg.materialize([evidence, calibrated_fit, agenda_asset(fit.spec)], instance=instance)


def publish(home, table) -> None:
    with duckdb.connect(str(home.published)) as connection:
        ensure_results(connection)
        connection.execute("create table main.dim_market as select 'USD' as reporting_currency")
        connection.execute(
            "insert into results.model_runs (run_id, model, kind, role, outcome, created_at) "
            "values ('known-calibrated_fit-1', 'known', 'calibrated_fit', 'champion', 'revenue', now())"
        )
        write_tables(connection, {"test_agenda": table}, key="run_id", value="known-calibrated_fit-1")


def mixhouse(*arguments: object):
    return CliRunner(env={"COLUMNS": "400"}).invoke(app, [str(argument) for argument in arguments])


def test_the_agenda_is_made_shown_published_and_printed_and_its_drafts_can_be_delivered(made, home, fit, tmp_path):
    key = keys.model_key("known", "test_agenda")
    [event] = [e for e in made.get_asset_materialization_events() if e.asset_key == key]
    shown = event.materialization.metadata
    assert shown["plot_agenda"].value.startswith("![plot](data:image/png")
    table = made.output_for_node("known__test_agenda")["tables"]["test_agenda"]
    assert shown["tests_proposed"].value == len(table) > 0
    # Where a test is planned already, the reason says so; and it counts among those of which one in five validates.
    assert "lt-1" in table.set_index(["market", "channel"]).loc[("US", "search"), "reason"]

    publish(home, table)
    printed = mixhouse("agenda", "known", "--drafts", tmp_path / "drafts")
    assert printed.exit_code == 0, printed.output
    assert "known: what to test next" in printed.stdout
    assert all(f"{row.rank}. {row.reason}" in printed.stdout for row in table.itertuples())

    files = sorted((tmp_path / "drafts").glob("*.yaml"))
    drafts = read_lift_tests([yaml.safe_load(path.read_text()) for path in files])
    assert {draft.test_id for draft in drafts} == set(table["draft_test_id"])
    assert {draft.status for draft in drafts} == {"draft"}
    assert check_file(files[0], "experiments.lift_tests").problems == []

    again = mixhouse("agenda", "known", "--drafts", tmp_path / "drafts")
    assert again.exit_code == 2
    assert "is there already and may have been worked on" in again.stderr
