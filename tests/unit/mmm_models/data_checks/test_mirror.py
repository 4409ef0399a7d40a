"""Budgets that follow sales: the figure by convolution, the verdict by what else the weeks hold."""

import numpy as np
import pytest

from tests.unit.mmm_models.data_checks.panels import CALM, OUTCOME, WEEKS, looked_at, make_panel, noise

SEASON = np.sin(2 * np.pi * np.arange(WEEKS) / 52)


def test_a_budget_that_follows_sales_is_severe_and_its_figure_is_that_of_the_moving_averages():
    outcome = 50_000 + 10_000 * SEASON + 500 * noise(14)
    spend = 0.1 * outcome + 100 * noise(15)
    record = looked_at(make_panel(CALM | {"tv": spend}, outcome=outcome), "mirrors_outcome")["tv"]
    means = [np.convolve(series, np.ones(13) / 13, mode="valid") for series in (spend, outcome)]
    assert record.value == pytest.approx(np.corrcoef(*means)[0, 1])
    assert record.verdict == "severe"
    share = 100 * means[0].var() / spend[6:-6].var()
    assert f"{share:.0f} % of the variance of its spend is slow" in record.advice
    assert "run a lift test on the channel" in record.advice


def test_a_mirror_with_much_weekly_variation_of_its_own_only_warns():
    outcome = 50_000 + 10_000 * SEASON
    flighted = (1.2 + SEASON) * np.where(np.arange(WEEKS) % 4 == 0, 9000.0, 0.0)
    record = looked_at(make_panel(CALM | {"tv": flighted}, outcome=outcome), "mirrors_outcome")["tv"]
    assert abs(record.value) > 0.8
    assert record.verdict == "warn"


def test_spend_that_stands_still_mirrors_nothing():
    panel = make_panel({"flat": np.full(WEEKS, 0.1), "tv": CALM["tv"]}, outcome=50_000 + 10_000 * SEASON)
    record = looked_at(panel, "mirrors_outcome")["flat"]
    assert (record.value, record.verdict) == (0, "pass")


def test_too_few_weeks_for_a_slow_movement_are_said():
    panel = make_panel({"tv": CALM["tv"][:38]}, outcome=OUTCOME[:38])
    record = looked_at(panel, "mirrors_outcome")["tv"]
    assert record.verdict == "info"
    assert "38 weeks are too few" in record.advice
    assert looked_at(panel, "mirrors_outcome", smooth_weeks=12)["tv"].verdict != "info"
