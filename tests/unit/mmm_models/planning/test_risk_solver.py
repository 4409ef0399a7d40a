"""Plans under risk against every plan on a fine grid."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning.errors import PlanError
from mmm_models.planning.risk import Cvar, Entropic, Mean, MeanVariance, ProbGain, margin_draws
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill_draws, risky_problem

SAMPLES = 200


def grid_of(money, lines, step, *, in_full=True):
    """Every plan (plan, line) on steps of money."""
    points = np.arange(0, money + step / 2, step)
    plans = np.array(list(itertools.product(points, repeat=lines - 1 if in_full else lines)))
    if in_full:
        plans = np.column_stack([plans, money - plans.sum(axis=1)])
    return plans[(plans.min(axis=1) >= -1e-9) & (plans.sum(axis=1) <= money + 1e-9)]


def by_brute_force(problem, plans):
    """Exact gains (plan, sample) of all plans within bounds."""
    inside = ((plans >= problem.lower - 1e-9) & (plans <= problem.upper + 1e-9)).all(axis=1)
    return np.stack([problem.utility.gains.exactly(plan) for plan in plans[inside]])


def best_of(measure, gains, kept=None):
    values = np.array([measure(gain)[0] for gain in gains])
    return values.max() if kept is None else values[kept].max()


def opposed(slope=(1.0, 0.9)):
    """Two lines of constant returns that do well in opposite worlds; the first has the higher mean."""
    luck = np.linspace(-0.8, 0.8, SAMPLES)
    returns = np.column_stack([slope[0] + luck, slope[1] - luck])
    return lambda levels: (returns * levels, returns)


def three_s_shaped(seed):
    rng = np.random.default_rng(seed)
    tops = rng.uniform(50, 100, 3) * np.exp(0.5 * rng.normal(size=(SAMPLES, 3)))
    halves = rng.uniform(20, 50, 3) * np.exp(0.2 * rng.normal(size=(SAMPLES, 3)))
    return hill_draws(tops, halves, rng.uniform(1.5, 3.0, 3) * np.ones((SAMPLES, 1)))


def s_shaped_problem(seed, measure, **others):
    return risky_problem(
        three_s_shaped(seed),
        measure,
        samples=SAMPLES,
        lower=[0] * 3,
        upper=[80] * 3,
        budget=100,
        status_quo=others.pop("status_quo", [75, 5, 20]),
        **others,
    )


def test_the_mean_plan_is_a_corner_and_cvar_spreads_the_money():
    problem = risky_problem(
        opposed(), Cvar(0.9), samples=SAMPLES, lower=[0, 0], upper=[100, 100], budget=100, status_quo=[0, 0]
    )
    mean = get_solver("auto").solve(replace(problem, utility=None))
    np.testing.assert_allclose(mean.levels, [100, 0], atol=1e-6)
    solution = get_solver("auto").solve(problem)
    gains = by_brute_force(problem, grid_of(100, 2, 0.1))
    assert solution.value >= best_of(Cvar(0.9), gains) * (1 - 1e-4)
    assert 10 < solution.levels[0] < 90
    assert solution.bound == pytest.approx(solution.value, rel=1e-3)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "measure", [Cvar(0.8), Cvar(0.95), Entropic(10.0, 80.0), MeanVariance(10.0, 80.0), ProbGain()], ids=repr
)
def test_no_plan_on_a_fine_grid_is_better_and_none_is_above_the_bound(measure, seed):
    problem = s_shaped_problem(seed, measure)
    solution = get_solver("auto").solve(problem)
    gains = by_brute_force(problem, grid_of(100, 3, 1.0))
    best = best_of(measure, gains)
    # A probability is a count of draws: to within one of them.
    short = 1 / SAMPLES + 1e-9 if isinstance(measure, ProbGain) else 1e-3 * abs(best)
    assert solution.value >= best - short
    assert solution.value == pytest.approx(measure(problem.utility.gains.exactly(solution.levels))[0])
    assert solution.bound >= best - 1e-9
    assert not problem.violation(solution.levels)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_where_every_move_may_lose_the_plan_is_the_status_quo(level):
    problem = s_shaped_problem(2, Cvar(level), status_quo=[40, 30, 30])
    solution = get_solver("auto").solve(problem)
    assert best_of(Cvar(level), by_brute_force(problem, grid_of(100, 3, 1.0))) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(solution.levels, [40, 30, 30])
    assert solution.value == pytest.approx(0, abs=1e-9)
    assert solution.bound >= 0


def test_the_answers_differ_from_the_means():
    found = {
        name: get_solver("auto").solve(s_shaped_problem(2, measure)).levels
        for name, measure in {"mean": Mean(), "cvar": Cvar(0.8), "probability": ProbGain()}.items()
    }
    assert np.abs(found["cvar"] - found["mean"]).sum() > 5
    assert np.abs(found["probability"] - found["mean"]).sum() > 5


def test_the_mean_measure_is_the_mean_plan_less_the_status_quo():
    problem = s_shaped_problem(1, Mean())
    plain = get_solver("dynamic").solve(replace(problem, utility=None))
    before = problem.outcome(problem.status_quo)[0].sum()
    solution = get_solver("risk").solve(problem)
    assert solution.value == pytest.approx(plain.value - before, rel=1e-4)
    assert solution.bound == pytest.approx(plain.bound - before, rel=1e-3)


@pytest.mark.parametrize(("seed", "share"), [(2, 0.5), (2, 0.9), (5, 0.7)])
def test_a_least_cvar_binds_and_the_best_mean_under_it_is_found(seed, share):
    free = s_shaped_problem(seed, Mean())
    gains = by_brute_force(free, grid_of(100, 3, 0.5))
    risk = np.array([Cvar(0.9)(gain)[0] for gain in gains])
    means = gains.mean(axis=1)
    least = risk[means.argmax()] + share * (risk.max() - risk[means.argmax()])
    problem = s_shaped_problem(seed, Mean(), cvar_min=(0.9, least))
    solution = get_solver("auto").solve(problem)
    best = means[risk >= least].max()
    assert best < 0.995 * means.max()
    assert Cvar(0.9)(problem.utility.gains.exactly(solution.levels))[0] >= least - 1e-3 * abs(least)
    assert solution.value >= best - 1e-3 * abs(best)
    assert best <= solution.bound <= 1.02 * means.max()


def test_a_cvar_that_no_plan_keeps_is_refused_with_what_can_be_had():
    problem = s_shaped_problem(2, Mean(), cvar_min=(0.9, 500.0))
    with pytest.raises(PlanError, match=r"at least 500 \(planning.objective.cvar_min\); the best has"):
        get_solver("auto").solve(problem)


def test_profit_under_an_uncertain_margin_leaves_money_and_more_of_it_than_the_mean_does():
    rng = np.random.default_rng(4)
    tops = np.array([90.0, 70.0]) * np.exp(0.2 * rng.normal(size=(SAMPLES, 2)))
    by_line = hill_draws(tops, np.full((SAMPLES, 2), 20.0), np.ones((SAMPLES, 2)))
    margin = margin_draws(0.8, 0.3, SAMPLES, seed=1)
    problem = risky_problem(
        by_line,
        Cvar(0.8),
        samples=SAMPLES,
        lower=[0, 0],
        upper=[100, 100],
        budget=100,
        in_full=False,
        status_quo=[1, 1],
        margin=margin,
        cost=1.0,
    )
    solution = get_solver("auto").solve(problem)
    gains = by_brute_force(problem, grid_of(100, 2, 0.5, in_full=False))
    best = best_of(Cvar(0.8), gains)
    assert solution.value >= best - 1e-3 * abs(best)
    assert best <= solution.bound <= 1.02 * best
    mean = get_solver("auto").solve(replace(problem, utility=None))
    assert solution.levels.sum() < mean.levels.sum() - 2 < 98


def test_lines_that_may_rest_rest_where_risk_says_so():
    problem = s_shaped_problem(3, Cvar(0.8), may_rest=np.array([True] * 3))
    problem = replace(problem, lower=np.full(3, 15.0))
    solution = get_solver("auto").solve(problem)
    plans = grid_of(100, 3, 1.0)
    plans = plans[((plans == 0) | (plans >= 15)).all(axis=1) & (plans <= 80).all(axis=1)]
    best = max(Cvar(0.8)(problem.utility.gains.exactly(plan))[0] for plan in plans)
    assert solution.value >= best - 1e-3 * abs(best)
    assert best <= solution.bound
    assert not problem.violation(solution.levels)


def test_lines_too_many_to_climb_are_planned_by_weighted_means(monkeypatch):
    monkeypatch.setattr("mmm_models.planning.solvers.risk.MOST_LINES", 2)
    monkeypatch.setattr("mmm_models.planning.solvers.polish.MOST_LINES", 2)
    rng = np.random.default_rng(6)
    tops = rng.uniform(50, 100, 8) * np.exp(np.linspace(0.05, 0.8, 8) * rng.normal(size=(SAMPLES, 8)))
    problem = risky_problem(
        hill_draws(tops, np.full((SAMPLES, 8), 30.0), np.ones((SAMPLES, 8))),
        Cvar(0.8),
        samples=SAMPLES,
        lower=[0] * 8,
        upper=[60] * 8,
        budget=160,
        status_quo=[0] * 8,
    )
    mean = get_solver("auto").solve(replace(problem, utility=None))
    solution = get_solver("auto").solve(problem)
    assert solution.value > 1.002 * problem.utility.exactly(mean.levels)
    assert solution.value <= solution.bound <= 1.03 * solution.value
    assert not problem.violation(solution.levels)
