"""What a plan's weeks bring equals the fit's own answer to the same weeks written out, and slopes are exact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.fit import Fit
from mmm_models.planning import PlanError
from mmm_models.planning.objective import HorizonObjective
from mmm_models.spec import ModelSpec
from tests.known_fit import SPEC, known_dataset, known_posterior, make_known_fit
from tests.known_stacked import make_stacked
from tests.known_volumes import fit_with_volumes

SAMPLES = np.arange(0, 100, 9)
WEEKS = 8
WEIGHTS = [3.0, 1.0, 0.0, 0.0, 2.0, 2.0, 0.0, 1.0]
COMMITMENTS = [
    {"channel": "tv", "market": "US", "week_start": "2024-03-11", "spend": 90_000.0},
    {"channel": "tv", "market": "US", "week_start": "2024-03-18", "spend": 30_000.0},
    {"channel": "search", "market": "DE", "week_start": "2024-04-15", "spend": 12_000.0},
]
# The data end with the week of 2024-02-19.
ASKED = {
    "as in every week": {},
    "given weights": {"flighting": {"channels": {"tv": WEIGHTS, "search": WEIGHTS}}},
    "bought already": {"start": "2024-02-26", "commitments": COMMITMENTS},
    "three weeks later": {"start": "2024-03-18", "commitments": COMMITMENTS[1:]},
    "price that rises": {"prices": {"tv": {"elasticity": 0.3}}},
    "price with a tier": {"prices": {"search": {"above": 20_000.0, "factor": 1.7}}},
    "all together": {
        "start": "2024-03-11",
        "commitments": COMMITMENTS,
        "prices": {"tv": {"elasticity": 0.3, "above": 70_000.0, "factor": 2.0}, "search": {"elasticity": 0.1}},
        "flighting": {"channels": {"tv": WEIGHTS}, "default": "pulsed"},
    },
}


def asked_of(fit, planning: dict):
    spec = ModelSpec.from_dict({**fit.spec.to_dict(), "planning": {"horizon_weeks": WEEKS, **planning}})
    return replace(fit, spec=spec)


def usual_money(planning: dict, channel: str, now: np.ndarray, money: np.ndarray) -> np.ndarray:
    """By hand: what money (week, market) of one channel buys, in money at the usual price."""
    price = planning.get("prices", {}).get(channel, {})
    rise, above, factor = price.get("elasticity", 0.0), price.get("above", np.inf), price.get("factor", 1.0)

    def at(x: float, usual: float) -> float:
        return x if x <= usual else x / (x / usual) ** rise

    bought = np.empty_like(money)
    for week, market in np.ndindex(money.shape):
        x, usual = money[week, market], now[market]
        bought[week, market] = (
            at(x, usual) if x <= above else at(above, usual) + (at(x, usual) - at(above, usual)) / factor
        )
    return bought


def wandering_fit() -> Fit:
    """The known fit; what paid social does wanders from week to week."""
    spec = ModelSpec.from_yaml(SPEC.replace("paid_social: {}", "paid_social: {time_varying: true}"))
    posterior = known_posterior()
    steps = 0.1 * np.random.default_rng(1).normal(size=(2, 50, 3, 60)) * np.array([0.0, 1.0, 0.0])[:, None]
    path = (("chain", "draw", "channel", "week"), steps.cumsum(axis=-1))
    widths = xr.where(posterior.channel == "paid_social", 0.1, np.nan).expand_dims(chain=2, draw=50)
    coords = {"week": known_dataset().week}
    return make_known_fit(spec, posterior.assign(effect_path=path, effect_step=widths).assign_coords(coords))


KINDS = {
    "money": make_known_fit,
    "impressions, reach and frequency": fit_with_volumes,
    "an effect that wanders": wandering_fit,
}


@pytest.mark.parametrize("name", list(ASKED))
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_plan_is_worth_what_the_fit_says_of_its_weeks_written_out(kind, name):
    planning = ASKED[name]
    fit = asked_of(KINDS[kind](), planning)
    objective = HorizonObjective.from_fit(fit, WEEKS, SAMPLES)
    now = objective.terms.now
    levels = 1.4 * now
    spend = objective.spend(levels)
    np.testing.assert_allclose(spend.mean("week"), levels)
    assert (spend >= objective.terms.committed - 1e-9).all()

    # Weeks before the plan go on as now; after it, nothing, until all carryover has arrived.
    first = fit.panel.weeks[-1] + pd.Timedelta(weeks=1)
    weeks = pd.date_range(first, spend.week.values[-1] + np.timedelta64(7 * fit.max_lag, "D"), freq="7D")
    path = spend.copy()
    for channel in fit.panel.paid:
        committed = objective.terms.committed.sel(channel=channel).values
        own, usual = path.sel(channel=channel).values, now.sel(channel=channel).values
        extra = usual_money(planning, channel, usual, own) - usual_money(planning, channel, usual, committed)
        path.loc[{"channel": channel}] = committed + extra
    np.testing.assert_allclose(objective.terms.at_usual_prices(spend), path)
    before = weeks[weeks < spend.week.values[0]]
    lead = now.expand_dims(week=before) if len(before) else None
    parts = [part for part in (lead, path) if part is not None]
    full = xr.concat(parts, "week").reindex(week=weeks, fill_value=0.0).transpose("week", "market", "channel")
    nothing = full.where(full.week < spend.week[0], 0.0)
    expected = (fit.media_response(full) - fit.media_response(nothing)).sum("week").isel(sample=SAMPLES)
    np.testing.assert_allclose(
        objective.responses(levels), expected.transpose("sample", "market", "channel"), rtol=1e-8
    )


@pytest.mark.parametrize("name", list(ASKED))
def test_slopes_are_those_of_the_values(known_fit, name):
    objective = HorizonObjective.from_fit(asked_of(known_fit, ASKED[name]), WEEKS, SAMPLES)
    # Off the kinks of prices.
    levels = 1.37 * objective.terms.now.transpose("market", "channel").values.ravel()
    _, slopes = objective.mean_by_line(levels)
    for line, step in enumerate(1e-5 * levels):
        move = step * np.eye(levels.size)[line]
        rise = objective.mean_by_line(levels + move)[0] - objective.mean_by_line(levels - move)[0]
        assert slopes[line] == pytest.approx(rise[line] / (2 * step), rel=1e-5)


def test_what_is_committed_runs_though_less_is_planned(known_fit):
    objective = HorizonObjective.from_fit(asked_of(known_fit, ASKED["bought already"]), WEEKS, SAMPLES)
    nothing = xr.zeros_like(objective.terms.now)
    assert float(objective.spend(nothing).sum()) == 132_000.0
    values, slopes = objective.mean_by_line(np.zeros(6))
    assert np.flatnonzero(values > 0).tolist() == [2, 3]
    assert slopes[2] == 0


def test_a_price_factor_makes_the_same_money_buy_less(known_fit):
    levels = 1.2 * known_fit.panel.dataset["spend"].isel(week=slice(-WEEKS, None)).mean("week")
    dearer = HorizonObjective.from_fit(known_fit, WEEKS, SAMPLES, price_factors={"tv": 1.25})
    usual = HorizonObjective.from_fit(known_fit, WEEKS, SAMPLES)
    fewer = levels.where(levels.channel != "tv", levels / 1.25)
    np.testing.assert_allclose(dearer.responses(levels), usual.responses(fewer))
    np.testing.assert_allclose(dearer.terms.at_usual_prices(dearer.spend(levels)), usual.spend(fewer))


def test_the_status_quo_lies_evenly_whatever_the_plan_does(known_fit):
    objective = HorizonObjective.from_fit(asked_of(known_fit, ASKED["given weights"]), WEEKS, SAMPLES)
    now = objective.terms.now
    even = HorizonObjective.from_fit(asked_of(known_fit, {"flighting": {"default": "continuous"}}), WEEKS, SAMPLES)
    np.testing.assert_allclose(objective.evenly.responses(now), even.responses(now))
    np.testing.assert_allclose(objective.evenly.spend(now), np.broadcast_to(now, (WEEKS, 2, 3)))


def test_a_laydown_found_on_some_draws_is_valued_on_others():
    fit = asked_of(make_stacked(), ASKED["all together"])
    chooser = HorizonObjective.from_fit(fit, WEEKS, np.arange(0, 100, 2))
    reporter = HorizonObjective.from_fit(fit, WEEKS, np.arange(1, 100, 2), chooser=chooser)
    levels = 1.2 * chooser.terms.now
    chosen = chooser.laydowns(levels)
    np.testing.assert_allclose(chosen.weight.mean("week"), 1.0)
    assert set(chosen.name.sel(channel="tv").values) == {"given"}
    np.testing.assert_allclose(reporter.spend(levels), chooser.spend(levels))
    fixed = reporter.with_laydowns(chosen)
    np.testing.assert_allclose(fixed.responses(levels), reporter.responses(levels))
    flat = levels.transpose("market", "channel").values.ravel()
    for objective in (chooser, reporter):
        np.testing.assert_allclose(
            objective.table(0.5 * flat, 1.5 * flat, points=51).values,
            objective.draw_table(0.5 * flat, 1.5 * flat, points=51).values.mean(axis=0, dtype=float),
            rtol=2e-5,
        )


@pytest.mark.parametrize(
    ("planning", "message"),
    [
        ({"start": "2024-02-12"}, "planning.start 2024-02-12 lies within the data.* Give 2024-02-26 or a later"),
        ({"start": "2024-04-01", "commitments": COMMITMENTS[:1]}, "buys 90,000 of tv in US in the week of 2024-03-11"),
        ({"flighting": {"channels": {"tv": [1.0, 2.0]}}}, "gives tv 2 weights, but the plan has 8 weeks"),
    ],
)
def test_what_does_not_fit_the_plans_weeks_is_refused(known_fit, planning, message):
    with pytest.raises(PlanError, match=message):
        HorizonObjective.from_fit(asked_of(known_fit, planning), WEEKS, SAMPLES)
