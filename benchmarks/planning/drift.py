"""Weeks after a fit held against it: how often is it called adrift where it is right, where it is wrong, and after a
drop of the outcome by a tenth?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.truth.estimate import Effort
from benchmarks.truth.ours import default_spec
from mmm_models.engines import get_engine
from mmm_models.panel import Panel
from mmm_models.planning.actuals import as_spent, drift_of
from mmm_models.planning.forecast import with_total
from mmm_models.worlds.stress import make_world

# In the first two the model is right, or nearly.
WORLDS = ("clean", "heavy_tails", "omitted_promotion", "trend_break", "demand_confounded", "time_varying_effect")
EFFORT, WEEKS, DROP = Effort(250, 250, 2), 8, 0.1
# A binomial count of misses among independent weeks, held to the same chance as one of the check's three figures.
NAIVE_CHANCE = 0.02 / 3


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a world, over one fit a seed with default priors.

    Columns: share of weeks (of 13, each market and the total) inside their 90 % interval; how many fits of all are
    called adrift after 8 weeks, how many a binomial count of misses would call so, and how many are after the outcome
    dropped by a tenth.
    """
    seeds = list(seeds)
    rows = []
    for world in WORLDS:
        found = pd.DataFrame([_one(world, seed) for seed in seeds])
        rows.append(
            {
                "world": world,
                "fits": len(seeds),
                "coverage_90": found["coverage"].mean(),
                "adrift": int(found["adrift"].sum()),
                "adrift_by_binomial": int(found["naive"].sum()),
                "adrift_after_drop": int(found["after_drop"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _one(name: str, seed: int) -> dict[str, object]:
    from scipy.stats import binom

    world = make_world(name, seed)
    spec = default_spec(world.panel, EFFORT, seed=seed)
    fit = get_engine(spec.engine).fit(world.panel, spec)
    parts = [world.panel.dataset, world.ahead.dataset]
    data = xr.concat(parts, "week", data_vars="minimal", combine_attrs="override")
    ahead = world.ahead.weeks
    fallen = data["outcome"].where(data["week"] < ahead[0], (1 - DROP) * data["outcome"])
    told = as_spent(fit, Panel(data))
    drift, after = (
        drift_of(told, Panel(data.assign(outcome=outcome)), ahead[:WEEKS]) for outcome in (data["outcome"], fallen)
    )
    low, high = np.quantile(told.outcome.transpose("sample", "week", "market").values, [0.05, 0.95], axis=0)
    seen = with_total(data["outcome"].sel(week=ahead)).transpose("week", "market").values
    return {
        "coverage": ((seen >= low) & (seen <= high)).mean(),
        "adrift": drift.is_drifting,
        "naive": binom.sf(drift.misses - 1, WEEKS, 0.1) < NAIVE_CHANCE,
        "after_drop": after.is_drifting,
    }
