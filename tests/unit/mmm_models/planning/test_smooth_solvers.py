"""Named smooth solvers: the exact optimum where curves are concave, all rows kept, bounds that hold."""

import numpy as np
import pytest

from mmm_models.planning.constraints import Row
from mmm_models.planning.errors import PlanError
from mmm_models.planning.risk import Cvar, Mean
from mmm_models.planning.solvers import get_solver
from mmm_models.planning.solvers.polish import climb
from tests.planning_problems import hill, line, planned, problem_of, root
from tests.unit.mmm_models.planning.test_risk_solver import s_shaped_problem

SMOOTH = ["slsqp", "trust_constr", "lbfgsb"]
CURVES = [root(30.0), root(20.0), hill(60, 40, 1.0), hill(150, 90, 1.0)]
GROUP = Row("a and d at most 60", "planning.groups", np.array([1.0, 0, 0, 1.0]), np.zeros(4), high=60.0)
SHARE = Row("b at least a fifth", "planning.groups", np.array([-0.2, 0.8, -0.2, -0.2]), np.zeros(4), low=0.0)
RETURN = Row("return", "planning.objective.return_min", np.full(4, -3.6), np.ones(4), low=0.0)


def test_budgets_of_all_markets_beside_the_whole_one_do_not_stop_a_climb():
    asked = {"budget": 100, "market_budgets": {"US": 60, "DE": 40}}
    problem = planned([root(10.0), root(20.0), root(10.0), root(8.0)], asked, markets=("US", "DE"))
    end = climb(problem, np.array([30.0, 30.0, 20.0, 20.0]))
    # (b + 1) in the ratio of the squared scales within each market.
    wanted = [62 * 100 / 500 - 1, 62 * 400 / 500 - 1, 42 * 100 / 164 - 1, 42 * 64 / 164 - 1]
    np.testing.assert_allclose(end, wanted, rtol=1e-3)


def concave(**others):
    return problem_of(CURVES, lower=[0, 0, 5, 0], upper=[90, 80, 70, 100], budget=120, **others)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("rows", [[], [GROUP], [GROUP, SHARE]], ids=len)
def test_concave_problems_have_the_exact_solvers_optimum(name, rows):
    problem = concave(rows=rows)
    exact, found = get_solver("auto").solve(problem), get_solver(name).solve(problem)
    assert found.value == pytest.approx(exact.value, rel=1e-4)
    assert not problem.violation(found.levels, problem.outcome(found.levels)[0])
    assert exact.value * (1 - 1e-9) <= found.bound <= 1.001 * found.value
    assert found.value == pytest.approx(problem.value(found.levels)[0])


@pytest.mark.parametrize("name", SMOOTH)
def test_a_least_return_binds(name):
    problem = concave(rows=[RETURN], in_full=False)
    exact, found = get_solver("auto").solve(problem), get_solver(name).solve(problem)
    outcome = problem.outcome(found.levels)[0]
    assert not problem.violation(found.levels, outcome)
    assert outcome.sum() == pytest.approx(3.6 * found.levels.sum(), rel=1e-4)
    assert found.value == pytest.approx(exact.value, rel=1e-3)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_smallest_budget_for_an_outcome(name):
    target = Row("target", "planning.objective.target", np.zeros(4), np.ones(4), low=200.0)
    problem = problem_of(CURVES, lower=[0] * 4, upper=[100] * 4, budget=None, rows=[target], worth=0.0, cost=1.0)
    exact, found = get_solver("auto").solve(problem), get_solver(name).solve(problem)
    assert not problem.violation(found.levels, problem.outcome(found.levels)[0])
    assert -found.value == pytest.approx(-exact.value, rel=1e-3)
    assert found.bound >= exact.value * (1 + 1e-9)


@pytest.mark.parametrize("name", SMOOTH)
def test_profit_leaves_the_same_money(name):
    problem = concave(in_full=False, worth=0.4, cost=1.0)
    exact, found = get_solver("dynamic").solve(problem), get_solver(name).solve(problem)
    assert found.levels.sum() == pytest.approx(exact.levels.sum(), rel=1e-2)
    assert found.levels.sum() < 100
    assert found.value == pytest.approx(exact.value, rel=1e-4)


@pytest.mark.parametrize("name", SMOOTH)
def test_what_rests_and_comes_in_lots_is_taken_from_the_exact_plan(name):
    problem = concave(may_rest=np.array([False, False, True, True]), lot=np.array([0, 25.0, 0, 0]))
    exact, found = get_solver("auto").solve(problem), get_solver(name).solve(problem)
    assert "exact plan" in found.message
    assert not problem.violation(found.levels)
    assert found.value == pytest.approx(exact.value, rel=1e-4)


@pytest.mark.parametrize("name", SMOOTH)
def test_they_climb_measures_of_risk_too(name):
    problem = s_shaped_problem(2, Cvar(0.8))
    exact, found = get_solver("risk").solve(problem), get_solver(name).solve(problem)
    assert problem.utility(problem.status_quo)[0] < found.value <= found.bound
    assert found.value <= exact.bound
    assert not problem.violation(found.levels)


@pytest.mark.parametrize("name", SMOOTH)
def test_limits_that_clash_are_refused(name):
    least = Row("at least 150", "planning.groups", np.ones(4), np.zeros(4), low=150.0)
    with pytest.raises(PlanError, match="at least 150"):
        get_solver(name).solve(concave(rows=[least]))


@pytest.mark.parametrize("name", SMOOTH)
def test_corners_are_reached(name):
    problem = problem_of([line(3.0), line(2.0), line(1.0)], lower=[0, 0, 10], upper=[40, 100, 100], budget=100)
    np.testing.assert_allclose(get_solver(name).solve(problem).levels, [40, 50, 10], atol=0.01)


def test_a_least_cvar_is_kept_or_named():
    problem = s_shaped_problem(2, Mean(), cvar_min=(0.9, 1.0))
    found = get_solver("slsqp").solve(problem)
    assert Cvar(0.9)(problem.utility.gains.exactly(found.levels))[0] >= 1.0 - 1e-2
    assert found.value <= found.bound
    with pytest.raises(PlanError, match="CVaR"):
        get_solver("slsqp").solve(s_shaped_problem(2, Mean(), cvar_min=(0.9, 900.0)))
