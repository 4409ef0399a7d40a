"""The value of spend in the horizon agrees with the fit's own counterfactual, and its gradient with the value."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.planning.objective import HorizonObjective
from mmm_models.spec import ModelSpec

SAMPLES = np.arange(0, 100, 3)


@pytest.fixture
def objective(known_fit):
    return HorizonObjective.from_fit(known_fit, 8, SAMPLES)


@pytest.fixture
def levels(known_fit):
    return known_fit.panel.dataset["spend"].mean("week") * 1.3


def test_value_is_the_difference_that_horizon_spend_makes_to_the_fits_own_response(known_fit, objective, levels):
    after = pd.date_range(known_fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=8 + known_fit.max_lag, freq="7D")
    path = levels.expand_dims(week=after).copy()
    path[{"week": slice(8, None)}] = 0.0
    with_spend = known_fit.media_response(path).sum("week")
    without = known_fit.media_response(xr.zeros_like(path)).sum("week")
    expected = (with_spend - without).isel(sample=SAMPLES).transpose("sample", "market", "channel")
    np.testing.assert_allclose(objective.responses(levels), expected, rtol=1e-10)


def test_carryover_after_the_horizon_counts(known_fit, levels):
    # A one-week horizon of a channel that remembers ten weeks: most of its effect lies after the horizon.
    short = HorizonObjective.from_fit(known_fit, 1, SAMPLES)
    after = pd.date_range(known_fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=1, freq="7D")
    path = levels.expand_dims(week=after)
    inside = known_fit.media_response(path) - known_fit.media_response(xr.zeros_like(path))
    total, first = short.responses(levels).sel(channel="tv").mean(), inside.sel(channel="tv").mean()
    assert float(total) > 3 * float(first)


def test_gradient_matches_finite_differences(objective, levels):
    flat = levels.transpose("market", "channel").values.ravel()
    _, gradient = objective.mean_by_line(flat)
    for line in range(flat.size):
        step = np.zeros_like(flat)
        step[line] = 1e-4 * flat[line]
        rise = (objective.mean_by_line(flat + step)[0] - objective.mean_by_line(flat - step)[0]).sum()
        assert gradient[line] == pytest.approx(rise / (2 * step[line]), rel=1e-5)


def test_marginal_return_is_outcome_per_extra_unit_of_money(objective, levels):
    more = levels.copy()
    more.loc["US", "search"] *= 1.0001
    gain = (objective.values(more) - objective.values(levels)).mean()
    money = 8 * float((more - levels).sum())
    expected = float(objective.marginal_returns(levels).sel(market="US", channel="search").mean())
    assert float(gain) / money == pytest.approx(expected, rel=1e-3)


def test_tables_hold_the_same_values_as_the_objective(objective, levels):
    top = levels.transpose("market", "channel").values.ravel()
    table = objective.table(np.zeros_like(top), top, points=3)
    by_draw = objective.draw_table(np.zeros_like(top), top, points=3)
    values, gradient = objective.mean_by_line(top)
    # Tables are worked out in single precision.
    np.testing.assert_allclose(table.values[:, -1], values, rtol=2e-6)
    np.testing.assert_allclose(table.slopes[:, -1], gradient, rtol=2e-6)
    np.testing.assert_allclose(by_draw.values.mean(axis=0, dtype=float), table.values, rtol=2e-6)
    np.testing.assert_allclose(by_draw.values[:, :, 0], 0.0, atol=1e-9)


def test_zero_spend_is_worth_nothing(objective, levels):
    assert float(np.abs(objective.values(levels * 0)).max()) == 0.0


def test_thinning_keeps_some_of_the_same_draws(objective, levels):
    few = objective.thinned(5)
    assert few.samples.size == 5
    np.testing.assert_allclose(few.values(levels), objective.values(levels).sel(sample=few.samples))


def test_s_shaped_and_steep_hill_curves_have_finite_exact_gradients(known_fit):
    data = known_fit.spec.to_dict()
    for channel in data["channels"].values():
        channel["saturation"] = {"kind": "hill"}
    lam = known_fit.posterior.saturation_lam
    # Search is infinitely steep at zero (slope below 1), the others are S-shaped.
    slope = xr.ones_like(lam) * xr.DataArray([0.7, 2.0, 3.0], dims="channel", coords={"channel": lam.channel})
    posterior = known_fit.posterior.assign(saturation_slope=slope, saturation_kappa=xr.full_like(lam, 0.4))
    hill = replace(known_fit, spec=ModelSpec.from_dict(data), posterior=posterior)
    objective = HorizonObjective.from_fit(hill, 8, SAMPLES)
    assert np.isfinite(objective.mean_by_line(np.zeros(6))[1]).all()
    levels = np.full(6, 9_000.0)
    _, gradient = objective.mean_by_line(levels)
    for line in range(6):
        step = np.eye(6)[line]
        rise = (objective.mean_by_line(levels + step)[0] - objective.mean_by_line(levels - step)[0]).sum()
        assert gradient[line] == pytest.approx(rise / 2, rel=1e-4)
