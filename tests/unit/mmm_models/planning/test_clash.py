"""When nothing keeps all limits: the limits that clash are named, no others, with the figures that would do."""

import itertools

import numpy as np
import pytest

from mmm_models.planning.clash import find_clash
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill, line, planned, root


def complaint(problem, solver="auto"):
    with pytest.raises(PlanError) as raised:
        get_solver(solver).solve(problem)
    return str(raised.value)


def test_a_share_that_a_lines_least_spend_leaves_no_room_for():
    groups = [
        {"name": "online", "channels": ["a", "b"], "share_min": 0.6},
        {"name": "brand", "channels": ["b"], "max": 90},
    ]
    problem = planned([line(1.0)] * 3, {"budget": 150, "groups": groups}, lower=[0, 0, 80])
    told = complaint(problem)
    assert "'group online: at least 60% of all spend' (planning.groups (online).share_min; 46.6% would do)" in told
    assert "'bounds of US/c: at least 80 a week' (planning.bounds; 60 would do)" in told
    assert "'budget: exactly 150 over 1 weeks' (planning.budget; 200 would do)" in told
    assert "brand" not in told
    assert "US/a" not in told


def test_the_figure_given_is_one_that_does():
    groups = [{"name": "online", "channels": ["a", "b"], "share_min": 0.466}]
    problem = planned([line(1.0)] * 3, {"budget": 150, "groups": groups}, lower=[0, 0, 80])
    assert get_solver("auto").solve(problem).levels[2] == pytest.approx(80, rel=1e-2)


def test_a_return_out_of_reach_tells_the_best_one():
    # All of 100 on root(10) and root(8): the best return of all the money.
    problem = planned([root(10.0), root(8.0)], {"budget": 100, "objective": {"return_min": 3}})
    best = max((10 * np.sqrt(b + 1) + 8 * np.sqrt(101 - b)) / 100 for b in np.linspace(0, 100, 10_001))
    told = complaint(problem)
    assert f"(planning.objective.return_min; {np.floor(best * 1000) / 1000:.4g} would do)" in told
    assert "'budget: exactly 100 over 1 weeks' (planning.budget;" in told
    assert "bounds" not in told


def test_a_cost_out_of_reach_tells_the_lowest_one():
    problem = planned([line(2.0), line(4.0)], {"budget": 100, "objective": {"cost_max": 0.1}}, upper=50)
    assert "(planning.objective.cost_max; 0.3334 would do)" in complaint(problem)


def test_a_target_out_of_reach_tells_how_far_the_limits_let_the_plan_come():
    asked = {"budget": 90, "objective": {"goal": "target", "target": 500}}
    told = complaint(planned([root(10.0)] * 3, asked))
    # The money alone stands in the way: 30 · sqrt(31) is 167.03.
    assert "'at least 500 outcome' (planning.objective.target; 167 would do)" in told
    assert "'budget: at most 90 over 1 weeks' (planning.budget; 830.3 would end this clash)" in told
    assert "bounds" not in told


def test_markets_that_ask_for_more_than_there_is():
    asked = {"budget": 100, "market_budgets": {"US": 60, "DE": 70}}
    told = complaint(planned([line(1.0)] * 4, asked, markets=("US", "DE")))
    assert "'budget: exactly 100 over 1 weeks' (planning.budget; 130 would do)" in told
    assert "'budget of US: exactly 60' (planning.market_budgets.US; 30 would do)" in told
    assert "'budget of DE: exactly 70' (planning.market_budgets.DE; 40 would do)" in told
    assert "bounds" not in told


def test_bounds_without_a_whole_lot():
    told = complaint(planned([line(1.0)] * 2, {"budget": 100}, lower=[60, 0], upper=[70, 100], lot=[25, 0]))
    assert "'bounds of US/a: at least 60 a week' (planning.bounds; 50 would do)" in told
    assert "'bounds of US/a: at most 70 a week' (planning.bounds; 75 would do)" in told
    assert "'bounds of US/a: whole lots of 25 a week'" in told
    assert "budget" not in told


def test_a_need_that_cannot_be_met():
    groups = [{"name": "dark", "channels": ["b"], "max": 0}, {"name": "shown", "channels": ["a"], "min": 10}]
    asked = {"budget": 100, "groups": groups, "needs": [{"channel": "a", "needs": "b"}]}
    told = complaint(planned([line(1.0)] * 3, asked))
    assert "'US/a only where US/b spends' (planning.needs)" in told
    assert "'group dark: at most 0' (planning.groups (dark).max; any above 0 would do)" in told
    assert "'group shown: at least 10' (planning.groups (shown).min; 0 would do)" in told
    assert "budget" not in told


def test_money_that_no_set_of_running_lines_can_spend():
    # Lines run from 40 up, or rest: 30 cannot be spent in full. `dynamic` solves it, and knows no plan either.
    problem = planned([line(1.0), line(2.0)], {"budget": 30}, lower=40, may_rest=True)
    for solver in ("auto", "milp"):
        told = complaint(problem, solver)
        assert "'budget: exactly 30 over 1 weeks' (planning.budget; 40 would do)" in told
        assert "at least 40 a week where it runs" in told


def test_a_clash_is_irreducible():
    groups = [
        {"name": "a", "channels": ["a"], "share_min": 0.5},
        {"name": "b", "channels": ["b"], "share_min": 0.4},
        {"name": "c", "channels": ["c"], "share_min": 0.3},
        {"name": "ab", "channels": ["a", "b"], "max": 90},
    ]
    asked = {"budget": 100, "groups": groups}
    found = find_clash(planned([hill(100, 50, 2.0)] * 3, asked))
    assert len(found) >= 2
    # Without any one of the shares there is a plan again.
    for left in itertools.combinations(groups[:3], 2):
        assert not find_clash(planned([hill(100, 50, 2.0)] * 3, asked | {"groups": list(left)}))


def test_a_problem_with_a_plan_has_no_clash():
    assert find_clash(planned([line(1.0)] * 2, {"budget": 100})) == ()


def test_a_clash_among_many_lines_is_told_channel_by_channel():
    markets = [f"m{i}" for i in range(40)]
    asked = {"budget": 1000, "groups": [{"name": "b", "channels": ["b"], "min": 900}]}
    problem = planned([root(3.0)] * 80, asked, markets=markets, lower=[5, 0] * 40, upper=50)
    told = complaint(problem)
    assert "the least spend of a, 40 markets (planning.bounds)" in told
    assert "'group b: at least 900' (planning.groups (b).min; 800 would do)" in told
