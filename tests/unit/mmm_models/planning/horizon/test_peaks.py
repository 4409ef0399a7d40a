"""Weekly maxima: of a line, which its laydown must keep, and of all lines together."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from mmm_models.planning import PlanError, plan_budget
from mmm_models.planning.allocation import allocate
from mmm_models.planning.horizon import Terms
from mmm_models.planning.horizon.peaks import staggered, week_rows
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.spec import ModelSpec
from tests.wide_fit import make_wide_fit

FREE = {"min_change": -0.9, "max_change": 3.0}


def planned(fit, **planning):
    data = fit.spec.to_dict()
    data["planning"] = {"horizon_weeks": 13, "scenarios": [], "bounds": {"default": FREE}, **planning}
    return replace(fit, spec=ModelSpec.from_dict(data))


@pytest.fixture(scope="module")
def fit():
    return make_wide_fit(4, draws=80)


@pytest.fixture(scope="module")
def now(fit):
    return Terms.of(planned(fit), 13).now


def test_a_pulsed_line_keeps_its_weekly_maximum_in_the_gentlest_pulses_that_it_needs(fit, now):
    cap = 1.8 * float(now.sel(channel="c3").squeeze())
    bounds = {"default": FREE, "channels": {"c3": {**FREE, "week_max": cap}}}
    asked = planned(fit, bounds=bounds, flighting={"channels": {"c3": "pulsed"}})
    limits, _ = bounds_and_budget(asked)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    most = limits.upper.sel(channel="c3")
    # The gentlest pulses of all are one burst of 12 weeks.
    assert float(most.squeeze()) == pytest.approx(cap * 12 / 13)
    for share in (0.05, 0.3, 0.7, 1.0):
        levels = xr.where(limits.upper.channel == "c3", share * most, 0.0).transpose("market", "channel")
        assert float(objective.spend(levels).max()) <= cap * (1 + 1e-9)
    plan = plan_budget(asked)
    assert float(plan.spend.sel(channel="c3").max()) <= cap * (1 + 1e-6)
    assert float(plan.lines.upper.sel(channel="c3").squeeze()) == pytest.approx(cap * 12 / 13)


def test_a_line_that_must_spend_more_than_its_weekly_maximum_lets_it_is_refused(fit, now):
    level = float(now.sel(channel="c0").squeeze())
    bounds = {"default": FREE, "channels": {"c0": {"min": level, "week_max": 0.9 * level}}}
    with pytest.raises(PlanError, match=r"M0/c0 may spend .* in any one week.* Raise week_max, or lower min"):
        plan_budget(planned(fit, bounds=bounds))


def test_rows_of_weeks_are_what_the_weeks_spend(fit, now):
    start = {
        "start": "2025-01-06",
        "commitments": [{"channel": "c1", "market": "M0", "week_start": "2025-02-03", "spend": 5e4}],
    }
    asked = planned(fit, flighting={"channels": {"c0": [3.0, *[1.0] * 12]}, "default": "continuous"}, **start)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    laydowns, levels = objective.laydowns(now), 1.1 * now
    rows = week_rows(objective.terms, laydowns, 1e6)
    by_week = objective.spend(levels).sum(("market", "channel")).values
    flat = levels.values.ravel()
    slack = {round(float(row.high - row.value(flat, 0 * flat)), 4) for row in rows}
    # The heavy first week; of the others, all laid alike, the one with the commitment has the least left.
    assert slack == {round(float(1e6 - by_week[week]), 4) for week in (0, 4)}
    assert len(rows) == 2
    assert "at most 1,000,000 in the week of 2025-01-06" in [row.name for row in rows]


def test_pulses_get_out_of_each_others_way(fit, now):
    asked = planned(fit, flighting={"default": "pulsed"})
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    levels = 0.3 * now
    before = objective.laydowns(levels)
    after = staggered(before, levels, objective.terms)
    greatest = [float(objective.terms.spend(levels, laid.weight).sum("channel").max()) for laid in (before, after)]
    assert greatest[1] < 0.7 * greatest[0]
    np.testing.assert_allclose(after.weight.sum("week"), before.weight.sum("week"))
    repeated = [objective.with_laydowns(laid).repeated_responses(levels) for laid in (before, after)]
    np.testing.assert_allclose(repeated[0], repeated[1])


def test_no_week_of_a_plan_exceeds_the_maximum_of_all_lines(fit, now):
    most = 1.3 * float(now.sum())
    asked = planned(fit, week_max=most, flighting={"channels": {"c3": "pulsed"}})
    bounds, budget = bounds_and_budget(asked)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    free = allocate(objective, bounds, budget, planned(fit).spec.planning)
    made = allocate(objective, bounds, budget, asked.spec.planning)
    weeks = objective.with_laydowns(made.laydowns).spend(made.levels).sum("channel")
    assert float(objective.spend(free.levels).sum("channel").max()) > most
    assert float(weeks.max()) <= most * (1 + 1e-6)
    assert float(weeks.sum()) == pytest.approx(budget)
    assert 0.9 * free.value < made.value <= made.bound * (1 + 1e-9)
    assert made.laydowns.name.sel(channel="c3").item() != "continuous"


def test_the_bound_holds_for_pulses_that_were_moved_apart_too(fit, now):
    asked = planned(fit, week_max=1.4 * float(now.sum()), flighting={"default": "pulsed"})
    bounds, budget = bounds_and_budget(asked)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    made = allocate(objective, bounds, budget, asked.spec.planning)
    # They begin in other weeks than those that the objective chooses among.
    assert not made.laydowns.weight.equals(objective.laydowns(made.levels).weight)
    assert made.value <= made.bound


def test_without_a_budget_the_weekly_maximum_limits_all_money_and_so_the_bound(fit, now):
    most = 0.8 * float(now.sum())
    evenly = {"default": "continuous"}
    asked = planned(fit, week_max=most, objective={"goal": "profit", "margin": 50.0}, flighting=evenly)
    bounds, budget = bounds_and_budget(asked)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    made = allocate(objective, bounds, budget, asked.spec.planning)
    assert budget is None
    assert float(made.levels.sum()) == pytest.approx(most, rel=1e-6)
    assert made.gap < 1e-3


def test_a_weekly_maximum_that_leaves_no_plan_is_refused(fit, now):
    # A pulsed line leaves its weeks off unused, and the others cannot make up for it.
    asked = planned(fit, week_max=float(now.sum()), flighting={"default": "pulsed"})
    bounds, budget = bounds_and_budget(asked)
    objective = HorizonObjective.from_fit(asked, 13, np.arange(40))
    with pytest.raises(PlanError, match="in the week of"):
        allocate(objective, bounds, budget, asked.spec.planning)
