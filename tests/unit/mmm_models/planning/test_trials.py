"""Proposed tests: what they read, how exactly, how surely, and what they cost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.evidence.operator import predicted_lift
from mmm_models.planning.drafts import draft_record
from mmm_models.planning.noise import WeeklyNoise, power_of
from mmm_models.planning.trials import TrialMenu, followup_weeks, trials
from tests.known_fit import TRUTH, known_posterior, make_known_fit

LEVEL = 20_000.0


def only(fit, channel="tv", *, level=LEVEL, change=-1.0, share=0.5, weeks=4, lead=2):
    menu = TrialMenu(changes=(change,), shares=(share,), weeks=(weeks,), lead_weeks=lead)
    return next(trials(fit, "US", channel, level, WeeklyNoise.of(fit, "US"), menu))


def test_the_lift_is_what_the_model_says_of_the_two_paths_of_spend(known_fit):
    trial = only(known_fit, "search", change=0.5, weeks=4, lead=1)
    weeks = pd.date_range(
        known_fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=5 + trial.followup_weeks, freq="7D"
    )
    usual = xr.DataArray(
        np.full((len(weeks), 1, 1), LEVEL),
        coords={"week": weeks, "market": ["US"], "channel": ["search"]},
        dims=("week", "market", "channel"),
    )
    changed = usual.copy()
    changed[1:5] *= 1.5
    expected = (known_fit.media_response(changed) - known_fit.media_response(usual)).sum(("week", "market", "channel"))
    np.testing.assert_allclose(trial.lift, 0.5 * expected)
    assert trial.spend_baseline == 0.5 * 4 * LEVEL
    assert trial.spend_delta == 0.5 * trial.spend_baseline


def test_of_a_straight_line_the_lift_is_what_the_measurement_operator_says_of_the_draft():
    posterior = known_posterior()
    posterior["saturation_lam"] *= (
        1e-4  # so that spend outside the window, which the operator does not know, is no matter
    )
    fit = make_known_fit(posterior=posterior)
    trial = only(fit, "tv", change=0.5, share=0.35, lead=0)
    draft = draft_record(
        test_id="t", channel="tv", market="US", design=trial.design, unit_share=trial.unit_share, outcome="revenue",
        start_date=trial.start.date(), end_date=trial.end.date(), followup_end=trial.followup_end.date(),
        spend_baseline=trial.spend_baseline, spend_delta=trial.spend_delta, power=0.5, role="calibrate",
    )  # fmt: skip
    np.testing.assert_allclose(trial.lift, predicted_lift(fit, draft).values[:, 0], rtol=1e-3)


def test_dates_are_whole_weeks_after_the_time_to_prepare(known_fit):
    trial = only(known_fit, weeks=6, lead=3)
    assert trial.start == known_fit.panel.weeks[-1] + pd.Timedelta(weeks=4)
    assert (trial.start.day_name(), trial.end.day_name(), trial.followup_end.day_name()) == (
        "Monday",
        "Sunday",
        "Sunday",
    )
    assert (trial.followup_end - trial.start).days + 1 == 7 * (6 + trial.followup_weeks)


def test_the_follow_up_lasts_until_the_carryover_is_in():
    fit = make_known_fit(posterior=known_posterior(spread=1e-6))
    alpha = TRUTH["adstock_alpha"][0][2]  # tv in the US, memory of 10 weeks
    left = np.cumsum(alpha ** np.arange(10)) / np.sum(alpha ** np.arange(10))
    assert followup_weeks(fit, "US", "tv") == int(np.argmax(left >= 0.95))
    assert followup_weeks(fit, "US", "search") == 1  # 0.2 + 0.04 of 1: 0.96 after one week
    assert followup_weeks(fit, "US", "tv") > followup_weeks(fit, "US", "paid_social")


def test_a_line_without_spend_has_no_test(known_fit):
    assert list(trials(known_fit, "US", "tv", 0.0, WeeklyNoise.of(known_fit, "US"), TrialMenu())) == []


def test_designs_are_named_by_what_they_change(known_fit):
    assert only(known_fit, change=-1.0).design == "go_dark"
    assert only(known_fit, change=0.5).design == "heavy_up"
    assert only(known_fit, change=-0.5).design == "geo_lift"


def test_the_cost_is_what_the_money_brings_elsewhere_less_what_it_brings_here(known_fit):
    trial = replace(only(known_fit, change=0.5), lift=np.array([900.0, 1100.0]), spend_baseline=800.0)
    assert trial.cost(price=3.0) == pytest.approx(3.0 * 400.0 - 1000.0)
    dark = replace(trial, change=-1.0, lift=-trial.lift)
    assert dark.cost(price=0.5) == pytest.approx(-0.5 * 800.0 + 1000.0)


@pytest.mark.parametrize(("share", "correlation"), [(0.5, 0.0), (0.2, 0.0), (0.35, 0.6)])
def test_the_error_is_that_of_simulated_regional_tests(share, correlation):
    """40 regions with their own noise; difference in differences against 52 weeks before, 2,000 times."""
    rng = np.random.default_rng(4)
    regions, runs, weeks, before = 40, 2000, 6, 52
    treated = round(share * regions)
    total_weeks = before + weeks
    shocks = rng.normal(size=(total_weeks, runs, regions)) * 10.0 / np.sqrt(regions)
    noise = np.empty_like(shocks)
    noise[0] = shocks[0]
    for t in range(1, total_weeks):
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * shocks[t]
    gap = noise[..., :treated].sum(-1) - share / (1 - share) * noise[..., treated:].sum(-1)
    lift = gap[before:].sum(0) - weeks * gap[:before].mean(0)
    # Correlation over the seam between the periods, and of the weeks before, is not in the formula.
    margin = 0.05 if correlation == 0 else 0.12
    assert WeeklyNoise(10.0, correlation, 104).error(share, weeks) == pytest.approx(lift.std(), rel=margin)


def test_the_noise_is_the_model_s_own_and_its_correlation_that_of_the_residuals(known_fit):
    noise = WeeklyNoise.of(known_fit, "US")
    assert noise.sigma == pytest.approx(TRUTH["sigma"][0], rel=0.02)
    assert (noise.weeks, noise.correlation < 0.3) == (60, True)


def test_power_is_the_share_of_readings_that_are_told_from_nothing():
    rng = np.random.default_rng(8)
    lift, error = rng.normal(3.0, 1.5, 20_000), 1.4
    readings = lift + error * rng.normal(size=lift.size)
    assert power_of(lift, error) == pytest.approx(np.mean(np.abs(readings / error) > 1.96), abs=0.01)
    assert power_of(np.zeros(10), 1.0) == pytest.approx(0.05, abs=1e-3)
