"""The dynamic programme where lines may rest, money may be left, or there is no budget: against the other solver."""

import numpy as np
import pytest

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
