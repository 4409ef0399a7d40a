"""The dynamic programme against every plan that there is."""

import itertools

import numpy as np
import pytest

from mmm_models.planning import PlanRequest, plan_budget
from mmm_models.planning.constraints import Row
from mmm_models.planning.errors import PlanError
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.knapsack import best_steps, value_of
from mmm_models.planning.solvers import get_solver
from mmm_models.spec import PlanningSpec
from tests.planning_problems import hill, line, problem_of, root


def by_brute_force(values, grid, *, in_full):
    """The most that any plan on the grid makes, for one table (line, point)."""
    plans = itertools.product(*(range(most + 1) for most in grid.most))
    allowed = [p for p in plans if (sum(p) == grid.money if in_full else sum(p) <= grid.money)]
    return max(sum(values[line, k] for line, k in enumerate(plan)) for plan in allowed)


@pytest.mark.parametrize("in_full", [True, False])
def test_it_finds_what_trying_every_plan_finds(in_full):
    rng = np.random.default_rng(11)
    grid = MoneyGrid.of(np.array([1.0, 0.0, 2.0, 5.0]), np.array([9.0, 6.0, np.inf, 5.0]), 20.0, 12)
    values = rng.normal(size=(40, 4, grid.points)).cumsum(axis=-1)  # neither concave nor even rising
    steps = best_steps(values, grid, in_full=in_full)
    found = value_of(values, steps)
    np.testing.assert_allclose(found, [by_brute_force(table, grid, in_full=in_full) for table in values])
    assert (steps <= grid.most).all()
    assert (steps.sum(axis=-1) == 12).all() if in_full else (steps.sum(axis=-1) <= 12).all()


def test_the_grid_keeps_the_bounds_and_spends_the_budget():
    grid = MoneyGrid.of(np.array([10.0, 0.0, 5.0]), np.array([17.0, 100.0, 5.0]), 40.0, 10)
    assert (grid.step, grid.money, grid.most.tolist()) == (2.5, 10, [2, 10, 0])
    levels = grid.levels(best_steps(np.zeros((3, grid.points)), grid))
    assert levels.sum() == pytest.approx(40.0)
    assert levels[0] <= 17.0
    assert levels[2] == 5.0


def test_without_money_above_the_lower_bounds_the_plan_is_the_lower_bounds():
    grid = MoneyGrid.of(np.array([3.0, 4.0]), np.array([9.0, 9.0]), 7.0, 50)
    np.testing.assert_allclose(grid.levels(best_steps(np.ones((2, grid.points)), grid)), [3.0, 4.0])


def test_s_shaped_channels_are_solved_where_a_climb_from_the_even_split_is_not():
    curves = [hill(100, 60, 5.0), hill(90, 60, 5.0), hill(80, 60, 5.0)]
    problem = problem_of(curves, lower=[0] * 3, upper=[100] * 3, budget=100, status_quo=[100 / 3] * 3)
    solution = get_solver("dynamic").solve(problem)
    brute = max(
        problem.value(np.array([a, b, 100 - a - b]))[0]
        for a, b in itertools.product(np.arange(0.0, 101.0), repeat=2)
        if a + b <= 100
    )
    assert solution.value >= brute * (1 - 1e-5)
    assert brute <= solution.bound <= 1.001 * brute
    assert solution.value > 1.4 * problem.value(problem.status_quo)[0]


def test_it_plans_what_the_climbing_solver_plans_where_curves_are_concave(known_fit):
    plans = [
        plan_budget(known_fit, PlanRequest(PlanningSpec(horizon_weeks=8, solver=name, scenarios=[])))
        for name in ("dynamic", "slsqp")
    ]
    assert plans[0].allocation.value == pytest.approx(plans[1].allocation.value, rel=1e-4)


def test_it_refuses_what_ties_lines_together_beside_the_budget():
    share = Row("a at most half", "planning.groups", np.array([1.0, -1.0]), np.zeros(2), high=0.0)
    problem = problem_of([line(1.0)] * 2, lower=[0, 0], upper=[9, 9], budget=10, rows=[share])
    with pytest.raises(PlanError, match="Use 'auto'"):
        get_solver("dynamic").solve(problem)


def test_room_of_roundings_size_leaves_every_line_at_its_floor():
    low = [2 * 23_771.123, 3 * 10_791.77]
    money = sum(low) * (1 + 1e-15)
    upper = [level + (money - sum(low)) for level in low]
    problem = problem_of([root(3.0), root(2.0)], lower=low, upper=upper, budget=money, in_full=False)
    assert get_solver("dynamic").solve(problem).levels == pytest.approx(low)
