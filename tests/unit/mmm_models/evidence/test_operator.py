"""The measurement operator against closed forms, and against a company's counterfactual truth."""

import dataclasses
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.evidence import read_lift_tests
from mmm_models.evidence.operator import is_predictable, measured_lift, predicted_lift
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

WEEKS, LAGS = 60, 8
ALPHA, HEIGHT, LAM = 0.6, 5_000.0, 2.0
START = date(2023, 1, 2)


def company(spend: np.ndarray, saturation: str = "logistic", channels: tuple[str, ...] = ("tv",)) -> Fit:
    """A posterior of one draw: alpha 0.6 over 8 weeks, and a saturation whose numbers are known."""
    spec = ModelSpec.from_dict(
        {
            "model": "m", "outcome": "revenue", "markets": ["US"], "channels": list(channels), "trend": "none",
            "seasonality": {"yearly_fourier": 0},
            "media": {"adstock": {"kind": "geometric", "max_lag": LAGS}, "saturation": {"kind": saturation}},
        }
    )  # fmt: skip
    weeks = pd.date_range(START, periods=WEEKS, freq="7D")
    wide = np.broadcast_to(spend[:, None, None], (WEEKS, 1, len(channels))).copy()
    panel = Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), np.full((WEEKS, 1), 1000.0) + np.arange(WEEKS)[:, None]),
                "spend": (("week", "market", "channel"), wide),
                "controls": (("week", "market", "control"), np.zeros((WEEKS, 1, 0))),
            },
            coords={"week": weeks, "market": ["US"], "channel": list(channels), "control": []},
            attrs={"outcome_name": "revenue", "currency": "USD"},
        )
    )
    shape = {"logistic": {"lam": LAM}, "root": {"alpha": 1.0}}[saturation]
    dims, size = ("chain", "draw", "market", "channel"), (1, 1, 1, len(channels))
    values = {"media_coefficient": HEIGHT, "adstock_alpha": ALPHA, **{f"saturation_{k}": v for k, v in shape.items()}}
    posterior = xr.Dataset(
        {name: (dims, np.full(size, value)) for name, value in values.items()}
        | {name: (dims[:3], np.full(size[:3], 1.0)) for name in ("intercept", "sigma")},
        coords={"chain": [0], "draw": [0], "market": ["US"], "channel": list(channels)},
    )
    scales = xr.Dataset(
        {
            "spend_scale": (("market", "channel"), np.full((1, len(channels)), 100.0)),
            "outcome_scale": ("market", np.array([1000.0])),
        },
        coords={"market": ["US"], "channel": list(channels)},
    )
    return Fit(spec, panel, posterior, scales, FitInfo("known"))


def record(**changes):
    row = {
        "test_id": "t", "channel": "tv", "market": "US", "design": "heavy-up", "start_date": "2023-06-05",
        "end_date": "2023-07-02", "outcome": "revenue", "spend_baseline": 400.0, "spend_delta": 200.0, "lift": 1.0,
        "lift_se": 1.0, "status": "approved", "estimand": "during+tail", **changes,
    }  # fmt: skip
    return read_lift_tests([row])[0]


def lift(fit: Fit, test) -> float:
    return predicted_lift(fit, test).item()


def weights() -> np.ndarray:
    powers = ALPHA ** np.arange(LAGS)
    return powers / powers.sum()


def curve(x: np.ndarray) -> np.ndarray:
    return HEIGHT * np.tanh(0.5 * LAM * x / 100.0)


def by_hand(usual: np.ndarray, changed: np.ndarray, counted: np.ndarray) -> float:
    """The difference of two paths of whole calendar weeks, week by week in a loop."""
    total = 0.0
    for t in range(len(usual)):
        pressure = [sum(weights()[lag] * path[t - lag] for lag in range(min(LAGS, t + 1))) for path in (usual, changed)]
        total += counted[t] * float(curve(np.array(pressure[1])) - curve(np.array(pressure[0])))
    return total


def test_a_test_of_whole_weeks_is_the_difference_of_two_paths():
    rng = np.random.default_rng(0)
    spend = rng.uniform(50, 150, WEEKS)
    # 2023-06-05 is week 22; its window of four weeks and two weeks of follow-up.
    share = spend[22:26] / spend[22:26].sum()
    usual = spend.copy()
    usual[22:26] = 400 * share
    changed = usual.copy()
    changed[22:26] = 600 * share
    counted = np.zeros(WEEKS)
    counted[22:28] = 1
    test = record(followup_end="2023-07-16")
    assert lift(company(spend), test) == pytest.approx(by_hand(usual, changed, counted))


def test_units_are_met_at_their_own_level_of_spend():
    """A tenth of the market that doubles its spend: a tenth of what the whole market's doubling would bring."""
    fit = company(np.full(WEEKS, 100.0))
    whole = predicted_lift(fit, record(spend_delta=400.0))
    tenth = predicted_lift(fit, record(spend_baseline=40.0, spend_delta=40.0, unit_share=0.1))
    assert tenth.item() == pytest.approx(0.1 * whole.item())


@pytest.mark.parametrize("weeks", [1, 2, 4])
def test_what_a_window_captures_of_a_linear_response_is_known(weeks):
    """1 - a (1 - a^D) / (D (1 - a)) for geometric adstock without end; here its eight weights, brought to add up."""
    fit = company(np.full(WEEKS, 100.0), saturation="root")
    end = date(2023, 6, 5) + timedelta(days=7 * weeks - 1)
    window = {"end_date": str(end), "spend_baseline": 100.0 * weeks, "spend_delta": 50.0 * weeks}
    during = lift(fit, record(**window, estimand="during"))
    whole = lift(fit, record(**window, followup_end=str(end + timedelta(weeks=LAGS))))
    geometric = 1 - ALPHA * (1 - ALPHA**weeks) / (weeks * (1 - ALPHA))
    cut = ALPHA**LAGS
    assert during / whole == pytest.approx(geometric / (1 - cut))
    assert whole == pytest.approx(HEIGHT * 0.5 * weeks)


@pytest.mark.parametrize("days", [1, 3, 6])
@pytest.mark.parametrize("estimand", ["during", "during+tail"])
def test_it_does_not_matter_on_which_day_of_the_week_a_test_starts(days, estimand):
    fit = company(np.full(WEEKS, 100.0))
    monday = record(estimand=estimand, followup_end="2023-07-09")
    dates = {
        name: str(getattr(monday, name) + timedelta(days=days)) for name in ("start_date", "end_date", "followup_end")
    }
    np.testing.assert_allclose(predicted_lift(fit, record(estimand=estimand, **dates)), predicted_lift(fit, monday))


def test_spend_before_the_window_acts_in_both_paths():
    """Going dark takes away less in its first week than the channel brings: what was spent before still acts."""
    fit = company(np.full(WEEKS, 100.0), saturation="root")
    dark = record(design="go-dark", end_date="2023-06-11", spend_baseline=100.0, spend_delta=-100.0, estimand="during")
    assert lift(fit, dark) == pytest.approx(-HEIGHT * weights()[0])


def test_weekly_readouts_follow_the_carryover():
    fit = company(np.full(WEEKS, 100.0), saturation="root")
    mondays = [date(2023, 6, 5) + timedelta(weeks=week) for week in range(6)]
    rows = [
        {"start_date": str(m), "end_date": str(m + timedelta(days=6)), "lift": 0.0, "lift_se": 1.0} for m in mondays
    ]
    test = record(readouts=rows, lift=None, lift_se=None)
    grown = np.convolve(np.ones(4) * 0.5 * HEIGHT, weights())[:6]
    np.testing.assert_allclose(predicted_lift(fit, test).values[0], grown)
    assert measured_lift(test)[1].shape == (6, 6)


def test_arms_are_contrasts_of_their_own():
    fit = company(np.full(WEEKS, 100.0))
    arms = [
        {"arm": "half", "unit_share": 0.2, "spend_baseline": 80.0, "spend_delta": -40.0},
        {"arm": "dark", "unit_share": 0.1, "spend_baseline": 40.0, "spend_delta": -40.0},
    ]
    window = {"start_date": "2023-06-05", "end_date": "2023-07-02", "lift_se": 1.0, "lift": 0.0}
    test = record(
        arms=arms, spend_baseline=None, spend_delta=None, readouts=[{**window, "arm": a["arm"]} for a in arms]
    )
    alone = [
        predicted_lift(fit, record(**{k: v for k, v in arm.items() if k != "arm"}, estimand="during")) for arm in arms
    ]
    np.testing.assert_allclose(predicted_lift(fit, test).values[0], np.concatenate(alone, axis=1)[0])


def test_a_switchback_is_on_less_off_with_the_carryover_between_blocks():
    fit = company(np.full(WEEKS, 100.0), saturation="root")
    mondays = [date(2023, 6, 5) + timedelta(weeks=k) for k in range(4)]
    path = [
        {"start_date": str(m), "end_date": str(m + timedelta(days=6)), "baseline": 100.0, "actual": actual}
        for m, actual in zip(mondays, (100.0, 200.0, 100.0, 200.0), strict=True)
    ]
    test = record(design="switchback", spend_path=path, spend_delta=200.0, estimand="during")
    more = np.convolve([0.0, 1.0, 0.0, 1.0], weights())[:4] * HEIGHT
    assert lift(fit, test) == pytest.approx(more[1] + more[3] - more[0] - more[2])
    assert more[2] > 0


def test_a_spend_path_says_when_the_money_was_spent():
    fit = company(np.full(WEEKS, 100.0), saturation="root")
    days = ("2023-06-26", "2023-07-02")
    late = [{"start_date": days[0], "end_date": days[1], "baseline": 100.0, "actual": 300.0}]
    test = record(spend_path=late, spend_baseline=100.0, spend_delta=200.0, estimand="during")
    assert lift(fit, test) == pytest.approx(2 * HEIGHT * weights()[0])


def test_channels_tested_together_are_the_sum_of_their_own_paths():
    fit = company(np.full(WEEKS, 100.0), channels=("tv", "radio"))
    both = record(channel="tv+radio", spend_baseline=800.0, spend_delta=400.0)
    alone = lift(fit, record())
    assert lift(fit, both) == pytest.approx(2 * alone)


def test_what_the_model_says_nothing_about_is_known():
    fit = company(np.full(WEEKS, 100.0))
    assert is_predictable(record(), fit.spec, fit.panel)
    for change in ({"channel": "tv+radio"}, {"market": "DE"}, {"outcome": "orders"}, {"start_date": "2022-12-26"}):
        assert not is_predictable(record(**change), fit.spec, fit.panel)


def test_every_draw_has_its_own_prediction():
    fit = company(np.full(WEEKS, 100.0))
    two = xr.concat(
        [fit.posterior, fit.posterior.assign(media_coefficient=fit.posterior.media_coefficient * 2)], "draw"
    )
    both = predicted_lift(dataclasses.replace(fit, posterior=two), record())
    assert float(both[1, 0]) == pytest.approx(2 * float(both[0, 0]))
