"""Plans within 1 % of the best, against a search of all plans on a fine grid."""

import itertools

import numpy as np
import pytest

from mmm_models.planning.constraints import Row
from mmm_models.planning.honesty import ranges
from mmm_models.planning.honesty.indifference import indifference, mean_objective
from mmm_models.planning.solvers.polish import polish
from tests.planning_problems import hill, line, problem_of, root

LOSS = 0.01


def all_plans(problem, money, step, *, in_full=True):
    """Every plan on steps of money that keeps bounds and rows (plan, line), and its objective (plan)."""
    axes = [np.arange(low, high + step / 2, step) for low, high in zip(problem.lower, problem.upper, strict=True)]
    axes = [np.union1d([0.0], axis) if rests else axis for axis, rests in zip(axes, problem.may_rest, strict=True)]
    if in_full:
        free = np.array(list(itertools.product(*axes[:-1])))
        last = money - free.sum(axis=1)
        plans = np.column_stack([free, last])
        plans = plans[(last >= problem.lower[-1] - 1e-9) & (last <= problem.upper[-1] + 1e-9)]
    else:
        plans = np.array(list(itertools.product(*axes)))
    plans = np.array([plan for plan in plans if not problem.violation(plan)])
    return plans, np.array([mean_objective(problem, plan) for plan in plans])


def check_against_all_plans(problem, found, plans, values, *, step, best=None):
    levels = plans[values.argmax()] if best is None else best
    good = plans[values >= values.max() * (1 - LOSS)]
    np.testing.assert_allclose(found.lowest, good.min(axis=0), atol=2 * step)
    np.testing.assert_allclose(found.highest, good.max(axis=0), atol=2 * step)
    change = np.abs(good - problem.status_quo).sum(axis=1)
    assert np.abs(found.least_change - problem.status_quo).sum() == pytest.approx(change.min(), abs=3 * step)
    assert not problem.violation(found.least_change)
    assert mean_objective(problem, found.least_change) >= values.max() * (1 - LOSS) * (1 - 1e-6)
    elsewhere = np.maximum(levels - good, 0.0).sum(axis=1).max() / levels.sum()
    assert found.elsewhere_share == pytest.approx(elsewhere, abs=2 * step / levels.sum())


def best_of(plans, values):
    return plans[values.argmax()]


CURVES = {
    "concave": [root(1.0), root(2.0), root(3.0)],
    "S-shaped": [hill(100, 3, 2.5), hill(140, 5, 3.0), hill(120, 4, 2.0)],
}


@pytest.mark.parametrize("shape", CURVES)
def test_of_lines_that_share_a_budget_the_ranges_are_reached(shape):
    step = 0.05
    problem = problem_of(CURVES[shape], lower=[0.5] * 3, upper=[8.0] * 3, budget=12.0, status_quo=[4.0] * 3)
    plans, values = all_plans(problem, 12.0, step)
    found = indifference(problem, best_of(plans, values))
    assert found.reached
    check_against_all_plans(problem, found, plans, values, step=step)


def test_a_group_narrows_the_ranges():
    step = 0.05
    group = Row("first two", "planning.groups (g).max", np.array([1.0, 1.0, 0.0]), np.zeros(3), high=6.0)
    wanted = {"lower": [0.5] * 3, "upper": [8.0] * 3, "budget": 12.0, "status_quo": [4.0] * 3}
    problem = problem_of(CURVES["concave"][::-1], rows=[group], **wanted)
    plans, values = all_plans(problem, 12.0, step)
    found = indifference(problem, best_of(plans, values))
    assert not found.reached
    check_against_all_plans(problem, found, plans, values, step=step)
    freely = indifference(problem_of(CURVES["concave"][::-1], **wanted), best_of(plans, values))
    assert found.highest[0] < freely.highest[0] - step


def test_money_may_be_left():
    step = 0.1
    problem = problem_of(
        [root(2.0), root(3.0)], lower=[0, 0], upper=[6, 6], budget=6.0, in_full=False, cost=0.7, status_quo=[2.0, 2.0]
    )
    plans, values = all_plans(problem, 6.0, step, in_full=False)
    found = indifference(problem, best_of(plans, values))
    check_against_all_plans(problem, found, plans, values, step=step)


def test_the_smallest_budget_for_a_target_may_be_one_per_cent_larger():
    target = Row("target", "planning.objective.target", np.zeros(2), np.ones(2), low=8.0)
    problem = problem_of(
        [root(2.0), root(3.0)], lower=[0, 0], upper=[9, 9], budget=None, rows=[target], worth=0.0, cost=1.0,
        status_quo=[1.0, 1.0],
    )  # fmt: skip
    # Concave roots at one price: (s + 1) goes with the square of the scale, here 4 : 9, and 2 x 2 + 3 x 3 is 13.
    levels = np.array([4.0, 9.0]) * (8.0 / 13.0) ** 2 - 1
    assert mean_objective(problem, levels) == pytest.approx(-levels.sum())
    found = indifference(problem, levels)
    grid = np.linspace(0, 9, 90_001)
    other = ((8.0 - 2 * np.sqrt(grid + 1)) / 3) ** 2 - 1
    good = grid[(other >= 0) & (grid + other <= levels.sum() * 1.01)]
    assert found.lowest[0] == pytest.approx(good.min(), abs=0.01)
    assert found.highest[0] == pytest.approx(good.max(), abs=0.01)


def test_resting_lots_and_needs_hold_for_the_plan_of_least_change():
    problem = problem_of(
        [line(1.0), line(0.98), line(0.97)], lower=[2.0, 0.0, 1.0], upper=[6.0, 6.0, 6.0], budget=6.0,
        status_quo=[0.0, 2.9, 3.1], may_rest=[True, False, True], lot=[0.0, 0.5, 0.0], needs=((0, 2),),
    )  # fmt: skip
    plans, values = all_plans(problem, 6.0, 0.1)
    plans = plans[np.isclose(plans[:, 1] % 0.5, 0) | np.isclose(plans[:, 1] % 0.5, 0.5)]
    values = np.array([mean_objective(problem, plan) for plan in plans])
    found = indifference(problem, best_of(plans, values))
    good = plans[values >= values.max() * (1 - LOSS) - 1e-12]
    assert not problem.violation(found.least_change)
    assert found.least_change[1] / 0.5 == pytest.approx(round(found.least_change[1] / 0.5), abs=1e-6)
    wanted = np.abs(good - problem.status_quo).sum(axis=1).min()
    assert np.abs(found.least_change - problem.status_quo).sum() == pytest.approx(wanted, abs=0.2)


def test_the_way_for_many_lines_leaves_out_no_plan(monkeypatch):
    rng = np.random.default_rng(4)
    curves = [root(scale) for scale in rng.uniform(1, 3, 8)]
    group = Row("first", "planning.groups (g).max", np.r_[np.ones(3), np.zeros(5)], np.zeros(8), high=8.0)
    problem = problem_of(curves, lower=[0.2] * 8, upper=[9.0] * 8, budget=32.0, rows=[group])
    levels = polish(problem, np.r_[np.full(3, 2.0), np.full(5, 5.2)])
    least = 0.99 * mean_objective(problem, levels)
    exact = ranges.ranges_within(problem, levels, least)
    monkeypatch.setattr(ranges, "_PROGRAMME_LINES", 1)
    wider = ranges.ranges_within(problem, levels, least)
    assert (wider.lowest <= exact.lowest + 1e-2).all()
    assert (wider.highest >= exact.highest - 1e-2).all()
    # Moving one line of eight at fixed prices is nearly as dear as with the others moving along.
    assert (wider.highest - wider.lowest).sum() < 1.3 * (exact.highest - exact.lowest).sum()


def test_a_plan_that_cannot_move_has_no_region():
    problem = problem_of([root(1.0), root(2.0)], lower=[2.0, 3.0], upper=[2.0, 3.0], budget=5.0)
    found = indifference(problem, np.array([2.0, 3.0]))
    np.testing.assert_allclose(found.lowest, found.highest)
    np.testing.assert_allclose(found.least_change, [2.0, 3.0])
    assert found.elsewhere_share == 0


def test_of_very_many_lines_the_plan_of_least_change_is_found_without_binaries():
    rng = np.random.default_rng(2)
    scales = rng.uniform(1, 3, 160)
    problem = problem_of(
        [root(scale) for scale in scales], lower=[0.0] * 160, upper=[40.0] * 160, budget=640.0, status_quo=[4.0] * 160
    )
    levels = polish_by_price(scales, 640.0)
    found = indifference(problem, levels)
    assert not problem.violation(found.least_change)
    best = mean_objective(problem, levels)
    assert mean_objective(problem, found.least_change) >= 0.99 * best * (1 - 1e-6)
    # At a price μ of change a line moves up where its slope is above λ + μ, and down where it is below λ - μ.
    slopes = 0.5 * scales / np.sqrt(5.0)
    wanted = least_change_by_price(scales, slopes, best * 0.99)
    assert np.abs(found.least_change - 4).sum() == pytest.approx(wanted, rel=0.03)
    assert found.elsewhere_share > 0.1


def polish_by_price(scales, money):
    """Best levels of roots that spend `money`: at one price, none below 0."""
    low, high = 1e-3, 10.0
    for _ in range(100):
        price = np.sqrt(low * high)
        levels = np.maximum((scales / (2 * price)) ** 2 - 1, 0.0)
        low, high = (price, high) if levels.sum() > money else (low, price)
    return levels * money / levels.sum()


def least_change_by_price(scales, slopes, least_value, now=4.0):
    """The smallest sum of changes, over the distance μ between the prices of lines that rise and of those that fall."""
    low, high = 0.0, float(slopes.max())
    for _ in range(60):
        gap, inner_low, inner_high = 0.5 * (low + high), 0.0, float(slopes.max())
        for _ in range(60):
            price = 0.5 * (inner_low + inner_high)
            up = np.maximum((scales / (2 * (price + gap))) ** 2 - 1, now)
            down = np.clip((scales / (2 * max(price - gap, 1e-9))) ** 2 - 1, 0.0, now)
            change = (up - now) + (down - now)
            inner_low, inner_high = (price, inner_high) if change.sum() > 0 else (inner_low, price)
        value = (scales * np.sqrt(now + change + 1)).sum()
        low, high = (gap, high) if value > least_value else (low, gap)
    return np.abs(change).sum()
