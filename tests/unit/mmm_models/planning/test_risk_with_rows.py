"""Plans under risk with groups, returns, lots and needs, against every plan on a fine grid."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning.constraints import Row
from mmm_models.planning.risk import Cvar, Entropic, ProbGain
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill_draws, risky_problem
from tests.unit.mmm_models.planning.test_risk_solver import SAMPLES, grid_of


def problem_with(measure, *, seed=2, **others):
    rng = np.random.default_rng(seed)
    tops = rng.uniform(60, 100, 3) * np.exp(0.4 * rng.normal(size=(SAMPLES, 3)))
    curves = hill_draws(tops, np.full((SAMPLES, 3), 25.0), np.array([[1.0, 1.5, 2.0]]))
    return risky_problem(
        curves,
        measure,
        samples=SAMPLES,
        lower=[0] * 3,
        upper=[80] * 3,
        budget=100,
        status_quo=[50, 25, 25],
        in_full=others.pop("in_full", True),
        **others,
    )


def best_on_grid(problem, measure, step, *, in_full=True):
    plans = grid_of(100, 3, step, in_full=in_full)
    kept = [plan for plan in plans if not problem.violation(plan, problem.outcome(plan)[0])]
    return max(measure(problem.utility.gains.exactly(plan))[0] for plan in kept)


GROUP = Row("a and b at most 55", "planning.groups", np.array([1.0, 1.0, 0.0]), np.zeros(3), high=55.0)
RATIO = Row("c at most twice a", "planning.ratios", np.array([-2.0, 0.0, 1.0]), np.zeros(3), high=0.0)


@pytest.mark.parametrize("measure", [Cvar(0.8), Entropic(8.0, 100.0), ProbGain()], ids=repr)
@pytest.mark.parametrize("row", [GROUP, RATIO], ids=lambda row: row.name)
def test_rows_of_spend_are_kept(measure, row):
    problem = problem_with(measure, rows=[row])
    solution = get_solver("auto").solve(problem)
    best = best_on_grid(problem, measure, 1.0)
    short = 1 / SAMPLES + 1e-9 if isinstance(measure, ProbGain) else 2e-3 * abs(best)
    assert not problem.violation(solution.levels)
    assert best - short <= solution.value
    assert best <= solution.bound


def test_a_least_return_is_kept():
    # At least 1.6 outcome for a unit of money, and money may be left.
    row = Row("return", "planning.objective.return_min", np.full(3, -1.6), np.ones(3), low=0.0)
    problem = problem_with(Cvar(0.8), rows=[row], in_full=False)
    solution = get_solver("auto").solve(problem)
    best = best_on_grid(problem, Cvar(0.8), 4.0, in_full=False)
    assert not problem.violation(solution.levels, problem.outcome(solution.levels)[0])
    assert best - 2e-3 * abs(best) <= solution.value
    assert best <= solution.bound
    free = get_solver("auto").solve(replace(problem, rows=problem.rows[:1]))
    assert problem.violation(free.levels, problem.outcome(free.levels)[0])


def test_lots_are_whole_and_needs_are_kept():
    problem = problem_with(Cvar(0.8), lot=np.array([0.0, 20.0, 0.0]), needs=((2, 1),), in_full=False)
    solution = get_solver("auto").solve(problem)
    assert solution.levels[1] % 20 == pytest.approx(0, abs=1e-6)
    best = best_on_grid(problem, Cvar(0.8), 4.0, in_full=False)
    assert best - 2e-3 * abs(best) <= solution.value
    assert best <= solution.bound
    assert not problem.violation(solution.levels)
