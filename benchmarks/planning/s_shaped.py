"""150 random problems a class of slopes: who finds the best plan, and does our bound hold?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pandas as pd

from benchmarks.planning.curves import CHANNELS, CLASSES, Curves, as_problem, random_curves
from benchmarks.planning.peer import curves_peer
from benchmarks.planning.rivals import along_the_hull, from_equal_start, from_many_starts
from mmm_models.planning.solvers import Problem, get_solver

PROBLEMS = 150
# Shares of the best plan known: what counts as short of it, and what is rounding.
SHORT, ROUNDING = 0.005, 1e-9

type Way = Callable[[Problem, Curves], tuple[np.ndarray, float | None]]


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a class of slopes and way of planning, over `PROBLEMS` problems a seed.

    The reference of a problem is the best plan that any of the ways has found. Columns: share of problems whose plan is
    more than 0.5 % short of it, mean and worst shortfall in per cent, milliseconds a plan; for ways that know a bound,
    mean and largest gap in per cent, and the problems in which the bound lies below the reference, which may not be.
    """
    seeds = list(seeds)
    return pd.DataFrame([row for name, slopes in CLASSES.items() for row in _of_class(name, slopes, seeds)])


def ways(seed: int) -> dict[str, Way]:
    """Everybody, by name; `seed` is that of random starts."""
    return {
        "mixhouse (auto)": lambda problem, _: _ours(problem, "auto"),
        "mixhouse (slsqp)": lambda problem, _: _ours(problem, "slsqp"),
        "scipy SLSQP, equal start": lambda problem, _: (from_equal_start(problem), None),
        "scipy SLSQP, equal start, in shares": lambda problem, _: (from_equal_start(problem, in_shares=True), None),
        "scipy SLSQP, 20 starts": lambda problem, _: (from_many_starts(problem, seed), None),
        "greedy along the hull": lambda _, curves: (along_the_hull(curves), None),
        "PyMC-Marketing": lambda _, curves: (curves_peer(CHANNELS).plan(curves), None),
    }


def _of_class(name: str, slopes: tuple[float, float], seeds: list[int]) -> Iterator[dict[str, object]]:
    found: dict[str, list[dict[str, float]]] = {}
    curves_peer(CHANNELS)  # compiled before anything is timed
    for seed in seeds:
        rng = np.random.default_rng([seed, int(10 * slopes[0])])
        for number in range(PROBLEMS):
            curves = random_curves(*slopes, rng)
            for way, record in solved(curves, ways(number)).items():
                found.setdefault(way, []).append(record)
    for way, records in found.items():
        yield {"slopes": name, "way": way, **_summary(pd.DataFrame(records))}


def solved(curves: Curves, everybody: dict[str, Way]) -> dict[str, dict[str, float]]:
    """What each makes of one problem: `value`, `bound` (NaN without), `seconds`, and the `reference` of all."""
    problem = as_problem(curves)
    records = {}
    for way, plan in everybody.items():
        started = time.perf_counter()
        levels, bound = plan(problem, curves)
        seconds = time.perf_counter() - started
        # A plan that overspends is no plan.
        spent = float(levels.sum())
        kept = levels * min(1.0, curves.budget / spent) if spent > 0 else levels
        records[way] = {
            "value": float(curves.values(kept).sum()),
            "seconds": seconds,
            "bound": np.nan if bound is None else bound,
        }
    reference = max(record["value"] for record in records.values())
    return {way: {**record, "reference": reference} for way, record in records.items()}


def _summary(records: pd.DataFrame) -> dict[str, object]:
    short = 1.0 - records["value"] / records["reference"]
    with_bound = records["bound"].notna().all()
    gap = records["bound"] / records["value"] - 1.0
    below = records["bound"] < records["reference"] * (1 - ROUNDING)
    return {
        "problems": len(records),
        "percent_more_than_half_percent_short": 100 * float((short > SHORT).mean()),
        "percent_more_than_one_percent_short": 100 * float((short > 2 * SHORT).mean()),
        "mean_short_percent": 100 * float(short.mean()),
        "worst_short_percent": 100 * float(short.max()),
        "gap_mean_percent": 100 * float(gap.mean()) if with_bound else None,
        "gap_max_percent": 100 * float(gap.max()) if with_bound else None,
        "bound_below_reference": int(below.sum()) if with_bound else None,
        "milliseconds": 1000 * float(records["seconds"].mean()),
    }


def _ours(problem: Problem, solver: str) -> tuple[np.ndarray, float | None]:
    solution = get_solver(solver).solve(problem)
    return solution.levels, solution.bound
