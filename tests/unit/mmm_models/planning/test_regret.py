"""Regret against closed forms and against the exact plan of every draw."""

import numpy as np
import pytest

from mmm_models.planning.constraints import Row
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.regret import best_of_draws, expected_regret
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill, problem_of, root

MONEY = 60.0


def draws_of(curves_by_draw, **others):
    """The problem of the first draw, and a table of all (draw, line, point)."""
    problems = [problem_of(curves, **others) for curves in curves_by_draw]
    tables = [problem.table for problem in problems]
    values, slopes = (np.stack([getattr(t, name) for t in tables]) for name in ("values", "slopes"))
    return problems, ValueTable(tables[0].levels, values, slopes)


@pytest.fixture(scope="module")
def scales():
    return np.random.default_rng(3).uniform(1.0, 3.0, (40, 4))


def wide(lines=4, **others):
    return {"lower": [0.0] * lines, "upper": [MONEY] * lines, "budget": MONEY, "points": 61} | others


def test_of_roots_it_is_known(scales):
    problems, table = draws_of([[root(s) for s in draw] for draw in scales], **wide())
    levels = np.full(4, MONEY / 4)
    # The best of a draw is sqrt(Σ scale² · (money + lines)).
    best = np.sqrt((scales**2).sum(axis=1) * (MONEY + 4))
    own = scales.sum(axis=1) * np.sqrt(MONEY / 4 + 1)
    found = expected_regret(problems[0], table, levels)
    assert found == pytest.approx((best - own).mean(), rel=0.02)
    assert found >= (best - own).mean()


def test_money_that_may_be_left_is_left_in_poor_draws(scales):
    price = 0.3
    problems, table = draws_of(
        [[root(s) for s in draw] for draw in scales], **wide(budget=4 * MONEY, in_full=False, cost=price)
    )
    # Each line by itself: s + 1 = (scale / 2 price)², worth scale² / 4 price + price.
    best = (scales**2 / (4 * price) + price).sum(axis=1)
    levels = np.full(4, 10.0)
    own = scales.sum(axis=1) * np.sqrt(11.0) - price * 40
    assert expected_regret(problems[0], table, levels) == pytest.approx((best - own).mean(), rel=0.02)


def test_the_plan_that_knows_the_draw_keeps_groups_too(scales):
    group = Row("two", "planning.groups (two).max", np.array([1.0, 1.0, 0, 0]), np.zeros(4), high=15.0)
    problems, table = draws_of([[root(s) for s in draw] for draw in scales], **wide(rows=[group]))
    found = best_of_draws(problems[0], table, np.array([7.5, 7.5, 22.5, 22.5]))
    square = scales**2
    two, rest = square[:, :2].sum(axis=1), square[:, 2:].sum(axis=1)
    free = np.sqrt((two + rest) * (MONEY + 4))
    held = np.sqrt(two * 17) + np.sqrt(rest * (MONEY - 15 + 2))
    best = np.where(two / (two + rest) * (MONEY + 4) <= 17, free, held)
    assert (found >= best * (1 - 1e-6)).all()
    np.testing.assert_allclose(found, best, rtol=2e-3)


def test_of_s_shaped_draws_it_is_never_too_small_and_hardly_too_large():
    rng = np.random.default_rng(5)
    curves = [[hill(100 * rng.uniform(0.8, 1.2), 15 * rng.uniform(0.7, 1.4), 2.5) for _ in range(4)] for _ in range(12)]
    problems, table = draws_of(curves, **wide())
    exact = np.array([get_solver("dynamic").solve(problem).value for problem in problems])
    found = best_of_draws(problems[0], table, np.full(4, MONEY / 4))
    assert (found >= exact * (1 - 1e-6)).all()
    np.testing.assert_allclose(found, exact, rtol=8e-3)


def test_a_draw_may_rest_a_line_that_the_plan_does_not():
    curves = [[root(0.01), root(3.0)], [root(3.0), root(0.01)]]
    problems, table = draws_of(
        curves, lower=[5.0, 5.0], upper=[MONEY, MONEY], budget=MONEY, may_rest=[True, True], points=241
    )
    best = 3.0 * np.sqrt(MONEY + 1) + 0.01
    np.testing.assert_allclose(best_of_draws(problems[0], table, np.full(2, 30.0)), best, rtol=2e-3)


def test_a_smallest_budget_has_no_regret():
    problems, table = draws_of([[root(1.0), root(2.0)]], **wide(2, worth=0.0, cost=1.0))
    assert expected_regret(problems[0], table, np.array([1.0, 1.0])) is None
