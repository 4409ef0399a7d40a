"""Solvers on problems whose answer is known by hand or by brute force."""

import itertools

import numpy as np
import pytest

from mmm_models.planning.dual import ValueTable, lagrangian_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill, line, problem_of, root


def solve(problem):
    return get_solver("slsqp").solve(problem)


def test_two_identical_concave_channels_split_the_budget_equally():
    f, g = root(10.0)
    solution = solve(problem_of([(f, g)] * 2, lower=[0, 0], upper=[100, 100], budget=100, status_quo=[90, 10]))
    np.testing.assert_allclose(solution.levels, [50, 50], atol=0.1)
    assert solution.bound == pytest.approx(solution.value, rel=1e-4)


def test_linear_channels_fill_the_best_one_up_to_its_bound_first():
    (f1, g1), (f2, g2), (f3, g3) = line(3.0), line(2.0), line(1.0)
    solution = solve(problem_of([(f1, g1), (f2, g2), (f3, g3)], lower=[0, 0, 10], upper=[40, 100, 100], budget=100))
    np.testing.assert_allclose(solution.levels, [40, 50, 10], atol=1e-6)
    assert solution.value == pytest.approx(3 * 40 + 2 * 50 + 10)


def test_a_line_with_equal_bounds_does_not_move():
    f, g = root(10.0)
    best, best_slope = root(1000.0)
    problem = problem_of([(best, best_slope), (f, g), (f, g)], lower=[20, 0, 0], upper=[20, 100, 100], budget=100)
    np.testing.assert_allclose(solve(problem).levels, [20, 40, 40], atol=0.1)


def test_levels_spend_the_budget_and_stay_inside_their_bounds():
    f, g = root(10.0)
    h, k = root(30.0)
    problem = problem_of([(f, g), (h, k)], lower=[30, 0], upper=[80, 60], budget=100)
    levels = solve(problem).levels
    assert levels.sum() == pytest.approx(100)
    assert np.all(levels >= problem.lower)
    assert np.all(levels <= problem.upper)


def test_s_shaped_channels_match_brute_force_within_a_thousandth():
    functions, slopes = zip(hill(100, 40, 3.0), hill(80, 25, 2.5), hill(60, 70, 2.0), strict=True)
    problem = problem_of(list(zip(functions, slopes, strict=True)), lower=[0, 0, 0], upper=[100, 100, 100], budget=100)
    grid = np.arange(0, 101)
    brute = max(
        functions[0](float(a)) + functions[1](float(b)) + functions[2](float(100 - a - b))
        for a, b in itertools.product(grid, grid)
        if a + b <= 100
    )
    solution = solve(problem)
    assert solution.value >= brute * (1 - 1e-3)
    assert solution.bound >= brute


def test_the_result_is_never_below_the_status_quo():
    f, g = hill(100, 60, 6.0)
    problem = problem_of([(f, g)] * 2, lower=[0, 0], upper=[100, 100], budget=100, status_quo=[100, 0])
    assert solve(problem).value >= problem.value(problem.status_quo)[0]


def test_the_dual_bound_of_draws_solves_each_draw_on_its_own():
    levels = np.broadcast_to(np.linspace(0, 10, 41), (2, 2, 41))
    gains = np.array([[3.0, 1.0], [1.0, 2.0]])[..., None]
    table = ValueTable(levels=levels, values=gains * levels, slopes=gains * np.ones_like(levels))
    np.testing.assert_allclose(lagrangian_bound(table, budget=10.0).bound, [30.0, 20.0], rtol=1e-6)


def test_the_dual_price_is_the_marginal_return_of_the_budget():
    f, g = root(10.0)
    problem = problem_of([(f, g)] * 2, lower=[0, 0], upper=[100, 100], budget=100)
    assert lagrangian_bound(problem.table, 100.0).price == pytest.approx(g(50.0), rel=0.02)


def test_a_problem_without_a_free_line_returns_the_only_plan():
    f, g = root(1.0)
    solution = solve(problem_of([(f, g)] * 2, lower=[5, 5], upper=[5, 5], budget=10))
    np.testing.assert_allclose(solution.levels, [5, 5])


def test_an_unknown_solver_names_the_known_ones():
    with pytest.raises(PlanError, match=r"'genetic'.*slsqp"):
        get_solver("genetic")
