"""Bounds of plan lines and the budgets that they allow."""

import numpy as np
import pytest
import xarray as xr

from mmm_models.planning import PlanError, line_bounds, status_quo_spend
from mmm_models.spec import ModelSpec


def spec(bounds=None, tv_plannable=True):
    return ModelSpec.from_dict(
        {
            "model": "tiny",
            "outcome": "revenue",
            "markets": ["US"],
            "channels": {"search": {}, "tv": {"plannable": tv_plannable}},
            "planning": {"horizon_weeks": 2, "bounds": bounds or {}},
        }
    )


def now(search=100.0, tv=50.0):
    return xr.DataArray(
        [[search, tv]], dims=("market", "channel"), coords={"market": ["US"], "channel": ["search", "tv"]}
    )


def test_changes_are_relative_to_the_status_quo():
    bounds = line_bounds(spec({"default": {"min_change": -0.2, "max_change": 0.5}}), now())
    np.testing.assert_allclose(bounds.lower, [[80, 40]])
    np.testing.assert_allclose(bounds.upper, [[150, 75]])


def test_the_tighter_of_relative_and_absolute_limits_holds():
    limits = {"channels": {"search": {"min_change": -0.2, "min": 90, "max_change": 0.5, "max": 120}}}
    bounds = line_bounds(spec(limits), now())
    assert float(bounds.lower.sel(channel="search").item()) == 90
    assert float(bounds.upper.sel(channel="search").item()) == 120


def test_a_channel_that_is_not_plannable_stays_at_its_status_quo():
    bounds = line_bounds(spec(tv_plannable=False), now())
    assert bounds.lower.sel(channel="tv").item() == bounds.upper.sel(channel="tv").item() == 50


def test_a_line_whose_limits_contradict_each_other_is_named():
    with pytest.raises(PlanError, match=r"US/tv contradict.*at least 60 and at most 55.*bounds\.channels\.tv"):
        line_bounds(spec({"channels": {"tv": {"min": 60, "max_change": 0.1}}}), now())


def test_a_budget_below_the_lower_bounds_names_the_lines_and_the_least_budget():
    bounds = line_bounds(spec({"default": {"min_change": -0.1, "max_change": 0.1}}), now())
    with pytest.raises(PlanError, match=r"budget of 200 for 2 weeks.*US/search 180, US/tv 90.*at least 270"):
        bounds.check(200.0, 2)


def test_a_budget_above_the_upper_bounds_names_the_lines_and_the_most_money():
    bounds = line_bounds(spec({"default": {"min_change": -0.1, "max_change": 0.1}}, tv_plannable=False), now())
    with pytest.raises(PlanError, match=r"US/search 220, US/tv 100 \(fixed\).*at most 320"):
        bounds.check(400.0, 2)


def test_without_an_upper_limit_any_larger_budget_is_possible():
    bounds = line_bounds(spec({"default": {"min_change": 0.0}}), now())
    bounds.check(1e9, 2)


def test_the_status_quo_is_the_mean_of_the_last_weeks_only():
    spend = xr.DataArray(np.array([1000.0, 10.0, 30.0]).reshape(3, 1, 1), dims=("week", "market", "channel"))
    assert status_quo_spend(spend, 2).item() == 20.0


def test_a_horizon_longer_than_the_data_is_refused():
    spend = xr.DataArray(np.ones((3, 1, 1)), dims=("week", "market", "channel"))
    with pytest.raises(PlanError, match="last 13 weeks, but the panel holds 3"):
        status_quo_spend(spend, 13)


def test_a_line_that_may_rest_keeps_its_way_to_nothing_in_a_full_budget():
    limits = {"channels": {"search": {"max": 100}, "tv": {"min": 40, "max": 50, "may_rest": True}}}
    floor, upper = line_bounds(spec(limits), now()).box(140.0)
    np.testing.assert_allclose(floor, [90, 0])
    np.testing.assert_allclose(upper, [100, 50])


def test_what_is_committed_runs_though_a_channel_is_not_plannable():
    bought = {"market": "US", "week_start": "2026-01-05", "spend": 300}
    for channel, committed in (("tv", 150.0), ("search", 0.0)):
        asked = spec(tv_plannable=False).to_dict()
        asked["planning"]["commitments"] = [bought | {"channel": channel}]
        bounds = line_bounds(ModelSpec.from_dict(asked), now())
        assert bounds.lower.sel(channel="tv").item() == bounds.upper.sel(channel="tv").item() == max(50.0, committed)


def test_a_line_that_may_rest_is_not_named_among_those_that_take_the_budget():
    limits = {"channels": {"search": {"min": 30}, "tv": {"min": 40, "may_rest": True}}}
    with pytest.raises(PlanError, match=r"below the 60 that .*: US/search 60, US/tv 0"):
        line_bounds(spec(limits), now()).check(50.0, 2)
