"""Every limit of `planning:` in a plan whose answer is known by hand. Money a week, unless the horizon is said."""

import numpy as np
import pytest

from mmm_models.planning.constraints import Row
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers import MilpSolver, get_solver
from tests.planning_problems import hill, line, planned, root


def levels_of(problem, solver="milp"):
    return get_solver(solver).solve(problem).levels


def test_equal_concave_lines_share_the_budget_equally():
    solution = get_solver("milp").solve(planned([root(10.0)] * 3, {"budget": 90}))
    np.testing.assert_allclose(solution.levels, [30, 30, 30], atol=1e-3)
    assert solution.value == pytest.approx(30 * np.sqrt(31.0), rel=1e-8)
    assert solution.value <= solution.bound <= solution.value * 1.0001


def test_the_greatest_money_of_a_group_goes_to_its_best_line_and_the_rest_elsewhere():
    groups = [{"name": "online", "channels": ["a", "b"], "max": 30}]
    problem = planned([line(3.0), line(2.0), line(1.0)], {"budget": 100, "groups": groups})
    np.testing.assert_allclose(levels_of(problem), [30, 0, 70], atol=1e-4)


def test_the_least_money_of_a_group_is_spent_though_it_brings_less():
    groups = [{"name": "brand", "channels": ["b", "c"], "min": 40}]
    problem = planned([line(3.0), line(2.0), line(1.0)], {"budget": 100, "groups": groups})
    np.testing.assert_allclose(levels_of(problem), [60, 40, 0], atol=1e-4)


def test_money_of_groups_is_the_horizons_and_levels_are_a_weeks():
    groups = [{"name": "brand", "channels": ["b"], "min": 80}]
    problem = planned([line(3.0), line(2.0)], {"budget": 400, "groups": groups, "horizon_weeks": 4})
    np.testing.assert_allclose(levels_of(problem), [80, 20], atol=1e-4)


def test_shares_of_groups_are_of_what_is_spent():
    least = [{"name": "online", "channels": ["b"], "share_min": 0.25}]
    problem = planned([line(3.0), line(2.0)], {"budget": 80, "groups": least})
    np.testing.assert_allclose(levels_of(problem), [60, 20], atol=1e-4)
    most = [{"name": "online", "channels": ["a"], "share_max": 0.4}]
    problem = planned([line(3.0), line(2.0)], {"budget": 80, "groups": most})
    np.testing.assert_allclose(levels_of(problem), [32, 48], atol=1e-4)


def test_a_groups_least_return_ends_its_spend_where_the_mean_return_falls_to_it():
    # root(10) - 10 brings 10 (sqrt(b + 1) - 1), which is b at b = 80.
    curve = (lambda s: 10.0 * (np.sqrt(s + 1.0) - 1.0), root(10.0)[1])
    groups = [{"name": "online", "channels": ["a"], "return_min": 1.0}]
    problem = planned([curve, line(0.1)], {"budget": 150, "groups": groups}, upper=200)
    solution = get_solver("milp").solve(problem)
    np.testing.assert_allclose(solution.levels, [80, 70], rtol=1e-4)
    assert not problem.violation(solution.levels, problem.outcome(solution.levels)[0])


def test_markets_keep_their_own_budgets_and_share_the_rest():
    asked = {"budget": 120, "market_budgets": {"DE": 50}}
    problem = planned([line(1.0), line(2.0), line(4.0), line(5.0)], asked, markets=("US", "DE"), upper=60)
    np.testing.assert_allclose(levels_of(problem), [10, 60, 0, 50], atol=1e-4)


def test_a_channel_is_held_against_another_in_every_market():
    asked = {"budget": 90, "ratios": [{"channel": "a", "of": "b", "max": 0.5}]}
    np.testing.assert_allclose(levels_of(planned([line(3.0), line(1.0)], asked)), [30, 60], atol=1e-4)
    asked = {"budget": 90, "ratios": [{"channel": "b", "of": "a", "min": 2}]}
    np.testing.assert_allclose(levels_of(planned([line(3.0), line(1.0)], asked)), [30, 60], atol=1e-4)


@pytest.mark.parametrize(("slope_of_b", "expected"), [(1.0, [60, 40, 0]), (0.1, [0, 0, 100])])
def test_a_channel_runs_only_beside_the_one_that_it_needs(slope_of_b, expected):
    # Where b runs it takes 40: 60 · 3 + 40 · slope against 100 · 1.9 for c alone.
    asked = {"budget": 100, "needs": [{"channel": "a", "needs": "b"}]}
    curves = [line(3.0), line(slope_of_b), line(1.9)]
    found = levels_of(planned(curves, asked, lower=[0, 40, 0], may_rest=[False, True, False]))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_needed_channel_without_a_least_spend_gets_a_token():
    asked = {"budget": 100, "needs": [{"channel": "a", "needs": "b"}]}
    problem = planned([line(3.0), line(1.0)], asked)
    solution = get_solver("milp").solve(problem)
    np.testing.assert_allclose(solution.levels, [100, 0], atol=1e-2)
    assert solution.levels[1] > 0
    assert not problem.violation(solution.levels)


def test_what_is_not_worth_its_least_spend_rests():
    # At its least spend of 50 a brings 60, and the line beside it would bring 1.5 · 50.
    problem = planned([line(1.2), line(1.5)], {"budget": 100}, lower=[50, 0], may_rest=[True, False])
    np.testing.assert_allclose(levels_of(problem), [0, 100], atol=1e-4)
    problem = planned([line(1.8), line(1.5)], {"budget": 100}, lower=[50, 0], upper=[60, 100], may_rest=[True, False])
    np.testing.assert_allclose(levels_of(problem), [60, 40], atol=1e-4)


def test_of_s_shaped_channels_that_may_rest_few_run():
    curves = [hill(100, 60, 5.0), hill(90, 60, 5.0), hill(80, 60, 5.0)]
    groups = [{"name": "all", "channels": ["a", "b", "c"], "max": 100}]
    problem = planned(curves, {"budget": 300, "unspent": True, "groups": groups}, lower=20.0, may_rest=True)
    solution = get_solver("milp").solve(problem)
    assert ((solution.levels > 20 - 1e-9) | (solution.levels == 0)).all()
    assert (solution.levels > 0).sum() == 1


def test_lots_are_bought_whole():
    # 7 · 13 = 91 of 100; the last 9 buy no lot of 30.
    problem = planned([line(2.0), line(1.0)], {"budget": 100, "unspent": True}, lot=[13, 30])
    np.testing.assert_allclose(levels_of(problem), [91, 0], atol=1e-9)
    problem = planned([line(2.0), line(1.9)], {"budget": 100, "unspent": True}, lot=[13, 30])
    np.testing.assert_allclose(levels_of(problem), [39, 60], atol=1e-9)


def test_a_fixed_line_stays():
    problem = planned([line(2.0), line(1.0)], {"budget": 100}, lower=[0, 35], upper=[100, 35])
    np.testing.assert_allclose(levels_of(problem), [65, 35], atol=1e-6)


def test_the_whole_plans_least_return_leaves_money():
    # 20 sqrt(b + 1) returns 4 at 20 sqrt(b + 1) = 4 b: 25 (b + 1) = b².
    problem = planned([root(20.0)], {"budget": 90, "unspent": True, "objective": {"return_min": 4.0}})
    solution = get_solver("milp").solve(problem)
    assert solution.levels[0] == pytest.approx(12.5 + np.sqrt(12.5**2 + 25), rel=1e-6)


def test_the_greatest_cost_of_an_outcome_is_its_reciprocal():
    asked = [{"return_min": 4.0}, {"cost_max": 0.25}]
    plans = [levels_of(planned([root(20.0)], {"budget": 90, "unspent": True, "objective": each})) for each in asked]
    np.testing.assert_allclose(plans[0], plans[1], rtol=1e-6)


def test_a_target_is_reached_with_the_least_money():
    # Equal lines: 30 each bring 3 · 10 sqrt(31).
    target = 30 * np.sqrt(31.0)
    problem = planned([root(10.0)] * 3, {"objective": {"goal": "target", "target": target}})
    solution = get_solver("milp").solve(problem)
    np.testing.assert_allclose(solution.levels, [30, 30, 30], rtol=1e-3)
    assert solution.value == pytest.approx(-90, rel=1e-5)
    assert solution.gap < 1e-3
    assert float(problem.outcome(solution.levels)[0].sum()) >= target * (1 - 1e-6)
    # One more unit of outcome costs the reciprocal of the marginal return.
    assert solution.prices[problem.rows[-1].name] == pytest.approx(np.sqrt(31.0) / 5, rel=1e-3)


def test_a_target_of_s_shaped_lines_is_reached_by_few_of_them():
    problem = planned([hill(100, 50, 4.0)] * 3, {"objective": {"goal": "target", "target": 90.0}})
    solution = get_solver("milp").solve(problem)
    alone = 50.0 * 9**0.25  # where a single line brings 90
    assert solution.value == pytest.approx(-alone, rel=1e-5)
    assert (solution.levels > 1).sum() == 1
    assert -solution.bound <= alone


def test_profit_leaves_money_where_the_margin_ends():
    # 2 · root(10)' = 1 at sqrt(b + 1) = 10.
    asked = {"budget": 500, "objective": {"goal": "profit", "margin": 2.0}}
    groups = [{"name": "all", "max": 400}]
    for limits in ({}, {"groups": groups}):
        problem = planned([root(10.0)] * 2, asked | limits, upper=200)
        np.testing.assert_allclose(levels_of(problem, "auto"), [99, 99], rtol=1e-3)
    problem = planned([root(10.0)] * 2, asked | {"budget": None, "groups": groups}, upper=200)
    np.testing.assert_allclose(levels_of(problem), [99, 99], rtol=1e-3)
    problem = planned([root(10.0)] * 2, asked | {"budget": 100}, upper=200)
    np.testing.assert_allclose(levels_of(problem), [50, 50], rtol=1e-3)


@pytest.mark.parametrize("solver", ["milp", "auto"])
def test_the_largest_budget_whose_last_money_returns_the_target(solver):
    # root(10)' = 1 at sqrt(b + 1) = 5; a line of constant return 0.9 gets nothing.
    asked = {"objective": {"goal": "marginal_return", "target": 1.0}, "horizon_weeks": 1}
    problem = planned([root(10.0), line(0.9), root(20.0)], asked, upper=200)
    np.testing.assert_allclose(levels_of(problem, solver), [24, 0, 99], rtol=1e-3, atol=1e-3)


def test_an_upper_limit_on_outcome_is_refused():
    cap = Row("at most 5 outcome", "planning.groups", np.zeros(2), np.ones(2), high=5.0)
    problem = planned([line(2.0), line(1.0)], {"budget": 10}, rows=[cap])
    with pytest.raises(PlanError, match=r"'at most 5 outcome' .* limits outcome from above"):
        get_solver("milp").solve(problem)


def test_auto_takes_the_programme_where_more_than_a_budget_ties_lines():
    tied = planned([line(2.0), line(1.0)], {"budget": 10, "groups": [{"name": "a", "channels": ["a"], "max": 3}]})
    assert "linear programme" in get_solver("auto").solve(tied).message
    needed = {"budget": 10, "needs": [{"channel": "a", "needs": "b"}]}
    resting = planned([line(2.0), line(1.0)], needed, lower=[0, 4], may_rest=[False, True])
    assert "mixed-integer programme" in get_solver("auto").solve(resting).message
    free = planned([line(2.0), line(1.0)], {"budget": 10})
    assert "exact on steps" in get_solver("auto").solve(free).message


def test_out_of_time_there_is_still_a_plan_within_all_limits_and_a_bound():
    groups = [{"name": "pair", "channels": ["a", "b"], "share_max": 0.4}]
    curves = [hill(100.0 + 3 * i, 50.0 + i, 4.0) for i in range(20)]
    problem = planned(curves, {"budget": 700, "groups": groups}, lower=10, may_rest=True)
    whole = get_solver("milp").solve(problem)
    hurried = MilpSolver(seconds=1e-6).solve(problem)
    assert not problem.violation(hurried.levels, problem.outcome(hurried.levels)[0])
    assert hurried.value <= whole.bound
    assert hurried.bound >= whole.value
    assert np.isfinite(hurried.bound)


def test_of_two_limits_on_all_money_both_hold():
    week = Row("at most 50 in a week", "planning.week_max", np.ones(2), np.zeros(2), high=50.0)
    problem = planned([root(10.0)] * 2, {"budget": 100, "unspent": True}, rows=[week])
    np.testing.assert_allclose(levels_of(problem, "auto"), [25, 25], rtol=1e-3)


def test_auto_takes_the_programme_for_many_lines_which_steps_of_money_are_too_coarse_for():
    rng = np.random.default_rng(300)
    curves = [hill(rng.uniform(50, 150), rng.uniform(20, 80), rng.uniform(1, 4)) for _ in range(220)]
    problem = planned(curves, {"budget": 30.0 * len(curves)})
    steps, chosen = (get_solver(name).solve(problem) for name in ("dynamic", "auto"))
    assert chosen.gap < 5e-4
    assert chosen.value > 1.001 * steps.value
