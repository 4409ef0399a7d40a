"""What binds and what money is worth, against closed forms of concave roots."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import plan_budget
from mmm_models.planning.constraints import Row
from mmm_models.planning.honesty.binding import binding_constraints
from mmm_models.planning.honesty.prices import money_direction, prices_at
from mmm_models.spec import ModelSpec, PlanningSpec
from tests.planning_problems import problem_of, root

# scale · sqrt(s + 1) at one price: (s + 1) goes with scale², here 9 : 16, and 98 + 2 = 36 + 64.
SCALES, BEST = (3.0, 4.0), np.array([35.0, 63.0])


def two_roots(**changed):
    wanted = {"lower": [0, 0], "upper": [98, 98], "budget": 98.0} | changed
    return problem_of([root(scale) for scale in SCALES], **wanted)


def test_the_price_of_the_budget_is_the_slope_of_every_free_line():
    prices = prices_at(two_roots(), BEST)
    assert prices.free.all()
    assert prices.rows == pytest.approx([0.25])
    assert prices.bounds == pytest.approx([0, 0], abs=1e-6)


def test_a_bound_is_worth_the_slope_above_the_price():
    problem, levels = two_roots(upper=[98, 30]), np.array([68.0, 30.0])
    prices = prices_at(problem, levels)
    money, own = 1.5 / np.sqrt(69), 2.0 / np.sqrt(31)
    assert prices.rows == pytest.approx([money])
    assert prices.bounds == pytest.approx([0, own - money], rel=1e-6)
    found = binding_constraints(problem, levels, prices, PlanningSpec(horizon_weeks=10))
    assert [(row.kind, row.key, row.binds) for row in found] == [
        ("budget", "planning.budget", True),
        ("most", "planning.bounds.default", True),
    ]
    # Shadow prices are for a unit of money over the horizon, of which a week's level has ten.
    assert [row.shadow_price for row in found] == pytest.approx([money / 10, (own - money) / 10])
    assert (found[0].limit, found[1].limit) == (980.0, 30.0)


def test_a_least_spend_costs_what_the_line_falls_short_of_the_price():
    problem, levels = two_roots(lower=[60, 0]), np.array([60.0, 38.0])
    prices = prices_at(problem, levels)
    found = binding_constraints(problem, levels, prices, PlanningSpec(horizon_weeks=1))[1]
    assert found.kind == "least"
    assert found.shadow_price == pytest.approx(2.0 / np.sqrt(39) - 1.5 / np.sqrt(61), rel=1e-6)


def test_a_group_is_worth_what_its_lines_earn_above_the_others():
    group = Row("both", "planning.groups (both).max", np.array([1.0, 1.0, 0.0]), np.zeros(3), high=48.0)
    problem = problem_of(
        [root(3.0), root(4.0), root(2.0)], lower=[0] * 3, upper=[200] * 3, budget=100.0, rows=[group], points=801
    )
    levels = np.array([17.0, 31.0, 52.0])
    prices = prices_at(problem, levels)
    inside, outside = 0.5 * 5 / np.sqrt(50), 1.0 / np.sqrt(53)
    assert prices.rows == pytest.approx([outside, inside - outside], rel=1e-6)
    # More money goes where no group holds it.
    assert money_direction(problem, levels, prices) == pytest.approx([0, 0, 1], abs=1e-6)
    found = binding_constraints(problem, levels, prices, PlanningSpec(horizon_weeks=2))
    assert [row.shadow_price for row in found] == pytest.approx([outside / 2, (inside - outside) / 2])


def test_a_target_costs_the_money_of_its_last_unit():
    target = Row("target", "planning.objective.target", np.zeros(2), np.ones(2), low=50.0)
    problem = two_roots(budget=None, rows=[target], worth=0.0, cost=1.0)
    # 5 · sqrt(money + 2) = 50 at the optimum, so that money is 98.
    prices = prices_at(problem, BEST)
    assert prices.rows == pytest.approx([-4.0])
    (found,) = binding_constraints(problem, BEST, prices, PlanningSpec(horizon_weeks=1))
    assert (found.kind, found.unit, found.limit) == ("target", "outcome", 50.0)
    assert found.shadow_price == pytest.approx(4.0)


def test_what_does_not_bind_has_no_price():
    problem = two_roots(budget=150.0, in_full=False, cost=0.25)
    prices = prices_at(problem, BEST)
    assert not prices.holds.any()
    assert prices.rows == pytest.approx([0.0])
    (found,) = binding_constraints(problem, BEST, prices, PlanningSpec(horizon_weeks=1))
    assert not found.binds


def test_the_solver_tells_the_price_where_no_line_is_free():
    problem = two_roots(upper=[40, 58])
    prices = prices_at(problem, np.array([40.0, 58.0]), {"budget": 0.2})
    assert prices.rows == pytest.approx([0.2])


def test_more_money_goes_as_the_best_plan_changes():
    problem = two_roots(points=801)
    assert money_direction(problem, BEST, prices_at(problem, BEST)) == pytest.approx([0.36, 0.64], abs=5e-3)
    assert money_direction(two_roots(lower=BEST, upper=BEST), BEST, prices_at(two_roots(upper=BEST), BEST)) is None


def test_budgets_of_all_markets_are_eased_along():
    rows = [Row(f"budget of {i}", "planning.market_budgets.M", np.eye(2)[i], np.zeros(2), 35 + 28 * i, 35 + 28 * i)
            for i in range(2)]  # fmt: skip
    problem = two_roots(budget=None, rows=rows, points=801)
    direction = money_direction(problem, BEST, prices_at(problem, BEST))
    assert direction == pytest.approx([0.36, 0.64], abs=5e-3)


@pytest.fixture(scope="module")
def planned(known_fit):
    data = known_fit.spec.to_dict()
    data["planning"] = {
        "horizon_weeks": 8,
        "bounds": {"default": {"max_change": 3}, "channels": {"tv": {"max_change": 0.1, "min_change": -0.5}}},
        "scenarios": [],
    }
    return plan_budget(replace(known_fit, spec=ModelSpec.from_dict(data)))


def test_the_price_of_money_has_an_interval_around_the_mean_of_all_free_lines(planned):
    price, budget = planned.honesty.shadow_price, planned.honesty.constraints[0]
    assert budget.kind == "budget"
    keys = {limit.constraint.partition(" ")[0]: limit.key for limit in planned.honesty.constraints[1:]}
    assert "DE/tv" in keys
    for line, key in keys.items():
        assert key == ("planning.bounds.channels.tv" if line.endswith("/tv") else "planning.bounds.default")
    assert price.p05 < price.p50 < price.p95
    # The draws that report differ from those that chose, hence not exactly.
    assert price.mean == pytest.approx(budget.shadow_price, rel=0.03)


def test_a_little_more_money_gains_its_price(known_fit, planned):
    money = planned.budget * 1.002
    data = planned.request.planning.model_copy(update={"budget": money})
    more = plan_budget(known_fit, replace(planned.request, planning=data))
    gained = more.allocation.value - planned.allocation.value
    budget = planned.honesty.constraints[0]
    assert gained / (money - planned.budget) == pytest.approx(budget.shadow_price, rel=0.02)
