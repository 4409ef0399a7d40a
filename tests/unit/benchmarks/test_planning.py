"""The benchmark of planning: do its problems mean what they say, and are its rivals what they are called?"""

import numpy as np
import pytest
import xarray as xr

from benchmarks.planning.company import random_company
from benchmarks.planning.curves import Curves, as_problem, random_curves
from benchmarks.planning.peer import draws_of
from benchmarks.planning.rivals import along_the_hull, from_equal_start, from_many_starts
from benchmarks.planning.s_shaped import solved, ways
from mmm_models.planning.solvers import get_solver

CONCAVE = Curves(np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), budget=1.5)
# Money for one of two channels; at equal levels neither is worth more than the other, and both bring little.
S_SHAPED = Curves(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([3.5, 3.5]), budget=1.2)


def _brute_force(curves: Curves) -> float:
    first = np.linspace(0.0, curves.budget, 100_001)
    return float(curves.values(np.stack([first, curves.budget - first], axis=-1)).sum(axis=-1).max())


def test_a_problem_of_the_planner_is_worth_what_its_curves_say() -> None:
    curves = random_curves(1.5, 3.5, np.random.default_rng(3))
    problem, levels = as_problem(curves), np.linspace(0.1, 1.0, curves.top.size) * curves.budget / 3
    assert problem.value(levels)[0] == pytest.approx(float(curves.values(levels).sum()), rel=1e-12)
    assert (problem.budget.low, problem.budget.high) == (curves.budget, curves.budget)


def test_where_curves_are_concave_every_way_finds_the_best_plan() -> None:
    problem, best = as_problem(CONCAVE), _brute_force(CONCAVE)
    plans = [from_equal_start(problem), from_equal_start(problem, in_shares=True), from_many_starts(problem, 1)]
    for levels in (*plans, along_the_hull(CONCAVE), get_solver("auto").solve(problem).levels):
        assert levels.sum() == pytest.approx(CONCAVE.budget)
        assert float(CONCAVE.values(levels).sum()) == pytest.approx(best, rel=1e-5)


def test_a_search_from_equal_levels_is_caught_where_ours_is_not() -> None:
    everybody = {name: way for name, way in ways(0).items() if name != "PyMC-Marketing"}
    records, best = solved(S_SHAPED, everybody), _brute_force(S_SHAPED)
    ours, searched = records["mixhouse (auto)"], records["scipy SLSQP, equal start"]
    assert ours["value"] == pytest.approx(best, rel=1e-6)
    assert ours["reference"] == pytest.approx(best, rel=1e-6)
    assert ours["bound"] >= best * (1 - 1e-9)
    assert searched["value"] < 0.95 * best


def test_the_walk_along_the_hull_leaves_money_where_the_next_step_is_too_dear() -> None:
    curves = Curves(np.array([1.0, 1.1]), np.array([1.0, 1.0]), np.array([3.5, 3.5]), budget=2.0)
    levels = along_the_hull(curves)
    assert (levels > 0).sum() == 1
    assert levels.sum() < curves.budget


def test_draws_mean_the_same_to_the_peer() -> None:
    fit = random_company(3, kind="logistic", seed=4, chains=2, draws=5)
    draws = draws_of(fit)["posterior"].to_dataset()
    scaled = fit.panel.dataset["spend"].isel(market=0) / fit.scales["spend_scale"].isel(market=0)
    weights = np.power.outer(draws["adstock_alpha"].values, np.arange(8))
    weights = xr.DataArray(weights / weights.sum(-1, keepdims=True), dims=("chain", "draw", "channel", "lag"))
    carried = sum(scaled.shift(week=lag, fill_value=0.0) * weights.isel(lag=lag) for lag in range(8))
    power = np.exp(-draws["saturation_lam"] * carried)
    expected = (draws["saturation_beta"] * (1 - power) / (1 + power)).stack(sample=("chain", "draw"))
    found = fit.media_contributions().isel(market=0).transpose("week", "channel", "sample")
    np.testing.assert_allclose(found.values, expected.transpose("week", "channel", "sample").values, rtol=1e-9)


def test_no_bound_lies_below_its_own_plan() -> None:
    rng = np.random.default_rng([1, 15])
    # Curves between the points of the table are cubics: here the relaxation of those was worth less than the plan.
    curves = [random_curves(1.5, 3.5, rng) for _ in range(95)][-1]
    solution = get_solver("auto").solve(as_problem(curves))
    assert solution.bound >= float(curves.values(solution.levels).sum()) * (1 - 1e-12)
