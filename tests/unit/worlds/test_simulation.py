from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import xarray as xr

from mmm_models.worlds.calendars import easter_sunday, holidays, nth_weekday
from mmm_models.worlds.media import carry_over, saturate, spend_levels
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.retailer import SEED, TV, small_retailer
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.spec import Flighted, GeometricAdstock, HillSaturation, LogisticSaturation


def demand_correlation(reaction: float, seed: int) -> float:
    """Mean correlation of weekly spend with the baseline, over channels and markets."""
    world = simulate(small_retailer().with_demand_reaction(reaction), seed)
    baseline = world.weekly(world.daily.baseline.sum("component"))
    return float(xr.corr(world.weekly_spend, baseline, dim="week").mean())


def test_spend_follows_demand_only_as_far_as_it_reacts():
    seeds = range(5)
    blind = np.mean([demand_correlation(0.0, seed) for seed in seeds])
    chasing = np.mean([demand_correlation(6.0, seed) for seed in seeds])
    assert abs(blind) < 0.12
    assert chasing > blind + 0.25


def test_the_mean_is_the_sum_of_its_parts_and_revenue_scatters_around_it(small_world: World):
    daily = small_world.daily
    xr.testing.assert_allclose(daily["mean"], daily.baseline.sum("component") + daily.media.sum("channel"))
    for market in small_world.spec.markets:
        week = small_world.weekly(daily[["mean", "revenue"]].to_dataarray()).sel(market=market.name)
        mean, revenue = week.sel(variable="mean"), week.sel(variable="revenue")
        scatter = float((revenue - mean).std() / mean.mean())
        assert scatter == pytest.approx(market.noise, rel=0.35)


def test_a_trailing_unfinished_week_is_simulated_but_not_counted_as_complete(small_world: World):
    assert small_world.daily.sizes["date"] == 60 * 7 + 3
    assert small_world.complete.sizes["date"] == 60 * 7
    assert small_world.week_starts[0].weekday() == 0


def test_one_more_channel_leaves_the_others_as_they_were(small_world: World):
    spec = small_world.spec
    larger = simulate(replace(spec, channels=(*spec.channels, replace(TV, name="radio"))), SEED)
    xr.testing.assert_identical(larger.daily.spend.sel(channel="search"), small_world.daily.spend.sel(channel="search"))


def test_carryover_spreads_spend_and_loses_none():
    exposure = carry_over(GeometricAdstock(0.5), np.array([100.0, 0.0, 0.0, 0.0]))
    assert exposure.tolist() == [50.0, 25.0, 12.5, 6.25]


def test_saturation_forms_are_those_of_their_formulas():
    x = np.array([0.0, 0.5, 2.0])
    logistic = (1 - np.exp(-1.3 * x)) / (1 + np.exp(-1.3 * x))
    np.testing.assert_allclose(saturate(LogisticSaturation(1.3), x), logistic)
    np.testing.assert_allclose(saturate(HillSaturation(half=2.0, slope=3.0), x), [0, 0.125 / 8.125, 0.5])


def test_flights_leave_silence_between_them():
    levels = spend_levels(Flighted((3, 4), (2, 5), noise=0.1), 100, stream(1, "test"))
    assert levels.mean() == pytest.approx(1)
    assert 0.2 < (levels == 0).mean() < 0.7


def test_an_unknown_form_is_refused_by_name():
    with pytest.raises(TypeError, match="no carryover is defined for str"):
        carry_over("geometric", np.ones(3))
    with pytest.raises(TypeError, match="no saturation is defined for str"):
        saturate("logistic", np.ones(3))
    with pytest.raises(TypeError, match="no spend pattern is defined for str"):
        spend_levels("always on", 3, stream(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": date(2024, 1, 2)}, "2024-01-02 is a Tuesday; use a Monday"),
        ({"trailing_days": 7}, "trailing_days 7 is not within 0..6"),
        (
            {"channels": (replace(TV, effect={"US": 1.0}),)},
            r"'tv' has no weekly_spend or effect for market\(s\) \['DE'\]",
        ),
    ],
)
def test_a_spec_that_cannot_be_simulated_is_refused(change: dict, message: str):
    with pytest.raises(ValueError, match=message):
        replace(small_retailer(), **change)


def test_a_name_that_the_world_lacks_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no channel 'serach'; it has \['search', 'paid_social', 'tv'\]"):
        small_retailer().channel("serach")


def test_moving_holidays_fall_where_the_calendar_has_them():
    assert easter_sunday(2024) == date(2024, 3, 31)
    assert easter_sunday(2025) == date(2025, 4, 20)
    assert nth_weekday(2024, 11, 3, 4) == date(2024, 11, 28)  # Thanksgiving
    assert nth_weekday(2024, 5, 0, -1) == date(2024, 5, 27)  # Memorial Day
    assert {date(2024, 3, 29), date(2024, 10, 3)} <= holidays("DE", 2024)
    with pytest.raises(ValueError, match="no holiday calendar for country 'FR'"):
        holidays("FR", 2024)
