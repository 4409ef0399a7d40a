"""The dynamic programme where lines may rest, money may be left, or there is no budget: against the other solver."""

import numpy as np
import pytest

from mmm_models.planning.certificate import allowed_table
from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill, line, planned, root

ASKED = (
    {"budget": 150},
    {"budget": 150, "objective": {"goal": "profit", "margin": 1.2}},
    {"objective": {"goal": "profit", "margin": 1.2}},
    {"objective": {"goal": "marginal_return", "target": 0.8}},
)


@pytest.mark.parametrize("seed", range(12))
def test_both_exact_solvers_find_the_same_plan(seed):
    rng = np.random.default_rng(seed)
    lines = int(rng.integers(2, 7))
    curves = [hill(rng.uniform(50, 150), rng.uniform(20, 80), rng.uniform(0.7, 4)) for _ in range(lines)]
    lower = np.where(rng.random(lines) < 0.5, 0.0, rng.uniform(5, 60, lines))
    problem = planned(curves, ASKED[seed % 4], lower=lower, may_rest=True)
    dynamic, milp = (get_solver(name).solve(problem) for name in ("dynamic", "milp"))
    assert dynamic.value == pytest.approx(milp.value, rel=2e-5)
    assert dynamic.bound >= milp.value * (1 - 1e-9)
    assert dynamic.gap < 2e-3
    assert not problem.violation(dynamic.levels, problem.outcome(dynamic.levels)[0])


def test_money_is_left_where_profit_ends_and_spent_in_full_where_it_must_be():
    # 2 · root(10)' = 1 at sqrt(b + 1) = 10.
    asked = {"budget": 300, "objective": {"goal": "profit", "margin": 2.0}}
    problem = planned([root(10.0)] * 2, asked, upper=200)
    np.testing.assert_allclose(get_solver("dynamic").solve(problem).levels, [99, 99], rtol=1e-4)
    problem = planned([root(10.0)] * 2, asked | {"unspent": False}, upper=200)
    np.testing.assert_allclose(get_solver("dynamic").solve(problem).levels, [150, 150], rtol=1e-4)


def test_a_single_line_without_a_budget_ends_at_its_own_best():
    problem = planned([root(10.0), line(0.1)], {"objective": {"goal": "profit", "margin": 2.0}}, upper=200)
    np.testing.assert_allclose(get_solver("dynamic").solve(problem).levels, [99, 0], rtol=1e-5, atol=1e-6)


def test_lines_that_run_at_one_level_only_are_hit_between_the_steps():
    # 40.05 each, or nothing: no whole number of steps of 80.1 / 600.
    problem = planned([line(2.0), line(1.0)], {"budget": 40.05}, lower=40.05, upper=40.05, may_rest=True)
    np.testing.assert_allclose(get_solver("dynamic").solve(problem).levels, [40.05, 0], rtol=1e-6)


def test_a_least_sum_of_all_lines_is_no_budget_to_be_spent():
    # Alone, each line's profit ends where its slope is 1: at sqrt(b + 1) = 5 and 10.
    asked = {"objective": {"goal": "profit"}, "groups": [{"name": "all", "min": 50}]}
    problem = planned([root(10.0), root(20.0)], asked, upper=400)
    found = get_solver("auto").solve(problem)
    assert problem.budget is None
    np.testing.assert_allclose(found.levels, [24, 99], rtol=1e-3)
    assert found.value - 1e-9 <= found.bound <= found.value * (1 + 1e-4)


@pytest.mark.parametrize("unit", [1.0, 1e6])
def test_prices_reach_over_the_gap_between_rest_and_the_least_spend(unit):
    # From rest to 50 a line earns more for each unit of money than anywhere above.
    curves = [root(scale * unit) for scale in (10.0, 11.0, 9.0)]
    problem = planned(curves, {"budget": 75, "unspent": True}, lower=50, may_rest=True)
    dual = lagrangian_bound(allowed_table(problem), 75.0, in_full=False)
    # Money of the hulls: all of the second line to 50, half of the first; 49.5 is the last point before.
    price = 10 * (np.sqrt(50.5) - 1) / 49.5 * unit
    assert float(dual.price) == pytest.approx(price, rel=1e-3)
    ends = [unit * (scale * np.sqrt(50.5) - price / unit * 49.5) for scale in (10.0, 11.0)]
    assert float(dual.bound) == pytest.approx(75 * price + sum(ends) + 9 * unit, rel=1e-3)
