"""The programme against every plan on a grid, for random S-shaped curves under random limits; prices; many lines."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers import get_solver
from tests.planning_problems import hill, planned, root


def best_on_a_grid(problem, steps=33):
    """The highest value of any plan on a grid that keeps all limits, exactly valued; None where none does."""
    choices = []
    for lower, upper, rests, lot in zip(problem.lower, problem.upper, problem.may_rest, problem.lot, strict=True):
        on = np.linspace(lower, upper, steps) if lot == 0 else lot * np.arange(upper // lot + 1)
        on = on[on >= lower]
        choices.append(np.union1d(on, [0.0]) if rests else on)
    outcomes = []
    for at, levels in enumerate(choices):
        others = [np.where(np.arange(problem.lines) == at, level, problem.upper) for level in levels]
        outcomes.append(np.array([problem.outcome(each)[0][at] for each in others]))
    plans = np.stack(np.meshgrid(*choices, indexing="ij"), axis=-1).reshape(-1, problem.lines)
    brought = np.stack(np.meshgrid(*outcomes, indexing="ij"), axis=-1).reshape(-1, problem.lines)
    kept = np.ones(len(plans), dtype=bool)
    for row in problem.rows:
        held = row.value(plans, brought)
        kept &= (held >= row.low) & (held <= row.high)
    for first, second in problem.needs:
        kept &= (plans[:, first] == 0) | (plans[:, second] > 0)
    values = problem.worth * brought.sum(axis=1) - problem.cost * plans.sum(axis=1)
    return float(values[kept].max()) if kept.any() else None


def random_problem(seed):
    """Three or four lines under a random choice of everything that `planning:` can ask."""
    rng = np.random.default_rng(seed)
    lines = int(rng.integers(3, 5))
    channels = "abcd"[:lines]
    curves = [hill(rng.uniform(50, 150), rng.uniform(20, 80), rng.uniform(0.7, 4)) for _ in channels]
    curves[0] = root(rng.uniform(5, 15)) if rng.random() < 0.5 else curves[0]
    aims = [
        {},
        {"goal": "profit", "margin": rng.uniform(0.5, 2)},
        {"goal": "marginal_return", "target": rng.uniform(0.3, 1.5)},
        {"goal": "target", "target": rng.uniform(25, 50) * lines},
        {"return_min": rng.uniform(0.5, 2)},
        {"cost_max": rng.uniform(0.5, 2)},
    ]
    groups = [
        {"name": "most", "channels": [channels[0], channels[-1]], "share_max": rng.uniform(0.3, 0.9)},
        {"name": "least", "channels": [channels[1]], "share_min": rng.uniform(0.1, 0.5)},
        {"name": "money", "channels": [channels[0]], "min": rng.uniform(1, 40), "max": rng.uniform(41, 80)},
        {"name": "return", "channels": list(channels[:2]), "return_min": rng.uniform(0.5, 1.5)},
    ]
    planning = {
        "budget": rng.uniform(20, 50) * lines,
        "unspent": True,
        "objective": aims[seed % len(aims)],
        "groups": [group for group in groups if rng.random() < 0.4],
        "needs": [{"channel": channels[0], "needs": channels[1]}] if rng.random() < 0.4 else [],
        "ratios": [{"channel": channels[1], "of": channels[-1], "max": rng.uniform(0.5, 3)}]
        if rng.random() < 0.3
        else [],
    }
    return planned(
        curves,
        planning,
        lower=np.where(rng.random(lines) < 0.5, 0.0, rng.uniform(5, 40, lines)),
        may_rest=rng.random(lines) < 0.5,
        lot=np.where(rng.random(lines) < 0.25, rng.integers(7, 25, lines), 0.0),
    )


@pytest.mark.parametrize("seed", range(18))
def test_no_plan_on_a_grid_is_better_or_above_the_bound(seed):
    problem = random_problem(seed)
    brute = best_on_a_grid(problem, steps=41 if problem.lines == 3 else 21)
    try:
        solution = get_solver("milp").solve(problem)
    except PlanError:
        assert brute is None
        return
    assert not problem.violation(solution.levels, problem.outcome(solution.levels)[0])
    assert solution.bound >= solution.value == problem.value(solution.levels)[0]
    assert solution.bound - solution.value <= 1e-3 * abs(solution.value)
    if brute is not None:
        assert solution.value >= brute - 1e-6 * abs(brute)


def test_its_bound_is_tighter_than_that_of_the_concave_hull():
    # Two S-shaped lines and money for one and a half of them.
    groups = [{"name": "all", "max": 90}]
    problem = planned([hill(100, 50, 5.0)] * 2, {"budget": 200, "unspent": True, "groups": groups})
    solution = get_solver("milp").solve(problem)
    brute = best_on_a_grid(problem, steps=201)
    assert brute * (1 - 1e-9) <= solution.value <= solution.bound <= brute * 1.001
    assert solution.bound < 0.95 * float(lagrangian_bound(problem.table, 90.0, in_full=False).bound)


def eased(row, by):
    """The row with each limit easier by so much; of an equation both move."""
    if row.low == row.high:
        return replace(row, low=row.low + by, high=row.high + by)
    return replace(row, low=row.low - by, high=row.high + by)


@pytest.mark.parametrize(
    "planning",
    [
        {"budget": 120},
        {"budget": 120, "unspent": True, "objective": {"return_min": 2.2}},
        {"objective": {"goal": "target", "target": 190}},
        {"objective": {"goal": "profit", "margin": 1.5}},
        {"budget": 150, "ratios": [{"channel": "d", "of": "a", "max": 0.8}]},
    ],
)
def test_prices_are_what_the_best_plan_gains_from_an_easier_row(planning):
    groups = [
        {"name": "half", "channels": ["a", "c"], "share_min": 0.5},
        {"name": "most", "channels": ["b"], "max": 40},
        {"name": "least", "channels": ["c"], "min": 25},
    ]
    curves = [root(10), root(15), root(6), hill(80, 60, 2.5)]
    problem = planned(curves, planning | {"groups": groups})
    solution = get_solver("milp").solve(problem)
    assert set(solution.prices) == {row.name for row in problem.rows}
    step = 0.2
    for row in problem.rows:
        values = []
        for by in (step, -step):
            rows = [eased(each, by) if each is row else each for each in problem.rows]
            values.append(get_solver("milp").solve(replace(problem, rows=tuple(rows))).value)
        price = (values[0] - values[1]) / (2 * step)
        assert solution.prices[row.name] == pytest.approx(price, rel=5e-3, abs=1e-4)
    assert max(solution.prices.values()) > 0.05


def test_many_lines_in_many_markets_are_planned_within_half_a_per_cent():
    rng = np.random.default_rng(5)
    channels, markets = "abcdefghij", [f"m{i}" for i in range(24)]
    count = len(channels) * len(markets)
    now = rng.lognormal(3.0, 1.0, count)
    curves = [hill(n * rng.lognormal(1, 0.4), n * rng.uniform(0.5, 2), rng.uniform(1.0, 3.0)) for n in now]
    planning = {
        "budget": float(now.sum()),
        "market_budgets": {name: float(now[i * 10 : i * 10 + 10].sum()) for i, name in enumerate(markets[:12])},
        "groups": [
            {"name": "online", "channels": list("abc"), "share_min": 0.4},
            {"name": "north", "markets": markets[:6], "share_max": 0.3},
        ],
        "needs": [{"channel": "d", "needs": "e"}],
    }
    rests = rng.random(count) < 0.2
    problem = planned(
        curves, planning, lower=np.where(rests, 0.3 * now, 0.0), upper=2.5 * now, may_rest=rests, markets=markets
    )
    solution = get_solver("auto").solve(problem)
    assert not problem.violation(solution.levels, problem.outcome(solution.levels)[0])
    assert solution.gap < 0.005
