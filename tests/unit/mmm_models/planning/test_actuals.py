"""Plan against actual: scores against closed forms, errors told apart, and a fit that no longer holds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mmm_models.fit import FitError
from mmm_models.panel import Panel
from mmm_models.planning import PlanRequest, plan_budget
from mmm_models.planning.actuals import as_spent, crps_of_normal, drift_of
from mmm_models.planning.forecast import forecast_plan
from mmm_models.reporting.actuals import drift_in_words, plan_vs_actual, scores
from mmm_models.reporting.forecast_tables import plan_forecasts
from mmm_models.spec import PlanningSpec
from tests.known_fit import TRUTH, known_posterior, make_known_fit
from tests.later_weeks import with_later_weeks


@pytest.fixture(scope="module")
def fit():
    return make_known_fit(posterior=known_posterior(draws=500))


@pytest.fixture(scope="module")
def plan(fit):
    return plan_budget(fit, PlanRequest(PlanningSpec(horizon_weeks=8, scenarios=[])))


@pytest.fixture(scope="module")
def forecast(fit, plan) -> pd.DataFrame:
    rows = plan_forecasts(forecast_plan(fit, plan), "known-plan-1").assign(model="known")
    return rows.query("scenario == 'plan'").reset_index(drop=True)


def compared(fit, forecast, panel: Panel) -> pd.DataFrame:
    return plan_vs_actual(forecast, panel, as_spent(fit, panel))


def drift(fit, plan, **made: float):
    panel = with_later_weeks(fit, plan.spend, **made)
    return drift_of(as_spent(fit, panel), panel, panel.weeks[-8:])


@pytest.mark.parametrize(("mean", "sd", "actual"), [(0.0, 1.0, 0.0), (3.0, 2.0, 7.5), (-1.0, 0.5, -1.2)])
def test_the_score_is_the_integral_of_the_squared_distance_of_the_distributions(mean, sd, actual):
    at = np.linspace(mean - 12 * sd, mean + 12 * sd, 200_001)
    squared = (stats.norm.cdf(at, mean, sd) - (at >= actual)) ** 2
    assert crps_of_normal(mean, sd, actual) == pytest.approx(np.trapezoid(squared, at), rel=1e-4)


def test_a_sure_forecast_scores_its_distance_and_an_unknown_one_nothing():
    found = crps_of_normal(np.array([5.0, np.nan]), np.array([0.0, np.nan]), np.array([3.0, 1.0]))
    assert found[0] == 2.0
    assert np.isnan(found[1])


def test_only_weeks_that_have_come_have_rows(fit, plan, forecast):
    panel = with_later_weeks(fit, plan.spend.isel(week=slice(0, 3)), draw=0)
    rows = compared(fit, forecast, panel)
    assert list(rows["week_start"].unique()) == [week.date() for week in panel.weeks[-3:]]
    assert list(rows["market"].unique()) == ["DE", "US", "all"]
    assert plan_vs_actual(forecast, fit.panel, as_spent(fit, fit.panel)).empty


def test_a_plan_that_was_followed_is_expected_as_it_was(fit, plan, forecast):
    rows = compared(fit, forecast, with_later_weeks(fit, plan.spend, draw=3)).set_index(["week_start", "market"])
    np.testing.assert_allclose(rows["spend_actual"], rows["spend_planned"])
    # The plan reports on half of the draws.
    np.testing.assert_allclose(rows["outcome_as_spent_mean"], rows["outcome_forecast_mean"], rtol=0.005)
    total = rows.xs("all", level="market")
    by_market = rows.drop("all", level="market").groupby("week_start")[["spend_actual", "outcome_actual"]].sum()
    np.testing.assert_allclose(total[["spend_actual", "outcome_actual"]], by_market)
    np.testing.assert_allclose(rows["error"], rows["outcome_actual"] - rows["outcome_forecast_mean"])
    expected = crps_of_normal(rows["outcome_forecast_mean"], rows["outcome_forecast_sd"], rows["outcome_actual"])
    np.testing.assert_allclose(rows["crps"], expected)
    inside = rows["outcome_actual"].between(rows["outcome_forecast_p05"], rows["outcome_forecast_p95"])
    assert rows["inside_interval"].astype(bool).equals(inside)


def test_not_following_the_plan_and_a_wrong_model_are_told_apart(fit, plan, forecast):
    dark = plan.spend.where(plan.spend["channel"] == "tv", 0.0)
    panel = with_later_weeks(fit, dark, draw=3)
    rows = compared(fit, forecast, panel)
    total = scores(rows).set_index("market").loc["all"]
    assert total["bias_in_sd"] < -4
    assert total["coverage"] == 0
    assert abs(total["bias_in_sd_as_spent"]) < 2
    assert total["crps_as_spent"] < 0.2 * total["crps"]
    assert not drift_of(as_spent(fit, panel), panel, panel.weeks[-8:]).is_drifting


def test_a_control_that_came_otherwise_is_no_error_of_the_model(fit, plan, forecast):
    panel = with_later_weeks(fit, plan.spend, draw=3)
    kept = {"control": "promotion", "drop": True}
    more = fit.draws()["control_coefficient"].isel(sample=3).sel(**kept) / fit.scales["control_scale"].sel(**kept)
    data = panel.dataset.copy(deep=True)
    extra = (1 - data["controls"].sel(**kept)).where(data["week"] > fit.panel.dataset["week"][-1], 0.0)
    data["controls"].loc[{"control": "promotion"}] += extra
    data["outcome"] += extra * more.drop_vars("sample")
    held = Panel(data)
    rows = compared(fit, forecast, held).query("market == 'all'")
    before = compared(fit, forecast, panel).query("market == 'all'")
    assert rows["error"].abs().mean() > 3 * rows["error_as_spent"].abs().mean()
    np.testing.assert_allclose(rows["error_as_spent"], before["error_as_spent"], atol=4000)


def test_honest_weeks_raise_no_alarm_beyond_what_was_allowed(fit, plan):
    """100 truths that the fit itself believes in; counted as independent weeks they would raise it far more often."""
    panel = with_later_weeks(fit, plan.spend, draw=0)
    told = as_spent(fit, panel)
    sigma, rng, found = np.array(TRUTH["sigma"]), np.random.default_rng(4), []
    for n in range(100):
        seen = panel.dataset["outcome"].copy()
        seen[-8:] = told.expected.isel(sample=10 * n, drop=True) + sigma * rng.normal(size=(8, 2))
        found.append(drift_of(told, Panel(panel.dataset.assign(outcome=seen)), panel.weeks[-8:]))
    assert np.mean([each.is_drifting for each in found]) <= 0.05
    naive = [stats.binom.sf(each.misses - 1, 8, 0.1) < 0.01 for each in found]
    assert np.mean(naive) > 0.1


@pytest.mark.parametrize("shift", [-0.1, 0.1])
def test_an_outcome_that_moved_by_a_tenth_is_drift(fit, plan, shift):
    found = drift(fit, plan, draw=7, shift=shift)
    assert found.is_drifting
    assert np.sign(found.bias) == np.sign(shift)
    words = drift_in_words(found, "known-plan-1", "revenue")
    assert ("above" if shift > 0 else "below") in words
    assert "Look at tracking" in words


def test_weeks_that_scatter_more_than_their_noise_are_drift_without_a_bias(fit, plan):
    panel = with_later_weeks(fit, plan.spend, draw=7)
    data = panel.dataset.copy(deep=True)
    swing = np.where(np.arange(8) % 2 == 0, 1.0, -1.0)[:, None] * np.array([60_000.0, 20_000.0])
    data["outcome"][-8:] += swing
    restless = Panel(data)
    found = drift_of(as_spent(fit, restless), restless, restless.weeks[-8:])
    assert found.is_drifting
    assert found.scatter > 4
    assert found.bias_chance > 0.05


def test_a_few_weeks_are_no_drift_yet(fit, plan):
    panel = with_later_weeks(fit, plan.spend.isel(week=slice(0, 3)), draw=7, shift=0.3)
    found = drift_of(as_spent(fit, panel), panel, panel.weeks[-3:])
    assert found.bias_chance < 0.01
    assert not found.is_drifting
    assert "too few to judge" in drift_in_words(found, "known-plan-1", "revenue")


def test_a_single_week_scatters_around_nothing(fit, plan):
    panel = with_later_weeks(fit, plan.spend.isel(week=slice(0, 1)), draw=7)
    found = drift_of(as_spent(fit, panel), panel, panel.weeks[-1:])
    assert (found.scatter, found.scatter_chance) == (0.0, 1.0)


def test_a_market_that_is_gone_leaves_neither_rows_nor_a_total(fit, plan, forecast):
    panel = with_later_weeks(fit, plan.spend, draw=0)
    rows = plan_vs_actual(forecast, Panel(panel.dataset.sel(market=["US"])), None, "the markets changed")
    assert list(rows["market"].unique()) == ["US"]
    assert rows["inside_interval_as_spent"].isna().all()
    assert set(rows["as_spent_note"]) == {"the markets changed"}
    with pytest.raises(FitError, match="lacks the markets DE"):
        as_spent(fit, Panel(panel.dataset.sel(market=["US"])))
