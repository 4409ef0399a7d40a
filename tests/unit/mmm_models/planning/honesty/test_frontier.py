"""What other budgets bring, against closed forms and against plans that are made for them."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import plan_budget
from mmm_models.planning.honesty.frontier import levels_by_money
from mmm_models.planning.risk import Cvar
from mmm_models.spec import ModelSpec
from tests.planning_problems import problem_of, root


def plan_of(fit, **planning):
    data = fit.spec.to_dict()
    data["planning"] = {"horizon_weeks": 8, **planning}
    return plan_budget(replace(fit, spec=ModelSpec.from_dict(data)))


def free(**more):
    return {"bounds": {"default": {"max_change": 4}}, "scenarios": [], **more}


@pytest.fixture(scope="module")
def plan(known_fit):
    return plan_of(known_fit, **free(scenarios=[{"name": "more", "budget_change": 0.2}]))


def test_one_run_of_the_knapsack_knows_the_best_plan_of_every_budget():
    problem = problem_of([root(3.0), root(4.0)], lower=[0, 0], upper=[150, 150], budget=150.0)
    nothing = np.zeros(2)
    found = levels_by_money(problem.table, nothing, problem.upper, nothing, [48.0, 98.0, 148.0])
    for money, levels in found.items():
        assert levels.sum() == pytest.approx(money, abs=0.3)
        np.testing.assert_allclose(levels, np.array([9, 16]) / 25 * (money + 2) - 1, atol=0.5)


def test_a_line_that_may_rest_rests_where_money_is_short():
    problem = problem_of([root(3.0), root(1.0)], lower=[0, 0], upper=[40, 40], budget=60.0)
    found = levels_by_money(problem.table, np.zeros(2), problem.upper, np.array([0.0, 30.0]), [20.0, 60.0])
    np.testing.assert_allclose(found[20.0], [20, 0], atol=0.1)
    np.testing.assert_allclose(found[60.0], [30, 30], atol=0.1)


def test_it_runs_through_the_plan(plan):
    own = plan.honesty.frontier.isel(budget=plan.honesty.frontier.is_plan.values)
    assert own.budget.item() == pytest.approx(plan.budget)
    assert own.value_mean.item() == pytest.approx(plan.value.mean, rel=1e-5)
    assert own.gain_p05.item() == pytest.approx(plan.gain.p05, rel=1e-3)
    assert own.gain_cvar.item() == pytest.approx(Cvar(0.9)(plan.gain_draws.values)[0], rel=1e-3)
    np.testing.assert_allclose(own.levels.values[0], plan.lines.level.values)


def test_every_budget_is_spent_and_more_money_brings_more_at_a_falling_rate(plan):
    frontier = plan.honesty.frontier
    np.testing.assert_allclose(frontier.budget / plan.budget, np.linspace(0.5, 1.5, 21), atol=0.005)
    np.testing.assert_allclose(frontier.levels.sum(("market", "channel")) * 8, frontier.budget)
    assert (np.diff(frontier.value_mean) > 0).all()
    assert (np.diff(frontier.marginal_return) < 0.02 * float(frontier.marginal_return.mean())).all()
    assert (frontier.gain_cvar <= frontier.gain_p05).all()


def test_a_scenario_of_more_money_lies_on_it(plan):
    more = next(scenario for scenario in plan.scenarios if scenario.name == "more")
    near = float(plan.honesty.frontier.value_mean.interp(budget=more.spend))
    assert near == pytest.approx(more.value.mean, rel=5e-4)


def test_its_slope_at_the_plan_is_what_money_earns(plan):
    own = plan.honesty.frontier.isel(budget=plan.honesty.frontier.is_plan.values)
    assert own.marginal_return.item() == pytest.approx(plan.honesty.shadow_price.mean, rel=0.03)


def test_budgets_that_the_bounds_cannot_take_are_left_out(known_fit):
    frontier = plan_of(known_fit, bounds={"default": {"min_change": -0.2, "max_change": 0.2}}).honesty.frontier
    plan = frontier.budget.values[frontier.is_plan.values].item()
    assert frontier.budget.min() >= 0.8 * plan * (1 - 1e-6)
    assert frontier.budget.max() <= 1.2 * plan * (1 + 1e-6)
    assert frontier.sizes["budget"] >= 7


def test_a_goal_of_profit_sees_what_each_budget_would_bring(known_fit):
    plan = plan_of(known_fit, **free(objective={"goal": "profit", "margin": 0.8}))
    frontier = plan.honesty.frontier
    np.testing.assert_allclose(frontier.levels.sum(("market", "channel")) * 8, frontier.budget)
    profit = 0.8 * frontier.value_mean - frontier.budget
    best = float(profit.budget[int(profit.argmax())])
    spent = float(plan.lines.level.sum()) * 8
    assert best == pytest.approx(spent, rel=0.11)


def test_budgets_that_a_limit_on_all_money_does_not_allow_are_left_out(known_fit):
    most = 1_300_000
    everything = [{"name": "everything", "max": most}]
    frontier = plan_of(known_fit, **free(groups=everything)).honesty.frontier
    assert frontier.sizes["budget"] >= 4
    assert frontier.budget.max() <= most * (1 + 1e-6)
