"""`mixhouse fit`: a CSV in, a file of results out; whatever is wrong with the input is said once, with its remedy."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from tests.small_company import go_dark_test, make_panel

ROLES = ("--date", "week", "--outcome", "Sales", "--spend", "search,social,tv", "--market", "geo")
FAST = ("--draws", "200", "--seed", "3")


def weekly() -> pd.DataFrame:
    """The small company as a person keeps it: one row a week and market, the outcome with a capital letter."""
    data = make_panel().dataset
    frame = data["spend"].to_series().unstack("channel").reset_index()
    frame["Sales"] = data["outcome"].to_series().reindex(pd.MultiIndex.from_frame(frame[["week", "market"]])).to_numpy()
    frame["promotion"] = data["controls"].sel(control="promotion").to_series().to_numpy()
    frame["tv_grps"] = (frame["tv"] / 100).round()
    return frame.rename(columns={"market": "geo"})


@pytest.fixture
def mixhouse(tmp_path, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_HOME", str(tmp_path / "home"))

    def run(frame: pd.DataFrame | str, *arguments: object):
        file = tmp_path / "Weekly sales.csv"
        file.write_text(frame) if isinstance(frame, str) else frame.to_csv(file, index=False)
        command = ["fit", str(file), *map(str, arguments)]
        return CliRunner(env={"COLUMNS": "400"}).invoke(app, command), file.with_suffix(".duckdb")

    return run


def test_results_of_a_csv_stand_in_one_new_file(mixhouse, tmp_path):
    (test,) = go_dark_test(make_panel()).used
    sheet = tmp_path / "lift_tests.csv"
    row = test.model_dump(mode="json", exclude_none=True) | {"outcome": "sales"}
    pd.DataFrame([{name: json.dumps(v) if isinstance(v, list) else v for name, v in row.items()}]).to_csv(
        sheet, index=False
    )
    told = (*ROLES, *FAST, "--controls", "promotion", "--exposure", "tv=tv_grps", "--lift-tests", sheet)
    done, out = mixhouse(weekly(), *told, "--accept", "lt-search")
    assert done.exit_code == 0, done.output
    assert "✓ lift test lt-search" in done.output
    assert "which a person has accepted" in done.output
    assert "weekly_sales: returns, all" in done.output
    assert "✓ divergent transitions 0" in done.output
    with duckdb.connect(str(out), read_only=True) as con:
        [(model, kind, engine, seed, outcome)] = con.execute(
            "select model, kind, engine, seed, outcome from results.latest_model_runs"
        ).fetchall()
        assert (model, kind, engine, seed, outcome) == ("weekly_sales", "calibrated_fit", "marginal", 3, "sales")
        roas = dict(con.execute(
            "select market || ' ' || channel, roas_mean from results.latest_channel_returns where window_name = 'all'"
        ).fetchall())  # fmt: skip
        assert set(roas) >= {"US search", "DE tv", "all tv"}
        filled = "select count(*) from results.{}"
        for table in ("contributions_weekly", "gates", "data_checks", "lift_tests", "evidence_used", "parameters"):
            assert con.execute(filled.format(table)).fetchone()[0] > 0, table
        checked = con.execute("select count(*) from results.data_checks where series like 'tv%'").fetchone()[0]
        assert checked > 0
        assert con.execute("select distinct reporting_currency from main.dim_market").fetchall() == [("USD",)]


def test_a_test_that_the_model_contradicts_waits_and_both_fits_are_shown(mixhouse, tmp_path):
    """Search money follows an unrecorded demand: the model sees twice the return that the test measured."""
    (test,) = go_dark_test(make_panel()).used
    sheet = tmp_path / "lift_tests.csv"
    row = test.model_dump(mode="json", exclude={"spend_path", "readouts", "covariance", "arms"}, exclude_none=True)
    pd.DataFrame([row | {"outcome": "sales"}]).to_csv(sheet, index=False)
    done, out = mixhouse(weekly(), *ROLES, *FAST, "--controls", "promotion", "--lift-tests", sheet)
    assert done.exit_code == 0, done.output
    assert "! lift test lt-search: waits for a person" in done.output
    assert "`--accept` of `mixhouse fit`" in done.output
    with duckdb.connect(str(out), read_only=True) as con:
        [(used, verdict, tension)] = con.execute("select used, verdict, tension from results.evidence_used").fetchall()
    assert (used, verdict) == (False, "blocked")
    assert tension > 3


def test_a_spec_tells_the_rest_and_the_same_input_gives_the_same_figures(mixhouse, tmp_path):
    spec = tmp_path / "own.yaml"
    spec.write_text(
        "model: own\n"
        "channels: {search: {saturation: {kind: hill}}, social: {adstock: {kind: delayed}}, tv: {}}\n"
        "sampler: {draws: 100, tune: 300}\n"
        "trend: local\n"
    )
    figures = []
    for name in ("a", "b"):
        done, _ = mixhouse(weekly(), *ROLES, "--spec", spec, "--out", tmp_path / f"{name}.duckdb")
        assert done.exit_code == 0, done.output
        with duckdb.connect(str(tmp_path / f"{name}.duckdb"), read_only=True) as con:
            figures.append(con.execute("select * from results.channel_returns order by all").fetchall())
            query = "select distinct channel from results.parameters where name = 'saturation_slope'"
            assert con.execute(query).fetchall() == [("search",)]
            assert con.execute("select count(*) from results.parameters where mean is null").fetchone() == (0,)
            levels = "select count(distinct week_start) from results.contributions_weekly where component = 'level'"
            assert con.execute(levels).fetchone() == (104,)
    assert figures[0] == figures[1]


def test_a_ridge_fit_tells_that_no_sampler_drew_and_leaves_its_figures_empty(mixhouse):
    done, out = mixhouse(weekly(), *ROLES, *FAST, "--engine", "ridge")
    assert done.exit_code == 0, done.output
    assert done.output.count("! Engine ridge has no sampler: its draws are replicates of a bootstrap") == 1
    assert "nan" not in done.output.split("✓")[-1]
    with duckdb.connect(str(out), read_only=True) as con:
        unknown = "select count(*) from results.gates where verdict = 'warn' and value is null"
        assert con.execute(unknown).fetchone() == (5,)
        assert con.execute("select count(*) from results.parameters where r_hat is not null").fetchone() == (0,)
        assert con.execute("select value from results.diagnostics where name = 'n_draws'").fetchone() == (200,)


def test_a_quick_look_shows_its_returns_and_is_no_champion(mixhouse):
    done, out = mixhouse(weekly(), *ROLES, *FAST, "--engine", "quick_look")
    assert done.exit_code == 0, done.output
    assert "weekly_sales: returns, all" in done.output
    assert done.output.count("✗ Engine quick_look has no sampler: its draws approximate the posterior") == 1
    with duckdb.connect(str(out), read_only=True) as con:
        assert con.execute("select role from results.model_runs").fetchall() == [("rejected",)]
        assert con.execute("select count(*) from results.latest_channel_returns").fetchone() == (0,)
        (k_hat,) = con.execute("select value from results.diagnostics where name = 'k_hat'").fetchone()
        assert k_hat < 0.7


def test_a_tournament_tells_how_structures_forecast_and_how_far_they_lie_apart(mixhouse, tmp_path):
    spec = tmp_path / "grid.yaml"
    spec.write_text(
        "model: grid\n"
        "markets: [US, DE]\n"
        "media: {adstock: {max_lag: 4}}\n"
        "channels: {search: {}, social: {}, tv: {adstock: {max_lag: 12}}}\n"
        "seasonality: {yearly_fourier: 1}\n"
        "sampler: {draws: 100, tune: 200, chains: 2, seed: 5}\n"
        "tournament:\n"
        "  {saturation: [logistic, michaelis_menten], folds: 2, horizon_weeks: 8, disagreement_factor: 1.01}\n"
    )
    done, out = mixhouse(weekly(), *ROLES, "--controls", "promotion", "--spec", spec)
    assert done.exit_code == 0, done.output
    assert "grid: structures, by how they forecast weeks that they had not seen" in done.output
    assert "within and between structures, all (standard deviations)" in " ".join(done.output.split())
    assert "! largest ratio of two structures' ROAS of a channel" in done.output
    with duckdb.connect(str(out), read_only=True) as con:
        weights = dict(con.execute("select structure, weight from results.latest_structures").fetchall())
        assert set(weights) == {"logistic", "michaelis_menten"}
        assert sum(weights.values()) == pytest.approx(1.0)
        kinds = con.execute(
            "select distinct saturation, adstock, trend from results.structures order by all"
        ).fetchall()
        assert kinds == [("logistic", "geometric", "linear"), ("michaelis_menten", "geometric", "linear")]
        by_structure = con.execute(
            "select structure, roas_mean from results.structure_returns "
            "where market = 'US' and channel = 'tv' and window_name = 'all'"
        ).fetchall()
        [(mean, within, between, agreement)] = con.execute(
            "select roas_mean, roas_sd_within, roas_sd_between, agreement from results.latest_structure_spread "
            "where market = 'US' and channel = 'tv' and window_name = 'all'"
        ).fetchall()
        by_hand = sum(weights[name] * roas for name, roas in by_structure)
        assert mean == pytest.approx(by_hand)
        spread = sum(weights[name] * (roas - by_hand) ** 2 for name, roas in by_structure)
        assert between == pytest.approx(spread**0.5)
        assert within > 0
        assert agreement in ("factor", "direction")
        named = con.execute("select distinct structure from results.parameters").fetchall()
        assert {name for (name,) in named} == {name for name, weight in weights.items() if weight > 0}


def test_too_short_a_history_for_a_tournament_is_refused(mixhouse, tmp_path):
    spec = tmp_path / "grid.yaml"
    spec.write_text("model: grid\ntournament: {adstock: [geometric, delayed], folds: 8}\n")
    done, out = mixhouse(weekly(), *ROLES, "--spec", spec)
    assert done.exit_code == 2
    assert "8 folds of 13 weeks leave 0 of 104 weeks" in " ".join(done.stderr.split())
    assert not out.exists()


def test_ten_times_the_outcome_is_ten_times_the_return(mixhouse, tmp_path):
    """A library that fits the outcome of the call before says nothing (pymc-marketing 2956)."""
    returns = []
    for factor in (1, 10):
        frame = weekly().assign(Sales=lambda rows, factor=factor: rows["Sales"] * factor)
        done, _ = mixhouse(frame, *ROLES, *FAST, "--out", tmp_path / f"{factor}.duckdb")
        assert done.exit_code == 0, done.output
        with duckdb.connect(str(tmp_path / f"{factor}.duckdb"), read_only=True) as con:
            query = "select roas_mean from results.channel_returns where market = 'US' order by channel, window_name"
            returns.append([value for (value,) in con.execute(query).fetchall()])
    assert returns[1] == pytest.approx([10 * value for value in returns[0]], rel=0.05)


def cell(row: int, column: str, value: object):
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.astype(object)
        frame.loc[row, column] = value
        return frame

    return change


def twice(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[[4]]])


def holes(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~((frame["geo"] == "DE") & frame["week"].isin(frame["week"].unique()[10:20]))]


def gap(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[~frame["week"].isin(frame["week"].unique()[40:43])]


@pytest.mark.parametrize(
    ("change", "roles", "told"),
    [
        pytest.param(None, ("--spend", "search,social,tvv"), ["no column 'tvv' (--spend)", "tv"], id="unknown channel"),
        pytest.param(holes, (), ["market DE lacks 10 of its weeks", "2023-03-13", "with 0"], id="weeks of a market"),
        pytest.param(cell(7, "Sales", None), (), ["line 9", "Sales", "the outcome is missing"], id="no outcome"),
        pytest.param(twice, (), ["line 210", "2023-01-16", "line 6 already", "Keep one"], id="a week twice"),
        pytest.param(cell(3, "tv", -5), (), ["line 5", "tv", "the spend is negative: -5"], id="negative spend"),
        pytest.param(gap, (), ["lacks 3 of its weeks", "Add the missing weeks"], id="a gap in the weeks"),
        pytest.param(cell(3, "tv", "lots"), (), ["line 5", "'lots' is not a number"], id="text in a number"),
        pytest.param(cell(2, "week", "31/02/2023"), (), ["line 4", "is not a date", "--date-format"], id="no date"),
        pytest.param(None, ("--exposure", "tv:tv_grps"), ["write channel=column"], id="exposure without a channel"),
        pytest.param(None, ("--controls", "search"), ["'search' is given for two roles"], id="a column for two roles"),
        pytest.param(None, ("--currency", "DOLLARS"), ["'DOLLARS' is not an ISO 4217 currency"], id="no currency"),
        pytest.param(None, ("--engine", "marginall"), ["unknown engine 'marginall'", "marginal"], id="unknown engine"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_what_where_and_remedy(mixhouse, change, roles, told):
    frame = weekly()
    done, out = mixhouse(change(frame) if change else frame, *ROLES, *FAST, *roles)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    message = " ".join(done.stderr.split())
    assert [part for part in told if part not in message] == []
    assert not out.exists()


def test_an_existing_file_is_never_written_over(mixhouse, tmp_path):
    kept = tmp_path / "kept.duckdb"
    kept.write_text("mine")
    done, _ = mixhouse(weekly(), *ROLES, *FAST, "--out", kept)
    assert done.exit_code == 2
    assert "kept.duckdb exists already. Give another --out" in " ".join(done.stderr.split())
    assert kept.read_text() == "mine"


def test_an_absent_file_is_said(tmp_path):
    done = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["fit", str(tmp_path / "no.csv"), *ROLES])
    assert done.exit_code == 2
    assert "no.csv: no such file" in done.stderr
    assert Path(tmp_path / "no.duckdb").exists() is False


def test_each_column_plays_its_role(mixhouse, tmp_path):
    spec = tmp_path / "roles.yaml"
    spec.write_text("model: roles\nchannels: {search: {time_varying: true}, social: {}, tv: {exposure: tv_grps}}\n")
    frame = weekly().rename(columns={"promotion": "price cut"})
    rng = np.random.default_rng(0)
    frame["mails"], frame["people"] = rng.poisson(900, len(frame)), frame["geo"].map({"US": 3e6, "DE": 1e6})
    done, out = mixhouse(
        frame, *ROLES, *FAST, "--spec", spec, "--exposure", "tv=tv_grps", "--organic", "mails",
        "--treatments", "price cut", "--population", "people",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    with duckdb.connect(str(out), read_only=True) as con:
        components = {
            row[0] for row in con.execute("select distinct component from results.contributions_weekly").fetchall()
        }
        assert {"mails", "treatment:price_cut", "tv"} <= components
        [(spend, roas, brought)] = con.execute(
            "select spend, roas_mean, contribution_mean from results.latest_channel_returns "
            "where channel = 'mails' and market = 'all' and window_name = 'all'"
        ).fetchall()
        assert spend == 0
        assert roas is None
        assert brought > 0
        curves = con.execute("select count(*) from results.response_curves where channel = 'mails'").fetchone()
        assert curves == (0,)
        steps = con.execute(
            "select channel, count(*) from results.parameters where name = 'effect_step' group by 1"
        ).fetchall()
        assert steps == [("search", 2)] or steps == [("search", 1)]


@pytest.mark.parametrize(
    ("option", "column", "message"),
    [
        ("--organic", "mail", "has no column 'mail' (--organic). Did you mean 'mails'?"),
        ("--population", "people", "population 'people' of market 'DE' is 0; give the number of its people"),
        ("--organic", "mails", "line 5 column 'mails': the exposure is negative: -1.0"),
    ],
)
def test_a_role_that_cannot_be_played_is_refused(mixhouse, option, column, message):
    frame = weekly()
    frame["people"] = frame["geo"].map({"US": 3e6, "DE": 0.0})
    frame["mails"] = 100.0
    frame.loc[3, "mails"] = -1.0
    done, out = mixhouse(frame, *ROLES, *FAST, option, column)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
    assert not out.exists()
