"""30 channels in 50 markets for 13 weeks, with limits that tie them together: seconds, gap and memory of a plan.

One process a case. The draws are those of a posterior of 2,000: up to 500 choose.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.engines.processes import in_process
from benchmarks.planning.company import random_company
from mmm_models.fit import Fit
from mmm_models.planning.allocation import plan_problem
from mmm_models.planning.draws import split_draws
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.planning.solvers import get_solver

CHANNELS, MARKETS, CHAINS, DRAWS, CHOOSING = 30, 50, 4, 500, 500
KINDS = ("logistic", "s-shaped hill")
CASES = ("budget of each market", "shares of channel groups", "needs and rests")


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a saturation, case and seed.

    Columns: number of lines and rows; seconds of both steps, to value the curves and to solve, and the processor's; gap
    of the plan to the bound on any plan, in per cent; limits that the plan breaks; seconds and peak memory of the whole
    process, which makes the company, too.
    """
    rows = []
    with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
        for seed in seeds:
            for kind in KINDS:
                for case in CASES:
                    found = in_process(__spec__.name, kind, case, str(seed), caches=Path(folder))
                    rows.append({"saturation": kind, "case": case, "seed": seed, **found})
    return pd.DataFrame(rows)


def planning_of(case: str, fit: Fit) -> dict[str, Any]:
    """`planning:` of a case; money in round terms of what the last 13 weeks spent."""
    spend = fit.panel.dataset["spend"].isel(week=slice(-13, None)).sum("week")
    channels, markets = fit.panel.channels, fit.panel.markets
    thirds = [channels[start::3] for start in range(3)]
    groups = [
        {"name": f"group_{i + 1}", "channels": names, "share_min": 0.25, "share_max": 0.40}
        for i, names in enumerate(thirds)
    ]
    if case == "budget of each market":
        return {
            "market_budgets": {name: float(spend.sel(market=name).sum()) for name in markets},
            "groups": [{"name": "first_channels", "channels": channels[:10], "share_max": 0.5}],
        }
    if case == "shares of channel groups":
        east = {"name": "east", "markets": markets[:25], "min": 0.45 * float(spend.sum())}
        return {"groups": [*groups, east]}
    resting = {"min_change": -0.3, "max_change": 0.5, "may_rest": True}
    return {
        "groups": groups,
        "bounds": {"channels": dict.fromkeys(channels[:6], resting)},
        "needs": [{"channel": channels[0], "needs": channels[1]}, {"channel": channels[2], "needs": channels[3]}],
    }


def planned(fit: Fit) -> dict[str, object]:
    """Value the curves and solve, as `plan_budget` does before it reports."""
    planning = fit.spec.planning
    bounds, budget = bounds_and_budget(fit)
    choosing, _ = split_draws(fit, CHOOSING, CHOOSING)
    started, worked = time.perf_counter(), time.process_time()
    objective = HorizonObjective.from_fit(fit, planning.horizon_weeks, choosing)
    problem = plan_problem(objective, bounds, budget, planning)
    valued = time.perf_counter()
    solution = get_solver(planning.solver).solve(problem)
    solved = time.perf_counter()
    broken = problem.violation(solution.levels, problem.outcome(solution.levels)[0])
    return {
        "lines": problem.lines,
        "rows": len(problem.rows),
        "seconds": solved - started,
        "curves_seconds": valued - started,
        "solver_seconds": solved - valued,
        "processor_seconds": time.process_time() - worked,
        "gap_percent": None if solution.gap is None else 100 * solution.gap,
        "broken": ", ".join(broken) or "none",
    }


def company(kind: str, seed: int) -> Fit:
    """The company without limits."""
    return random_company(CHANNELS, kind=kind, seed=seed, markets=MARKETS, chains=CHAINS, draws=DRAWS)


if __name__ == "__main__":
    kind, case, seed = sys.argv[1:]
    made = company(kind, int(seed))
    wanted = type(made.spec.planning).model_validate({**planning_of(case, made), "scenarios": []})
    spec = made.spec.model_copy(update={"planning": wanted})
    print(json.dumps(planned(Fit(spec, made.panel, made.posterior, made.scales, made.info))))
