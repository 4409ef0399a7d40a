"""Where every curve is concave a local search is exact: does ours find the same plan's worth?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmarks.planning.company import random_company
from benchmarks.planning.rivals import from_equal_start
from mmm_models.planning.allocation import plan_problem
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.planning.solvers import get_solver

KINDS = ("logistic", "hill", "michaelis_menten", "root")
CHANNELS, CHAINS, DRAWS, COMPANIES = 12, 2, 100, 10
BOUNDS = {"half to one and a half of now": {"min_change": -0.5, "max_change": 0.5}, "none": {"min": 0.0}}


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a saturation and kind of bounds, over `COMPANIES` companies of 12 channels a seed, 13 weeks, 200 draws.

    Columns: how far ours lies above or below scipy's SLSQP from equal levels, in per cent, at most and at least; and
    our largest gap.
    """
    seeds = [COMPANIES * (seed - 1) + number for seed in seeds for number in range(COMPANIES)]
    rows = []
    for kind in KINDS:
        for bounds, limit in BOUNDS.items():
            found = pd.DataFrame([_difference(kind, limit, seed) for seed in seeds])
            rows.append(
                {
                    "saturation": kind,
                    "bounds": bounds,
                    "companies": len(seeds),
                    "most_above_slsqp_percent": found["difference"].max(),
                    "most_below_slsqp_percent": -found["difference"].min(),
                    "gap_max_percent": found["gap"].max(),
                }
            )
    return pd.DataFrame(rows)


def _difference(kind: str, limit: dict[str, float], seed: int) -> dict[str, float]:
    planning = {"bounds": {"default": limit}}
    fit = random_company(CHANNELS, kind=kind, seed=seed, chains=CHAINS, draws=DRAWS, planning=planning)
    weeks = fit.spec.planning.horizon_weeks
    bounds, budget = bounds_and_budget(fit)
    objective = HorizonObjective.from_fit(fit, weeks, np.arange(fit.samples))
    problem = plan_problem(objective, bounds, budget, fit.spec.planning)
    ours = get_solver("auto").solve(problem)
    theirs = problem.value(from_equal_start(problem, in_shares=True))[0]
    return {"difference": 100 * (ours.value / theirs - 1), "gap": 100 * ours.gap}
