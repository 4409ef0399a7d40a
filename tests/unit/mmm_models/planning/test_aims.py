"""Goals in words, and gains in profit."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from mmm_models.planning import plan_budget
from mmm_models.planning.aims import in_words, profit_gain
from mmm_models.reporting import plots
from mmm_models.reporting.money import format_money
from mmm_models.reporting.summary import plan_summary
from mmm_models.spec import ModelSpec, ObjectiveSpec


@pytest.mark.parametrize(
    ("aim", "words"),
    [
        ({}, "expected revenue caused by horizon spend"),
        ({"goal": "profit", "margin": 0.4}, "expected profit: 0.4 x revenue - spend"),
        ({"goal": "target", "target": 5e6}, "smallest spend that causes 5,000,000 revenue"),
        ({"goal": "marginal_return", "target": 1.5}, "largest budget whose last money returns 1.5 revenue"),
        ({"risk": "cvar"}, "CVaR 90% of revenue caused by horizon spend, above the status quo"),
        (
            {"return_min": 2.0},
            "expected revenue caused by horizon spend; at least 2 revenue for a unit of money",
        ),
    ],
)
def test_a_goal_is_said_in_words(aim, words):
    assert in_words(ObjectiveSpec(**aim), "revenue") == words


def test_profit_is_margin_times_gain_less_what_is_spent_more():
    gain = xr.DataArray([100.0, 50.0], dims="sample")
    assert profit_gain(ObjectiveSpec(), gain, 10.0, seed=1) is None
    known = profit_gain(ObjectiveSpec(goal="profit", margin=0.4), gain, 10.0, seed=1)
    np.testing.assert_allclose(known, [30.0, 10.0])


def test_a_plan_for_profit_spends_until_the_last_money_earns_itself(known_fit):
    data = known_fit.spec.to_dict()
    aim = {"goal": "profit", "margin": 0.6}
    data["planning"] = {"horizon_weeks": 8, "objective": aim, "bounds": {"default": {"max": 400_000}}, "scenarios": []}
    plan = plan_budget(replace(known_fit, spec=ModelSpec.from_dict(data)))
    inside = (plan.lines.level > 1.0) & (plan.lines.level < 0.99 * plan.lines.upper)
    assert bool(inside.any())
    earned = 0.6 * plan.lines.mroas.mean("sample").values[inside.values]
    np.testing.assert_allclose(earned, 1.0, rtol=0.03)  # other draws report than chose
    assert plan.profit_gain.mean > 0
    extra = float(plan.spend.sum() - plan.status_quo.sum())
    assert plan.profit_gain.mean == pytest.approx(0.6 * plan.gain.mean - extra)


def test_the_chance_of_a_gain_stands_beside_the_profit_that_it_is_of(known_fit):
    data = known_fit.spec.to_dict()
    aim = {"goal": "profit", "margin": 0.3}
    data["planning"] = {"horizon_weeks": 4, "scenarios": [], "objective": aim, "budget": 1_000_000}
    plan = plan_budget(replace(known_fit, spec=ModelSpec.from_dict(data)))
    assert plan.gain.mean < 0 < plan.profit_gain.mean
    text = plan_summary(plan)
    assert next(line for line in text.splitlines() if "chance of a gain" in line).startswith("- profit above")
    assert "profit above the status quo [90 %]" in text
    title = plots.plan(plan).texts[0].get_text()
    assert "adds" in title
    assert "profit in 4 weeks" in title
    # What is spent, not what might have been.
    assert title.startswith(f"Spending {format_money(float(plan.spend.sum()))} (−")
