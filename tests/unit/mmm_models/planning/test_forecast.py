"""The outcome to be expected by week: against `predict` on weeks written out by hand, and against simulated truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.planning import PlanError, PlanRequest, plan_budget
from mmm_models.planning.forecast import forecast_plan
from mmm_models.planning.future import as_last_year, future_panel, with_gap
from mmm_models.reporting.forecast_tables import plan_forecasts
from mmm_models.spec import ModelSpec, PlanningSpec
from tests.known_fit import known_posterior, make_known_fit
from tests.known_stacked import make_stacked
from tests.known_volumes import fit_with_volumes

WHAT_IFS = [
    {"name": "no_promotion", "controls": {"promotion": 0.0}},
    {"name": "no_tv", "dark": ["tv"], "replan": False},
]


def planned(fit, **planning):
    return plan_budget(fit, PlanRequest(PlanningSpec(horizon_weeks=8, scenarios=WHAT_IFS, **planning)))


@pytest.fixture(scope="module")
def plan(known_fit):
    return planned(known_fit)


@pytest.fixture(scope="module")
def forecasts(known_fit, plan):
    return {forecast.name: forecast for forecast in forecast_plan(known_fit, plan)}


def written_out(fit, plan, promotion: float | None = None) -> Panel:
    """The eight weeks after the 60 of the data: controls of weeks 8 to 15, which lie 52 weeks before."""
    data = fit.panel.dataset
    controls = data["controls"].isel(week=slice(8, 16)).assign_coords(week=plan.spend["week"]).copy()
    if promotion is not None:
        controls.loc[{"control": "promotion"}] = promotion
    outcome = xr.zeros_like(controls.isel(control=0, drop=True))
    return Panel(xr.Dataset({"outcome": outcome, "spend": plan.spend, "controls": controls}, attrs=data.attrs))


def test_a_forecasts_mean_is_what_predict_says_of_these_weeks(known_fit, plan, forecasts):
    reported = known_fit.predict(written_out(known_fit, plan)).isel(sample=plan.lines["sample"].values)
    np.testing.assert_allclose(forecasts["plan"].expected, reported)
    rows = plan_forecasts(forecasts.values(), "p").query("scenario == 'plan'")
    by_market = rows[rows["market"] != "all"]["outcome_mean"].to_numpy().reshape(8, 2)
    np.testing.assert_allclose(by_market, reported.mean("sample"))
    np.testing.assert_allclose(rows[rows["market"] == "all"]["outcome_mean"], by_market.sum(axis=1))


def test_a_control_that_is_held_moves_the_forecast_by_its_coefficient(known_fit, plan, forecasts):
    promotion = written_out(known_fit, plan).dataset["controls"].sel(control="promotion", drop=True)
    assert 0 < float(promotion.sum()) < promotion.size
    kept = {"control": "promotion", "drop": True}
    draws = known_fit.draws().isel(sample=plan.lines["sample"].values)
    per_unit = draws["control_coefficient"].sel(**kept) / known_fit.scales["control_scale"].sel(**kept)
    moved = forecasts["no_promotion"].expected - forecasts["plan"].expected
    np.testing.assert_allclose(moved, (-promotion * per_unit).transpose(*moved.dims), atol=1e-6)


def test_what_a_scenario_brings_above_the_status_quo_is_what_its_media_do(known_fit, plan, forecasts):
    media = [known_fit.media_response(path).sum("channel") for path in (plan.spend, plan.status_quo)]
    gain = (media[0] - media[1]).isel(sample=plan.lines["sample"].values)
    np.testing.assert_allclose(forecasts["plan"].gain, gain.transpose("sample", "week", "market"), atol=1e-6)
    assert float(np.abs(forecasts["status_quo"].gain).max()) == 0
    # What arrives after the horizon is in a plan's value, and in no week of it.
    assert 0 < float(gain.sum(("week", "market")).mean()) < plan.gain.mean


def test_scenarios_differ_by_no_noise(forecasts):
    apart = forecasts["plan"].outcome - forecasts["no_tv"].outcome
    np.testing.assert_allclose(apart, forecasts["plan"].gain - forecasts["no_tv"].gain, atol=1e-6)
    assert float(forecasts["plan"].noise.std("sample").min()) > 100


def test_the_interval_covers_outcomes_that_the_fit_itself_makes():
    """Truths are the draws that did not report; their noise is drawn here."""
    fit = make_known_fit(posterior=known_posterior(draws=400))
    made = planned(fit)
    truths = fit.predict(written_out(fit, made)).isel(sample=slice(0, 400))
    sigma = fit.draws()["sigma"].isel(sample=slice(0, 400)).values[:, None, :]
    seen = truths.values + sigma * np.random.default_rng(20).normal(size=truths.shape)
    rows = plan_forecasts(forecast_plan(fit, made)[1:2], "p")
    total = rows[rows["market"] == "all"]
    inside = (seen.sum(axis=2) >= total["outcome_p05"].values) & (seen.sum(axis=2) <= total["outcome_p95"].values)
    assert inside.mean() == pytest.approx(0.9, abs=0.03)


def test_a_wandering_level_widens_the_forecast_week_by_week(known_fit, known_draws):
    walk = xr.DataArray(np.zeros((2, 60)), {"market": known_fit.panel.markets, "week": known_fit.panel.weeks})
    step = xr.DataArray([30_000.0, 20_000.0], {"market": known_fit.panel.markets})
    each = known_draws["intercept"] * 0.0
    local = replace(
        known_fit,
        spec=ModelSpec.from_dict(known_fit.spec.to_dict() | {"trend": "local"}),
        posterior=known_draws.assign(level=each + walk, level_step=each + step).drop_vars("trend"),
    )
    spread = forecast_plan(local, planned(local))[0].noise.std("sample").mean("market").values
    assert spread[-1] > 2 * spread[0]


def test_structures_forecast_together_each_with_its_share(plan):
    fit = make_stacked()
    made = planned(fit)
    forecast = forecast_plan(fit, made)[1]
    whole = fit.predict(written_out(fit, made)).isel(sample=made.lines["sample"].values)
    np.testing.assert_allclose(forecast.expected, whole)
    assert np.unique(forecast.noise.values[:, 0, 0]).size == made.lines.sizes["sample"]


def test_weeks_before_the_horizon_spend_as_now(known_fit, plan):
    later = plan.spend.isel(week=slice(3, None))
    whole = with_gap(later, plan.lines["status_quo"], known_fit.panel.weeks[-1])
    np.testing.assert_allclose(whole.isel(week=slice(0, 3)), plan.status_quo.isel(week=slice(0, 3)))
    np.testing.assert_allclose(whole.isel(week=slice(3, None)), later)
    with pytest.raises(PlanError, match=r"the data end with that of 2024-02-19\. Give spend for all weeks"):
        future_panel(known_fit, later)


def test_a_later_start_and_dearer_media_are_in_the_forecast(known_fit):
    request = PlanRequest(
        PlanningSpec(horizon_weeks=8, start="2024-03-11", scenarios=[{"name": "dear", "prices": {"search": 1.5}}])
    )
    made = plan_budget(known_fit, request)
    dear = made.scenarios[-1]
    forecast = {each.name: each for each in forecast_plan(known_fit, made)}["dear"]
    assert list(forecast.expected["week"].values) == list(made.spend["week"].values)
    last, now = known_fit.panel.weeks[-1], made.lines["status_quo"]
    paths = [with_gap(path, now, last) for path in (dear.bought, made.status_quo)]
    media = [known_fit.media_response(path).sum("channel").sel(week=made.spend["week"]) for path in paths]
    gain = (media[0] - media[1]).isel(sample=made.lines["sample"].values)
    np.testing.assert_allclose(forecast.gain, gain.transpose("sample", "week", "market"), atol=1e-6)
    np.testing.assert_allclose(forecast.spend, dear.weekly.sum("channel"))


def test_a_week_without_a_year_before_takes_the_mean():
    weeks = pd.date_range("2024-01-01", periods=10, freq="7D")
    known = xr.DataArray(np.arange(10.0), {"week": weeks}, "week")
    ahead = as_last_year(known, pd.date_range(weeks[-1] + pd.Timedelta(weeks=1), periods=60, freq="7D"))
    np.testing.assert_allclose(ahead[:42], 4.5)
    np.testing.assert_allclose(ahead[42:52], np.arange(10))
    # More than a year ahead, it is the year that is known.
    np.testing.assert_allclose(ahead[52:], 4.5)


def test_a_control_that_the_model_lacks_cannot_be_held(known_fit, plan):
    with pytest.raises(PlanError, match="'promo' is held at 0, but the model has no such control"):
        future_panel(known_fit, plan.spend, {"promo": 0.0})


def test_money_buys_what_it_bought_and_organic_media_come_back_with_their_week():
    fit = fit_with_volumes()
    made = planned(fit)
    ahead = future_panel(fit, made.spend).dataset
    mails = fit.panel.dataset["volume"].sel(channel="newsletter")
    np.testing.assert_allclose(ahead["volume"].sel(channel="newsletter"), mails.isel(week=slice(8, 16)))
    year = fit.panel.dataset.sel(channel="search").isel(week=slice(-52, None))
    rate = (year["volume"].sum("week") / year["spend"].sum("week")).values
    np.testing.assert_allclose(ahead["volume"].sel(channel="search"), made.spend.sel(channel="search").values * rate)
    media = [fit.media_response(path).sum("channel") for path in (made.spend, made.status_quo)]
    gain = (media[0] - media[1]).isel(sample=made.lines["sample"].values).transpose("sample", "week", "market")
    np.testing.assert_allclose(forecast_plan(fit, made)[1].gain, gain, atol=1e-6)
