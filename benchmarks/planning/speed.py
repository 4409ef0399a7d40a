"""A plan of 12 channels on 2,000 draws, once the fit is there: ours with all it reports, and the peer's allocation.

Both plan 13 weeks of the same money within half to one and a half of what each channel spends now, on the same draws.
Each runs in a process of its own, the first one with empty caches.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.engines.processes import in_process
from benchmarks.planning.company import random_company
from mmm_models.fit import Fit
from mmm_models.planning.plan import bounds_and_budget

CHANNELS, CHAINS, DRAWS, REPEATS = 12, 4, 500, 3


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a seed and way: seconds of the first plan of a process, and the median of the next `REPEATS`.

    The peer's first plan holds the construction of its optimizer, which compiles; `times_ours` divides by our plan of
    the same column. Processor seconds say what a plan takes where a machine is busy with others, too. Levels of both
    are compared: `largest_difference_percent` of a channel's level.
    """
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
            found = {who: in_process(__spec__.name, who, str(seed), caches=Path(folder)) for who in _WAYS}
            again = in_process(__spec__.name, "peer", str(seed), caches=Path(folder))
        ours, levels = found["ours"], np.array(found["ours"]["levels"])
        named = {
            "mixhouse": ours,
            "mixhouse, all draws": found["ours_all_draws"],
            "PyMC-Marketing, empty caches": found["peer"],
            "PyMC-Marketing, warm caches": again,
        }
        for who, row in named.items():
            rows.append(
                {
                    "who": who,
                    "seed": seed,
                    "first_seconds": row["first_seconds"],
                    "next_seconds": row["next_seconds"],
                    "first_times_ours": row["first_seconds"] / ours["first_seconds"],
                    "next_times_ours": row["next_seconds"] / ours["next_seconds"],
                    "next_processor_seconds": row["next_processor_seconds"],
                    "largest_difference_percent": 100 * float(np.abs(np.array(row["levels"]) / levels - 1).max()),
                    "peak_gib": row["peak_gib"],
                }
            )
    return pd.DataFrame(rows)


def ours(fit: Fit) -> Callable[[], np.ndarray]:
    """The whole plan: choice, bound, reporting and the usual scenarios, with up to 500 and 1,000 draws."""
    from mmm_models.planning.plan import plan_budget

    return lambda: plan_budget(fit).allocation.levels.values.ravel()


def ours_all_draws(fit: Fit) -> Callable[[], np.ndarray]:
    """The same, half of all draws choosing and half reporting."""
    from mmm_models.planning.plan import plan_budget
    from mmm_models.planning.request import PlanRequest

    half = fit.samples // 2
    request = PlanRequest(planning=fit.spec.planning, choosing_draws=half, reporting_draws=half)
    return lambda: plan_budget(fit, request).allocation.levels.values.ravel()


def peer(fit: Fit) -> Callable[[], np.ndarray]:
    """Its allocation alone: it reports nothing of the plan yet."""
    from benchmarks.planning.peer import optimizer_of, planned_by

    bounds, budget = bounds_and_budget(fit)
    weeks, kept = fit.spec.planning.horizon_weeks, []
    lower, upper = bounds.lower.values[0], bounds.upper.values[0]

    def plan() -> np.ndarray:
        if not kept:
            kept.append(optimizer_of(fit, weeks))
        return planned_by(kept[0], fit, budget / weeks, lower, upper)

    return plan


_WAYS = {"ours": ours, "ours_all_draws": ours_all_draws, "peer": peer}


def timed(plan: Callable[[], np.ndarray]) -> dict[str, object]:
    """Seconds of the first call and of the median one after it, and the levels of the last."""
    seconds, processor, levels = [], [], np.empty(0)
    for _ in range(1 + REPEATS):
        started = time.perf_counter(), time.process_time()
        levels = plan()
        seconds.append(time.perf_counter() - started[0])
        processor.append(time.process_time() - started[1])
    return {
        "first_seconds": seconds[0],
        "next_seconds": float(np.median(seconds[1:])),
        "next_processor_seconds": float(np.median(processor[1:])),
        "levels": levels.tolist(),
    }


if __name__ == "__main__":
    made = random_company(CHANNELS, kind="logistic", seed=int(sys.argv[2]), chains=CHAINS, draws=DRAWS)
    print(json.dumps(timed(_WAYS[sys.argv[1]](made))))
