"""Result tables: exact columns, and figures that add up."""

from dataclasses import make_dataclass, replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.evidence import EvidenceDecision, EvidenceSet, LiftTest
from mmm_models.evidence.operator import predicted_lift
from mmm_models.planning import plan_budget
from mmm_models.reporting import tables
from mmm_models.reporting.evidence import evidence_used
from mmm_models.reporting.quantiles import summarise
from warehouse.results import write_tables

Gate = make_dataclass("Gate", ["name", "metric", "threshold", "value", "verdict", "advice"])

COLUMNS = {
    "contributions_weekly": "run_id week_start market component mean p05 p50 p95",
    "channel_returns": "run_id market channel window_name window_start window_end spend "
    "contribution_mean contribution_p05 contribution_p50 contribution_p95 "
    "roas_mean roas_p05 roas_p50 roas_p95 mroas_mean mroas_p05 mroas_p50 mroas_p95",
    "response_curves": "run_id market channel spend response_mean response_p05 response_p50 response_p95 is_observed",
    "parameters": "run_id name market channel mean sd p05 p50 p95 r_hat ess_bulk structure",
    "diagnostics": "run_id name value",
    "gates": "run_id name metric value threshold verdict advice",
    "predictions_weekly": "run_id week_start market actual mean p05 p50 p95",
    "plans": "plan_id run_id model created_at horizon_start horizon_end horizon_weeks budget objective solver "
    "value_mean value_p05 value_p50 value_p95 status_quo_value_mean gain_mean gain_p05 gain_p50 gain_p95 "
    "reallocation_gain_mean reallocation_gain_p05 reallocation_gain_p95 "
    "profit_gain_mean profit_gain_p05 profit_gain_p50 profit_gain_p95 prob_gain_positive "
    "expected_regret optimism bound gap spend unspent shadow_price_mean shadow_price_p05 shadow_price_p95 "
    "outside_support_share indifferent_share curse_estimate curse_se",
    "plan_lines": "plan_id week_start market channel spend spend_status_quo response_mean response_p05 response_p50 "
    "response_p95 mroas_mean mroas_p05 mroas_p95 lower_bound upper_bound binds",
    "plan_scenarios": "plan_id scenario budget spend value_mean value_p05 value_p50 value_p95 "
    "gain_mean gain_p05 gain_p50 gain_p95 profit_gain_mean profit_gain_p05 profit_gain_p50 profit_gain_p95 "
    "prob_gain_positive gain_cvar note",
    "plan_scenario_lines": "plan_id scenario market channel spend response_mean",
    "plan_allocations": "plan_id market channel level_status_quo level level_lowest level_highest level_least_change "
    "outside_share extrapolation observed_max laydown pulses prob_s_shaped pulsing_gain_mean pulsing_gain_p05 "
    "pulsing_gain_p95 prob_pulsing_gain pulsing_verdict",
    "plan_constraints": "plan_id constraint_name kind spec_key limit_value value unit binds shadow_price",
    "plan_frontier": "plan_id point budget value_mean value_p05 value_p95 gain_mean gain_p05 gain_p95 gain_cvar "
    "marginal_return is_plan",
}


@pytest.fixture(scope="module")
def made(known_fit):
    gates = [Gate("r_hat", "r_hat_max", 1.01, 1.004, "pass", "")]
    return tables.fit_tables(known_fit, "known-fit-1", gates=gates)


@pytest.fixture(scope="module")
def planned(known_fit):
    plan = plan_budget(known_fit)
    return plan, tables.plan_tables(plan, "known-plan-1", "known-fit-1", pd.Timestamp("2024-03-01"))


@pytest.mark.parametrize("name", COLUMNS)
def test_each_table_has_exactly_its_columns(made, planned, name):
    frame = (made | planned[1])[name]
    assert list(frame.columns) == COLUMNS[name].split()
    assert len(frame) > 0


def test_components_of_a_week_add_up_to_the_mean_prediction(made):
    keys = ["week_start", "market"]
    total = made["contributions_weekly"].groupby(keys)["mean"].sum()
    predicted = made["predictions_weekly"].set_index(keys)["mean"]
    np.testing.assert_allclose(total, predicted.reindex(total.index))


def test_returns_are_contribution_over_spend_and_all_is_the_sum_of_markets(made):
    frame = made["channel_returns"]
    np.testing.assert_allclose(frame.roas_mean, frame.contribution_mean / frame.spend)
    money = frame.pivot_table(index=["channel", "window_name"], columns="market", values="spend")
    np.testing.assert_allclose(money["all"], money["US"] + money["DE"])


def test_windows_end_on_the_sunday_of_the_last_week(made):
    rows = made["channel_returns"].query("window_name == 'last_13_weeks'")
    first, last = pd.Timestamp(rows.window_start.iloc[0]), pd.Timestamp(rows.window_end.iloc[0])
    assert (first.dayofweek, last.dayofweek, (last - first).days) == (0, 6, 13 * 7 - 1)


def test_a_channel_without_spend_has_no_return(known_fit):
    spend = known_fit.panel.dataset["spend"].copy(deep=True)
    spend.loc[{"market": "DE", "channel": "tv"}] = 0.0
    dark = replace(known_fit, panel=replace(known_fit.panel, dataset=known_fit.panel.dataset.assign(spend=spend)))
    row = tables.channel_returns(dark, "r").query("market == 'DE' and channel == 'tv' and window_name == 'all'")
    assert row[["roas_mean", "mroas_p95"]].isna().all(axis=None)


def test_curves_rise_from_zero_with_spend(made):
    curve = made["response_curves"].query("market == 'US' and channel == 'search'")
    assert curve.spend.iloc[0] == 0
    assert curve.spend.is_monotonic_increasing
    assert curve.response_mean.is_monotonic_increasing
    assert curve.is_observed.dtype == bool


def test_parameters_carry_their_labels_and_convergence(known_fit, made):
    frame = made["parameters"].set_index(["name", "market", "channel"])
    row = frame.loc[("adstock_alpha", "US", "tv")]
    assert row["mean"] == pytest.approx(float(known_fit.posterior.adstock_alpha.sel(market="US", channel="tv").mean()))
    assert np.isfinite(row.r_hat)
    names = set(made["parameters"].name)
    assert {"control_coefficient[promotion]", "fourier_coefficient[sin_1]", "intercept"} <= names
    assert made["parameters"].query("name == 'intercept'").channel.isna().all()


def test_diagnostics_hold_convergence_and_errors_of_fit(made):
    figures = made["diagnostics"].set_index("name")["value"]
    assert figures["r_hat_max"] == 1.004
    assert 0 < figures["mape"] < 0.05


def test_a_model_run_names_its_lineage(known_fit):
    informed = known_fit.with_info(evidence=[{"test_id": "a", "used": True}, {"test_id": "b", "used": False}])
    row = tables.model_run(
        informed,
        "known-fit-1",
        kind="fit",
        role="champion",
        dagster_run_id="d",
        created_at="2024-03-01T10:00:00+02:00",
    ).iloc[0]
    assert row.n_lift_tests == 1
    assert row.data_hash == known_fit.info.data_hash
    assert str(row.as_of_week) == str(known_fit.panel.weeks[-1].date())
    assert row.created_at == pd.Timestamp("2024-03-01 08:00")


def test_plan_lines_add_up_to_the_plan(planned):
    plan, frames = planned
    lines = frames["plan_lines"]
    assert lines.spend.sum() == pytest.approx(plan.budget)
    assert lines.response_mean.sum() == pytest.approx(plan.value.mean)
    assert len(lines) == plan.spend.size
    assert lines.binds.dtype == bool


def test_a_line_without_upper_limit_has_none_in_the_table(planned):
    plan = planned[0]
    free = replace(plan, lines=plan.lines.assign(upper=plan.lines.upper * np.inf))
    assert tables.plan_tables(free, "p", "r")["plan_lines"].upper_bound.isna().all()


def test_the_plan_row_says_what_it_is_worth(planned):
    plan, frames = planned
    row = frames["plans"].iloc[0]
    assert row.gain_mean == pytest.approx(plan.gain.mean)
    assert str(row.horizon_start) == str(plan.horizon_start.date())
    assert row.bound >= plan.allocation.value


def test_summaries_keep_the_order_and_labels_of_the_draws():
    draws = xr.DataArray(
        np.arange(12.0).reshape(2, 3, 2), dims=("sample", "market", "channel"),
        coords={"market": ["US", "DE", "FR"], "channel": ["a", "b"]},
    )  # fmt: skip
    frame = summarise(draws, statistics=("mean", "sd"), prefix="x")
    assert list(frame.itertuples(index=False, name=None))[1][:3] == ("US", "b", 4.0)
    assert list(frame.columns) == ["market", "channel", "x_mean", "x_sd"]


def test_an_empty_list_of_gates_is_an_empty_table():
    assert tables.gates_table([], "r").empty


def lift_test(**changes):
    values = {
        "test_id": "t1", "channel": "search", "market": "US", "design": "geo_holdout", "outcome": "revenue",
        "start_date": pd.Timestamp("2023-06-05").date(), "end_date": pd.Timestamp("2023-07-02").date(),
        "followup_end": pd.Timestamp("2023-07-30").date(), "spend_baseline": 160_000.0, "spend_delta": 80_000.0,
        "lift": 0.0, "lift_se": 1.0, "estimand": "during+tail", "status": "approved", "role": "calibrate",
        "owner": "o", "reviewer": "r", "updated_at": pd.Timestamp("2023-08-01"),
    }  # fmt: skip
    return LiftTest(**(values | changes))


def evidence_of(*tests, used=True):
    decisions = [EvidenceDecision(test_id=test.test_id, used=used, reason="approved") for test in tests]
    return EvidenceSet(used=list(tests), decisions=decisions)


def test_agreement_between_model_and_test_is_told_in_standard_errors(known_fit):
    expected = predicted_lift(known_fit, lift_test()).values
    agreeing = lift_test(lift=float(expected.mean()), lift_se=1000.0)
    odd = lift_test(test_id="t2", lift=float(expected.mean()) * 3, lift_se=1000.0)
    rows = evidence_used(known_fit, "r", evidence_of(agreeing, odd), [], in_likelihood=True).set_index("test_id")
    assert rows.loc["t1", "z"] == pytest.approx(0, abs=1e-9)
    assert rows.loc["t2", "z"] < -2
    assert rows.used.all()


def test_a_test_outside_the_model_has_no_figures(known_fit):
    foreign = [
        lift_test(test_id=f"t{n}", **change)
        for n, change in enumerate(
            ({"market": "FR"}, {"channel": "radio"}, {"outcome": "orders"}, {"start_date": date(2020, 1, 6)})
        )
    ]
    rows = evidence_used(known_fit, "r", evidence_of(*foreign, used=False), foreign, in_likelihood=False)
    assert len(rows) == 4
    assert rows[["predicted_lift_mean", "z", "tension", "roas_without_mean"]].isna().all(axis=None)
    assert (rows["measured_lift"] == 0).all()
    assert set(rows["verdict"]) == {"unknown"}
    with duckdb.connect() as connection:
        write_tables(connection, {"evidence_used": rows}, key="run_id", value="r")


def test_a_test_kept_to_validate_is_compared_with_the_run_that_has_not_seen_it(known_fit):
    test = lift_test(role="validate", lift=float(predicted_lift(known_fit, lift_test()).mean()) * 3, lift_se=1000.0)
    (row,) = evidence_used(known_fit, "r", evidence_of(test, used=False), [test], in_likelihood=True).to_dict("records")
    assert row["compared_with"] == "this run, which has not seen it"
    assert row["tension"] > 3
    assert row["verdict"] == "conflict"
    search = known_fit.returns().roas.sel(market="US", channel="search")
    assert row["roas_without_mean"] == pytest.approx(float(search.mean()))
    assert np.isnan(row["roas_with_mean"])


def test_a_test_that_waits_shows_both_fits(known_fit):
    test = lift_test(lift=float(predicted_lift(known_fit, lift_test()).mean()) * 30, lift_se=1000.0)
    decision = EvidenceDecision(test_id="t1", used=False, reason="waits for a person", waits=True)
    evidence, asked = EvidenceSet(decisions=[decision]), []
    twice = replace(
        known_fit, posterior=known_fit.posterior.assign(media_coefficient=known_fit.posterior.media_coefficient * 2)
    )

    def refit(other: EvidenceSet):
        asked.append([used.test_id for used in other.used])
        return twice

    (row,) = evidence_used(known_fit, "r", evidence, [test], in_likelihood=True, refit=refit).to_dict("records")
    assert asked == [["t1"]]
    assert row["verdict"] == "blocked"
    assert row["roas_with_mean"] == pytest.approx(2 * row["roas_without_mean"])


def test_a_run_without_evidence_says_so(known_fit):
    rows = evidence_used(known_fit, "r", evidence_of(lift_test()), [], in_likelihood=False)
    assert not rows.used.any()
    assert "without lift tests" in rows.reason.iloc[0]


def test_allocations_lie_within_what_is_nearly_as_good(planned):
    plan, frames = planned
    lines, lines_of_plan = frames["plan_allocations"], plan.lines
    assert (lines.level_lowest <= lines.level * (1 + 1e-9)).all()
    assert (lines.level_highest >= lines.level * (1 - 1e-9)).all()
    moved = (lines.level_least_change - lines.level_status_quo).abs().sum()
    assert moved <= (lines.level - lines.level_status_quo).abs().sum() * (1 + 1e-9)
    assert lines.level_least_change.sum() == pytest.approx(lines.level.sum())
    assert lines.level.sum() == pytest.approx(float(lines_of_plan.level.sum()))


def test_constraints_tell_what_binds_and_the_frontier_holds_the_plan(planned):
    plan, frames = planned
    limits = frames["plan_constraints"].set_index("kind")
    assert limits.loc["budget", "binds"]
    assert limits.loc["budget", "limit_value"] == pytest.approx(plan.budget)
    assert limits.index.isin(["budget", "most", "least"]).all()
    own = frames["plan_frontier"].query("is_plan")
    assert own.value_mean.item() == pytest.approx(plan.value.mean, rel=1e-4)
    assert frames["plans"].unspent.item() == pytest.approx(0, abs=1e-6 * plan.budget)
