"""Every kind of plan is told about, and what is told of it holds together."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import plan_budget
from mmm_models.planning.honesty.indifference import mean_objective
from mmm_models.spec import ModelSpec

OPEN = {"default": {"max_change": 1.0, "min_change": -0.9}}
ASKED = {
    "a group": {"groups": [{"name": "online", "channels": ["search", "paid_social"], "share_max": 0.52}]},
    "a ratio": {"ratios": [{"channel": "paid_social", "of": "search", "max": 0.5}]},
    "markets": {"market_budgets": {"DE": 250_000}},
    "both markets": {"market_budgets": {"DE": 300_000, "US": 900_000}},
    "rests and needs": {
        "bounds": {"default": {"may_rest": True, "min_change": -0.3, "max_change": 1.0}},
        "needs": [{"channel": "paid_social", "needs": "search"}],
    },
    "lots": {"bounds": {"default": {"max_change": 1.0}, "channels": {"tv": {"lot": 5_000, "max_change": 1.0}}}},
    "profit": {"objective": {"goal": "profit", "margin": 0.5}},
    "a last return": {"objective": {"goal": "marginal_return", "target": 1.2}},
    "a target": {"objective": {"goal": "target", "target": 2_500_000}},
    "a least return": {"objective": {"return_min": 1.5}, "unspent": True},
    "risk": {"objective": {"risk": "entropic"}},
    "weeks": {"week_max": 200_000, "start": "2024-03-18"},
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_told_of_a_plan_holds_together(known_fit, name):
    data = known_fit.spec.to_dict()
    data["planning"] = {"horizon_weeks": 8, "scenarios": [], "bounds": OPEN} | ASKED[name]
    plan = plan_budget(replace(known_fit, spec=ModelSpec.from_dict(data)))
    honesty, problem = plan.honesty, plan.allocation.problem
    levels = plan.lines.level.transpose("market", "channel").values.ravel()

    near = honesty.indifference
    assert (near.lowest <= levels).all()
    assert (near.highest >= levels).all()
    assert not problem.violation(near.least_change, problem.outcome(near.least_change)[0])
    best = mean_objective(problem, levels)
    assert near.least_change_value >= best - 0.01 * abs(best) * (1 + 1e-6)
    now = problem.status_quo
    assert np.abs(near.least_change - now).sum() <= np.abs(levels - now).sum() * (1 + 1e-9)
    assert 0 <= near.elsewhere_share <= 1

    assert honesty.curse.estimate >= -1e-6 * plan.value.mean
    assert (honesty.expected_regret is None) == (name == "a target")
    assert honesty.shadow_price is None or name != "a target"
    assert 0 <= honesty.support.share <= 1
    names = [limit.constraint for limit in honesty.constraints]
    assert len(set(names)) == len(names)
    assert {limit.shadow_price for limit in honesty.constraints if not limit.binds} <= {0.0}
    own = honesty.frontier.isel(budget=honesty.frontier.is_plan.values)
    assert own.value_mean.item() == pytest.approx(plan.value.mean, rel=2e-3)
    assert own.gain_mean.item() == pytest.approx(plan.gain.mean, abs=2e-3 * plan.value.mean)


def test_a_goal_of_a_last_return_ends_where_money_returns_that(known_fit):
    data = known_fit.spec.to_dict()
    data["planning"] = {"horizon_weeks": 8, "scenarios": [], "bounds": OPEN} | ASKED["a last return"]
    plan = plan_budget(replace(known_fit, spec=ModelSpec.from_dict(data)))
    # The objective is outcome less 1.2 times money: at the plan more money adds nothing to it, draws apart.
    assert plan.honesty.shadow_price.mean == pytest.approx(0, abs=0.05)
