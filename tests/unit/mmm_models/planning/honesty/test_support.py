"""Money outside the data's range, by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.planning.honesty.support import support
from mmm_models.planning.objective import HorizonObjective
from tests.known_fit import make_known_fit

WEEKS = 8


@pytest.fixture(scope="module")
def forgetful():
    """A fit without carryover: what is spent in a week acts in it, and only then."""
    fit = make_known_fit()
    posterior = fit.posterior.assign(adstock_alpha=fit.posterior.adstock_alpha * 0)
    return make_known_fit(posterior=posterior)


def objective_of(fit):
    return HorizonObjective.from_fit(fit, WEEKS, np.arange(20))


def planned(fit, level):
    """The same money every week of the horizon."""
    weeks = pd.date_range(fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=WEEKS, freq="7D")
    return level.expand_dims(week=weeks).transpose("week", "market", "channel")


def now(fit):
    return fit.panel.dataset["spend"].isel(week=slice(-WEEKS, None)).mean("week")


def range_of(fit, channel, settled):
    spend = fit.panel.dataset["spend"].sel(channel=channel).isel(week=slice(settled, None))
    return spend.min("week"), spend.max("week")


def test_without_carryover_the_range_is_that_of_weekly_spend(forgetful):
    found = support(objective_of(forgetful), planned(forgetful, now(forgetful)), now(forgetful))
    # The first weeks of the data lack their past: those within the memory of the channel do not count.
    for channel, settled in (("search", 3), ("tv", 9)):
        least, greatest = range_of(forgetful, channel, settled)
        np.testing.assert_allclose(found.observed_min.sel(channel=channel), least)
        np.testing.assert_allclose(found.observed_max.sel(channel=channel), greatest)


def test_what_lies_beyond_the_highest_week_is_outside(forgetful):
    _, highest = range_of(forgetful, "search", 3)
    level = now(forgetful)
    level.loc[{"channel": "search"}] = 1.25 * highest
    found = support(objective_of(forgetful), planned(forgetful, level), now(forgetful))
    np.testing.assert_allclose(found.outside.sel(channel="search"), WEEKS * 0.25 * highest)
    np.testing.assert_allclose(found.share_by_line.sel(channel="search"), 0.2)
    np.testing.assert_allclose(found.extrapolation.sel(channel="search"), 1.25)
    others = found.share_by_line.sel(channel=["paid_social", "tv"])
    assert float(others.max()) == 0
    assert found.share == pytest.approx(float(0.2 * level.sel(channel="search").sum() / level.sum()))


def test_below_the_lowest_week_all_of_it_is_outside_but_nothing_is_known(forgetful):
    least, _ = range_of(forgetful, "search", 3)
    level = now(forgetful)
    level.loc[{"channel": "search", "market": "US"}] = 0.5 * float(least.sel(market="US"))
    level.loc[{"channel": "search", "market": "DE"}] = 0.0
    found = support(objective_of(forgetful), planned(forgetful, level), now(forgetful))
    assert found.share_by_line.sel(channel="search").values.tolist() == [1.0, 0.0]


def test_with_carryover_a_heavy_week_does_not_support_heavy_weeks_in_a_row(known_fit):
    objective = objective_of(known_fit)
    heaviest = known_fit.panel.dataset["spend"].max("week")
    found = support(objective, planned(known_fit, heaviest), now(known_fit))
    tv = {"channel": "tv"}
    assert (found.observed_max.sel(tv) < 0.8 * heaviest.sel(tv)).all()
    assert (found.extrapolation.sel(tv) > 1).all()
    assert (found.outside.sel(tv) > 0).all()


def test_a_plan_that_repeats_the_data_is_within_it(known_fit):
    spend = known_fit.panel.dataset["spend"].isel(week=slice(-WEEKS, None))
    weeks = pd.date_range(known_fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=WEEKS, freq="7D")
    path = spend.assign_coords(week=weeks).transpose("week", "market", "channel")
    assert support(objective_of(known_fit), path, now(known_fit)).share < 0.02


def test_weeks_without_money_have_no_share(known_fit):
    nothing = planned(known_fit, xr.zeros_like(now(known_fit)))
    found = support(objective_of(known_fit), nothing, now(known_fit))
    assert found.share == 0
    assert float(abs(found.share_by_line).max()) == 0
