"""Experiments in stress worlds: their true lift against a simulation written out, and against the operator."""

from datetime import date, timedelta

import numpy as np
import pytest
import xarray as xr

from mmm_models.evidence.operator import measured_lift, predicted_lift
from mmm_models.fit import Fit, FitInfo
from mmm_models.spec import ModelSpec
from mmm_models.worlds.stress import make_world
from mmm_models.worlds.stress.experiments import (
    ArmPlan,
    Experiment,
    data_with,
    latest_start,
    poisoned,
    run_experiment,
    true_lift,
)

CHANNELS = ("search", "social", "tv", "display")
MONDAY, THURSDAY = date(2023, 3, 6), date(2023, 3, 9)
ARMS = (ArmPlan("half", 0.2, -0.5), ArmPlan("double", 0.1, 1.0))
PLANS = {
    "dark": Experiment("dark", "social", "go-dark", MONDAY, 4, 7),
    "heavy": Experiment("heavy", "search", "heavy-up", THURSDAY, 3, 2, change=0.8, unit_share=0.3),
    "geo, window": Experiment("geo", "display", "geo lift", THURSDAY, 4, change=0.5, estimand="during"),
    "users": Experiment("users", "social", "conversion lift", MONDAY, 4, 4, unit_share=0.25),
    "blocks": Experiment("blocks", "search", "switchback", THURSDAY, 6, change=-0.6, estimand="during", block=2),
    "weekly": Experiment("weekly", "social", "geo lift", THURSDAY, 4, 3, change=1.0, unit_share=0.2, weekly=True),
    "arms": Experiment("arms", "social", "geo lift", MONDAY, 4, 3, arms=ARMS),
    "arms, weekly": Experiment("armsw", "search", "geo lift", THURSDAY, 2, 1, arms=ARMS, weekly=True),
}


def by_hand(world, spend: np.ndarray) -> float:
    """A world's outcome of one market, all weeks added up; adstock and curve in a loop over (week, channel)."""
    media, total = world.media, []
    for week in range(len(spend)):
        carried = sum(media.weights[:, lag] * spend[week - lag] / media.scale[0] for lag in range(min(8, week + 1)))
        shares = np.tanh(0.5 * media.shape["lam"] * carried)
        shares[0] *= 1 + media.synergy * shares[2]
        total.append(float((shares * media.height[0]).sum()))
    return np.array(total)


@pytest.mark.parametrize("name", ["clean", "synergy"])
def test_the_truth_is_the_difference_of_two_simulations(name):
    world = make_world(name, 3)
    spend = np.concatenate([part.dataset["spend"].values[:, 0] for part in (world.panel, world.ahead)])
    week = (MONDAY - world.panel.weeks[0].date()).days // 7
    dark = spend.copy()
    dark[week : week + 4, 2] = 0.0
    lost = (by_hand(world, dark) - by_hand(world, spend))[week : week + 11]
    plan = Experiment("t", "tv", "go-dark", MONDAY, 4, 7)
    np.testing.assert_allclose(true_lift(world, plan), [lost])
    quarter = Experiment("t", "tv", "go-dark", MONDAY, 4, 7, unit_share=0.25)
    np.testing.assert_allclose(true_lift(world, quarter), [0.25 * lost])


def test_a_test_from_thursday_meets_the_spend_of_its_own_weeks():
    world = make_world("clean", 3)
    spend = np.concatenate([part.dataset["spend"].values[:, 0] for part in (world.panel, world.ahead)])
    daily = np.repeat(spend / 7, 7, axis=0)[3:-4].reshape(-1, 7, 4).sum(axis=1)
    week = (THURSDAY - world.panel.weeks[0].date()).days // 7
    more = daily.copy()
    more[week : week + 3, 0] *= 1.8
    gained = (by_hand(world, more) - by_hand(world, daily))[week : week + 5]
    np.testing.assert_allclose(true_lift(world, PLANS["heavy"]), [0.3 * gained])


def known_fit(world) -> Fit:
    """A posterior of one draw: the world's own media."""
    spec = ModelSpec.from_dict(
        {
            "model": "m", "outcome": "revenue", "markets": ["US"], "channels": list(CHANNELS), "trend": "none",
            "seasonality": {"yearly_fourier": 0}, "controls": ["price", "weather"],
        }
    )  # fmt: skip
    media, cells, market = world.media, ("chain", "draw", "market", "channel"), ("chain", "draw", "market")
    # Retention is what the second weight is of the first.
    known = {
        "media_coefficient": media.height[0],
        "adstock_alpha": media.weights[:, 1] / media.weights[:, 0],
        "saturation_lam": media.shape["lam"],
    }
    posterior = xr.Dataset(
        {name: (cells, values[None, None, None]) for name, values in known.items()}
        | {name: (market, np.ones((1, 1, 1))) for name in ("intercept", "sigma")}
        | {"control_coefficient": ((*market, "control"), np.zeros((1, 1, 1, 2)))},
        coords={"chain": [0], "draw": [0], "market": ["US"], "channel": list(CHANNELS), "control": spec.controls},
    )
    scales = xr.Dataset(
        {
            "spend_scale": (("market", "channel"), media.scale),
            "outcome_scale": ("market", np.ones(1)),
            "control_center": (("market", "control"), np.zeros((1, 2))),
            "control_scale": (("market", "control"), np.ones((1, 2))),
        },
        coords={"market": ["US"], "channel": list(CHANNELS), "control": spec.controls},
    )
    return Fit(spec, world.panel, posterior, scales, FitInfo("truth"))


@pytest.mark.parametrize("name", PLANS)
def test_the_operator_on_the_true_curves_finds_the_truth(name):
    """Record and operator are written without this module: what the model of truth says is what was measured."""
    world = make_world("clean", 3)
    test = run_experiment(world, PLANS[name], draw=1)
    value, covariance = measured_lift(test)
    said = predicted_lift(known_fit(world), test).values[0]
    assert np.abs((value - said) / np.sqrt(np.diag(covariance))).max() < 4
    exact = Experiment(**{**PLANS[name].__dict__, "relative_error": 1e-9})
    np.testing.assert_allclose(said, measured_lift(run_experiment(world, exact))[0], rtol=1e-6)


def test_noise_is_as_large_as_the_record_says_and_repeats():
    world = make_world("clean", 3)
    tests = [run_experiment(world, PLANS["dark"], draw=draw) for draw in range(400)]
    truth = true_lift(world, PLANS["dark"]).sum()
    z = np.array([(test.lift - truth) / test.lift_se for test in tests])
    assert abs(z.mean()) < 4 / 20
    assert z.std() == pytest.approx(1, abs=0.15)
    assert tests[0].lift_se == pytest.approx(0.05 * abs(truth))
    assert run_experiment(world, PLANS["dark"], draw=7).lift == tests[7].lift


@pytest.mark.parametrize("start", [MONDAY, THURSDAY])
def test_data_that_hold_a_test_are_those_of_its_units_and_the_others(start):
    world = make_world("clean", 3)
    plan = Experiment("t", "social", "go-dark", start, 4, 7, unit_share=0.4, in_data=True)
    data, before = data_with(world, [plan]).dataset, world.panel.dataset
    test = run_experiment(world, plan)
    assert test.in_outcome is True
    money, outcome = (data[name] - before[name] for name in ("spend", "outcome"))
    assert float(money.sum()) == pytest.approx(test.spend_delta)
    assert float(outcome.sum()) == pytest.approx(true_lift(world, plan).sum())
    moved = money.sel(channel="social").values[:, 0] != 0
    assert moved.sum() == (4 if start == MONDAY else 5)
    assert not money.drop_sel(channel="social").any()
    if start == MONDAY:
        # The untreated spend as ever, the treated nothing.
        spend = np.concatenate([part.dataset["spend"].values[:, 0] for part in (world.panel, world.ahead)])
        dark = spend.copy()
        dark[np.flatnonzero(moved), 1] = 0.0
        mixed = 0.6 * by_hand(world, spend) + 0.4 * by_hand(world, dark)
        np.testing.assert_allclose(outcome.values[:, 0], (mixed - by_hand(world, spend))[:156], atol=1e-6)
    beside = Experiment("t", "social", "go-dark", start, 4, 7, unit_share=0.4)
    assert data_with(world, [beside]).dataset.equals(before)


def test_a_conversion_lift_leaves_the_data_as_they_were():
    world = make_world("clean", 3)
    plan = Experiment(**{**PLANS["users"].__dict__, "in_data": True})
    assert data_with(world, [plan]).dataset.equals(world.panel.dataset)


def test_a_poisoned_test_is_off_by_its_factor_alone():
    world = make_world("clean", 3)
    for name in ("dark", "weekly"):
        test = run_experiment(world, PLANS[name])
        false = poisoned(test, -3.0)
        np.testing.assert_allclose(measured_lift(false)[0], -3 * measured_lift(test)[0])
        np.testing.assert_allclose(measured_lift(false)[1], measured_lift(test)[1])
        assert false.lift_se == test.lift_se
        assert false.record_hash() != test.record_hash()


@pytest.mark.parametrize("weekday", [0, 3])
def test_the_latest_start_has_room_and_money(weekday):
    world = make_world("clean", 3)
    start = latest_start(world, "tv", 4, 7, weekday)
    assert start.weekday() == weekday
    plan = Experiment("t", "tv", "go-dark", start, 4, 7)
    test = run_experiment(world, plan)
    usual = float(world.panel.dataset["spend"].sel(channel="tv").mean())
    assert test.spend_baseline / 4 > 0.4 * usual
    assert test.followup_end <= world.panel.weeks[-1].date() + timedelta(days=6)
    with pytest.raises(ValueError, match="move or shorten"):
        run_experiment(world, Experiment("t", "tv", "go-dark", date(2023, 12, 4), 4, 7))


def test_a_test_that_is_longer_than_the_data_has_no_start():
    with pytest.raises(ValueError, match="tv has no 160 weeks"):
        latest_start(make_world("clean", 3), "tv", 160, 0)
