"""`mixhouse plan` on a result file: what each option does, what is refused, and files that Excel opens."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from dagster_project.cli import app
from dagster_project.fitting import FittedFile, write_results
from mmm_models.evidence import EvidenceSet
from mmm_models.reporting.kept_fit import kept_fit
from mmm_models.reporting.run_tables import run_tables
from mmm_models.spec import ModelSpec
from tests.known_fit import SPEC, make_known_fit
from warehouse.results import ensure_results, write_tables

RUN = "known-fit-0123456789ab"


@pytest.fixture(scope="module")
def result_file(tmp_path_factory) -> Path:
    """What `mixhouse fit` writes, of a fit whose truth is known."""
    path = tmp_path_factory.mktemp("fitted") / "sales.duckdb"
    write_results(FittedFile(make_known_fit(), RUN, EvidenceSet(), [], []), path)
    return path


@pytest.fixture(scope="module")
def made(result_file, tmp_path_factory):
    """A plan of six weeks for 1,200,000.5: what the command said, and the folder that it wrote."""
    folder = tmp_path_factory.mktemp("planned")
    env = {"COLUMNS": "400", "MIXHOUSE_HOME": str(folder / "home")}
    command = ["plan", str(result_file), "--budget", "1200000.5", "--weeks", "6", "--out", str(folder / "plans")]
    return CliRunner(env=env).invoke(app, command), folder / "plans"


@pytest.fixture
def mixhouse(result_file, tmp_path, monkeypatch):
    """Runs `mixhouse plan` on the result file, or on another target."""
    monkeypatch.setenv("MIXHOUSE_HOME", str(tmp_path / "home"))

    def run(*arguments: object, target: object = result_file, out: object = tmp_path / "plans"):
        command = ["plan", str(target), *map(str, arguments), *(["--out", str(out)] if out else [])]
        return CliRunner(env={"COLUMNS": "400"}).invoke(app, command)

    return run


@pytest.fixture
def planned(mixhouse, tmp_path):
    """Plans, and gives the rows of a result table."""

    def run(*arguments: object, table: str = "plan_lines") -> pd.DataFrame:
        folder = tmp_path / f"plan-{len(list(tmp_path.iterdir()))}"
        done = mixhouse(*arguments, out=folder)
        assert done.exit_code == 0, done.output
        with duckdb.connect(str(folder / "sales.plan.duckdb"), read_only=True) as connection:
            return connection.execute(f"select * from results.{table}").df()

    return run


def weekly(lines: pd.DataFrame) -> dict[str, float]:
    """Money a week of each line."""
    return lines.groupby(["market", "channel"])["spend"].mean().to_dict()


def refused(done) -> str:
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert done.stderr.count("✗") == 1
    return " ".join(done.stderr.split())


def test_a_plan_is_printed_and_its_files_are_whole(made):
    done, folder = made
    assert done.exit_code == 0, done.output
    for part in (
        "Planning known: 2 x 3 lines, 6 weeks, money $1.20M",
        "plan for 6 weeks from 2024-02-26, budget $1.20M",
        "ROAS [90 %]",
        "Gain over the status quo: ",
        "Certificate: no plan within",
        "Expected regret",
        "Winner's curse",
        "One more USD would add",
        "of the money lies where the data have not been",
        "Held by budget: exactly 1,200,000 over 6 weeks; easing it by 1 USD adds",
        "budget plus 20",
        "What next:",
    ):
        assert part in done.output, part
    assert sorted(path.name for path in folder.iterdir()) == [
        "sales.plan.csv",
        "sales.plan.duckdb",
        "sales.plan_allocation.png",
        "sales.plan_frontier.png",
        "sales.plan_totals.csv",
    ]
    with duckdb.connect(str(folder / "sales.plan.duckdb"), read_only=True) as connection:
        [(run_id, budget, weeks)] = connection.execute(
            "select run_id, budget, horizon_weeks from results.latest_plans"
        ).fetchall()
        assert (run_id, budget, weeks) == (RUN, 1_200_000.5, 6)
        for table, rows in (("plan_lines", 36), ("plan_scenarios", 5), ("plan_forecasts", None)):
            (count,) = connection.execute(f"select count(*) from results.{table}").fetchone()
            assert count == rows if rows else count > 0
        assert connection.execute("select distinct reporting_currency from main.dim_market").fetchall() == [("USD",)]


@pytest.mark.parametrize("name", ["allocation", "frontier"])
def test_plots_show_something(made, name):
    picture = imread(made[1] / f"sales.plan_{name}.png")
    assert min(picture.shape[:2]) > 400
    assert 0.02 < np.mean(picture[..., :3].min(axis=-1) < 0.9) < 0.8


def test_the_sheet_opens_in_excel_and_its_money_adds_up(made):
    _, folder = made
    text = (folder / "sales.plan.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert csv.Sniffer().sniff(text.decode("utf-8-sig"), delimiters=",;\t").delimiter == ","
    sheet = pd.read_csv(folder / "sales.plan.csv", parse_dates=["week_start"])
    assert len(sheet) == 36
    assert sheet["week_start"].dt.weekday.eq(0).all()
    assert sheet["spend_plan"].dtype == float
    assert sheet["spend_plan"].sum() == pytest.approx(1_200_000.5, abs=0.05)
    totals = pd.read_csv(folder / "sales.plan_totals.csv").set_index(["market", "channel"])
    assert totals.loc[("all", "all"), "spend_plan"] == pytest.approx(sheet["spend_plan"].sum(), abs=0.01)
    assert totals.loc[("DE", "tv"), "spend_plan"] == pytest.approx(
        sheet.query("market == 'DE' and channel == 'tv'")["spend_plan"].sum(), abs=0.01
    )
    assert totals.loc[("all", "all"), "spend_least_change"] == pytest.approx(1_200_000.5, rel=1e-4)
    assert totals.loc[("US", "all")].isna().sum() == 5  # intervals of sums, and marginal returns
    assert set(sheet["currency"]) == {"USD"}


def test_the_sheet_of_a_decimal_comma_has_semicolons(mixhouse, tmp_path):
    assert mixhouse("--weeks", 6, "--decimal-comma").exit_code == 0
    path = tmp_path / "plans" / "sales.plan.csv"
    assert ";" in path.read_text(encoding="utf-8-sig").splitlines()[0]
    sheet = pd.read_csv(path, sep=";", decimal=",")
    assert sheet["spend_plan"].dtype == float
    assert sheet["spend_plan"].sum() > 1000


def test_limits_of_the_command_line_hold(planned):
    free = weekly(planned())
    limits = ("--fix", "search=30k", "--max", "US/tv=20000", "--min", "paid_social=12000")
    held = weekly(planned("--budget", "1M", *limits))
    assert held["US", "search"] == pytest.approx(30_000)
    assert held["DE", "search"] == pytest.approx(30_000)
    assert free["US", "tv"] > 20_000 >= held["US", "tv"] - 1e-6
    assert held["DE", "paid_social"] >= 12_000 - 1e-6


def test_a_limit_replaces_the_usual_one_on_its_side_only(planned):
    lines = planned("--max", "tv=200k").set_index(["market", "channel"])
    tv = lines.sort_index().loc["US", "tv"]
    assert tv["upper_bound"].iloc[0] == 200_000
    assert tv["lower_bound"].iloc[0] == pytest.approx(0.5 * tv["spend_status_quo"].iloc[0])


def test_spend_moves_by_the_share_that_is_said(planned):
    lines = planned("--max-change", "10%", "--max-change", "tv=0")
    ratio = (lines["spend"] / lines["spend_status_quo"]).groupby(lines["channel"]).agg(["min", "max"])
    assert ratio.loc["tv"].tolist() == pytest.approx([1, 1])
    assert ratio["min"].min() >= 0.9 - 1e-6
    assert 1.05 < ratio["max"].max() <= 1.1 + 1e-6


def test_a_planning_block_may_be_copied_as_it_stands(planned, tmp_path):
    file = tmp_path / "limits.yaml"
    file.write_text("planning:\n  horizon_weeks: 4\n")
    assert planned("--constraints", file)["week_start"].nunique() == 4


def test_profit_spends_less_where_the_margin_is_small(planned):
    spend = [planned("--objective", "profit", "--margin", margin)["spend"].sum() for margin in ("0.05", "5")]
    assert spend[0] < 0.9 * spend[1]


def test_a_plan_starts_on_the_monday_that_is_said(planned):
    lines = planned("--start", "2024-04-01", "--weeks", 4)
    assert str(lines["week_start"].min().date()) == "2024-04-01"


def test_the_least_return_and_the_greatest_cost_of_a_plan_hold(planned):
    free = planned("--objective", "marginal_return=0.2", table="plans").iloc[0]
    wanted = 1.1 * free["value_mean"] / free["spend"]
    for option, limit in (("--min-return", wanted), ("--max-cost", 1 / wanted)):
        plan = planned("--objective", "marginal_return=0.2", option, limit, table="plans").iloc[0]
        # Held on the draws that choose, and read on the others.
        assert plan["value_mean"] / plan["spend"] == pytest.approx(wanted, rel=0.02)


def test_risk_and_an_uncertain_margin_reach_the_plan(planned):
    plan = planned("--objective", "profit,cvar=0.8", "--margin", "0.9+-0.1", "--weeks", 4, table="plans").iloc[0]
    assert plan["objective"].startswith("CVaR 80% of profit: 0.9 x revenue - spend")
    assert plan["profit_gain_mean"] > 0


def test_the_models_own_name_of_the_outcome_is_its_goal(planned):
    assert planned("--objective", "revenue")["spend"].sum() == pytest.approx(planned()["spend"].sum())


def test_a_file_of_that_name_is_left_alone_and_the_next_gets_a_number(mixhouse, tmp_path):
    for _ in range(2):
        assert mixhouse("--weeks", 4).exit_code == 0
    assert (tmp_path / "plans" / "sales.plan_2.duckdb").exists()
    mine = tmp_path / "mine.csv"
    mine.write_text("mine")
    message = refused(mixhouse("--weeks", 4, out=tmp_path / "mine.duckdb"))
    assert "mine.csv exists already. Give another --out" in message
    assert mine.read_text() == "mine"
    assert not (tmp_path / "mine.duckdb").exists()


def test_files_go_beside_the_result_file_unless_told_otherwise(mixhouse, result_file, tmp_path):
    copy = tmp_path / "here.duckdb"
    copy.write_bytes(result_file.read_bytes())
    copy.chmod(0o444)
    assert mixhouse("--weeks", 4, target=copy, out=None).exit_code == 0
    assert (tmp_path / "here.plan.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--budget", "1,2M"), ["--budget '1,2M' is no amount of money", "1.2M, 850k or 1200000", "USD"]),
        (("--budget", "0"), ["the command line", "planning.budget", "greater than 0"]),
        (("--weeks", "0"), ["the command line", "planning.horizon_weeks"]),
        (("--start", "2024-03-05"), ["the command line", "start 2024-03-05 is no Monday"]),
        (("--objective", "orders"), ["'orders' is no goal of this model", "it explains revenue", "profit"]),
        (("--objective", "profitt"), ["did you mean 'profit'?"]),
        (("--objective", "profit,revenue"), ["names two goals, 'profit' and 'revenue'"]),
        (("--objective", "target"), ["goal 'target' needs a target"]),
        (("--objective", "profit=3"), ["profit takes no figure"]),
        (("--objective", "cvar=much"), ["'much' is no number"]),
        (("--margin", "0.4"), ["--margin counts where the goal is profit"]),
        (("--margin", "high", "--objective", "profit"), ["--margin 'high'", "0.4+-0.05"]),
        (("--min", "tvv=3"), ["unknown name 'tvv' in planning.bounds.channels (did you mean 'tv'?)"]),
        (("--min", "tv"), ["--min 'tv': write channel=money", "USD a week"]),
        (("--max", "tv=lots"), ["--max tv= 'lots' is no amount of money", "USD a week in each market"]),
        (("--min", "tv=90k", "--max", "tv=20k"), ["min 90000 is above max 20000"]),
        (("--max-change", "lots"), ["--max-change 'lots': write 0.2 or 20%"]),
        (("--solver", "oracle"), ["oracle"]),
        (("--budget", "1"), ["The budget of 1 for 8 weeks is below", "tv"]),
        (("--model", "other"), ["carries no fit of model 'other'. It has: known"]),
    ],
)
def test_what_cannot_be_planned_is_said_with_its_remedy_and_nothing_is_written(mixhouse, tmp_path, arguments, told):
    message = refused(mixhouse(*arguments))
    assert [part for part in told if part not in message] == []
    assert not (tmp_path / "plans").exists()


def test_a_bad_file_of_constraints_is_named_with_the_key(mixhouse, tmp_path):
    file = tmp_path / "limits.yaml"
    for text, told in (
        ("budgett: 3\n", "limits.yaml: unknown key 'budgett' in planning (did you mean 'budget'?)"),
        ("bounds: {channels: {tvv: {min: 3}}}\n", "limits.yaml: unknown name 'tvv' in planning.bounds.channels"),
        ("", "limits.yaml: constraints are keys of planning"),
        ("budget: 3\nbudget: 4\n", "limits.yaml, line 2: key 'budget' stands twice"),
    ):
        file.write_text(text)
        assert told in refused(mixhouse("--constraints", file))
    assert "absent.yaml" in refused(mixhouse("--constraints", tmp_path / "absent.yaml"))
    file.write_bytes("groups: [{name: käse}]".encode("latin-1"))
    assert "limits.yaml is no UTF-8 text" in refused(mixhouse("--constraints", file))


def test_a_target_without_a_fit_says_how_to_get_one(mixhouse, tmp_path):
    assert "does not exist. `mixhouse fit" in refused(mixhouse(target=tmp_path / "none.duckdb"))
    empty, text = tmp_path / "empty.duckdb", tmp_path / "text.duckdb"
    with duckdb.connect(str(empty)) as connection:
        ensure_results(connection)
    assert "carries no fit (results.fits)" in refused(mixhouse(target=empty))
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("create schema results")
    assert "files of earlier versions carry none" in refused(mixhouse(target=tmp_path / "old.duckdb"))
    text.write_text("week,sales\n")
    assert "cannot be read as a DuckDB file" in refused(mixhouse(target=text))


def test_a_file_of_several_models_is_planned_with_the_one_that_is_chosen(mixhouse, result_file, tmp_path):
    both = tmp_path / "both.duckdb"
    both.write_bytes(result_file.read_bytes())
    other = make_known_fit(ModelSpec.from_yaml(SPEC.replace("model: known", "model: other")))
    tables = run_tables(other, "other-fit-1", "fit", "rejected", other.spec, EvidenceSet(), [])
    with duckdb.connect(str(both)) as connection:
        write_tables(connection, tables | {"fits": kept_fit(other, "other-fit-1")}, key="run_id", value="other-fit-1")
    assert "holds 2 models: known, other. Choose one with --model" in refused(mixhouse(target=both))
    done = mixhouse("--model", "other", target=both)
    assert done.exit_code == 0, done.output
    assert "other: plan for 8 weeks" in done.output
    assert "1. The fit behind this plan is an approximation or failed a gate" in done.output


def test_a_published_model_is_planned_anew_with_an_option_and_printed_without(mixhouse, result_file, tmp_path):
    home = tmp_path / "home" / "published"
    home.mkdir(parents=True)
    (home / "mixhouse.duckdb").write_bytes(result_file.read_bytes())
    assert "plan" in refused(mixhouse(target="known", out=None))
    assert "known is a model's name" in refused(mixhouse("--model", "other", target="known", out=None))
    done = mixhouse("--weeks", 4, target="known", out=tmp_path / "mixhouse.duckdb")
    assert done.exit_code == 0, done.output
    (tmp_path / "mixhouse.duckdb").replace(home / "mixhouse.duckdb")
    with duckdb.connect(str(home / "mixhouse.duckdb")) as connection:
        connection.execute("update results.plan_allocations set laydown = pulses")
    shown = mixhouse(target="known", out=None)
    assert shown.exit_code == 0, shown.output
    assert "known: plan for 4 weeks from 2024-02-26" in shown.output
    assert "Gain over the status quo" in shown.output
    with duckdb.connect(str(home / "mixhouse.duckdb")) as connection:
        connection.execute("drop table results.plan_constraints cascade")
    older = mixhouse(target="known", out=None)
    assert older.exit_code == 0, older.output
    assert "Held by budget" in shown.output
    assert "Pulses of search in US" in shown.output
    assert "Held by budget" not in older.output


def test_a_target_is_met_with_less_money_than_now(planned):
    now = planned(table="plans")["status_quo_value_mean"].item()
    plan = planned("--objective", f"target={now:.0f}", table="plans")
    assert plan["value_mean"].item() == pytest.approx(now, rel=0.02)
    lines = planned("--objective", f"target={now:.0f}")
    assert lines["spend"].sum() < lines["spend_status_quo"].sum()


def test_constraints_of_a_file_lie_over_the_models_and_under_the_command_lines(planned, tmp_path):
    file = tmp_path / "limits.yaml"
    file.write_text(
        "horizon_weeks: 4\nbounds: {default: {min_change: -1, max_change: 1}}\n"
        "groups: [{name: video, channels: [tv], max: 100000}]\nbudget: 700000\nscenarios: []\n"
    )
    lines = planned("--constraints", file, "--weeks", 6)
    assert lines["week_start"].nunique() == 6
    assert lines["spend"].sum() == pytest.approx(700_000)
    assert lines.query("channel == 'tv'")["spend"].sum() <= 100_000 * (1 + 1e-6)
    assert set(lines["lower_bound"]) == {0.0}
