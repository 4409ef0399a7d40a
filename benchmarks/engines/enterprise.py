"""50 markets, 30 channels, 208 weeks, partly pooled: the whole process, its memory, and what it found of the truth.

No peer in the same run: PyMC-Marketing's model of this size does not end within hours on two cores.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.engines.processes import in_process
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, adstock_weights, carry_over

MARKETS, CHANNELS, WEEKS = 50, 30, 208
DRAWS, TUNE, CHAINS = 1000, 400, 4
# Of the log of a channel's effect over markets; of the weekly noise against the market's level.
SCATTER, NOISE = 0.3, 0.04


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a seed: seconds and memory of the whole process, convergence, error and coverage of contributions."""
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
            row = in_process("benchmarks.engines.enterprise", str(seed), caches=Path(folder))
        rows.append({"who": "mixhouse, partial pooling, empty caches", "seed": seed, **row})
    return pd.DataFrame(rows)


def simulated(
    seed: int, markets: int = MARKETS, channels: int = CHANNELS, weeks: int = WEEKS
) -> tuple[Panel, np.ndarray]:
    """Markets of different size, channels of different budgets, a third of them in bursts.

    Returns:
        The panel, and what each channel brought over all weeks (market, channel).
    """
    rng = np.random.default_rng(seed)
    size, budget = rng.lognormal(0, 0.8, markets), rng.lognormal(0, 0.8, channels)
    on_air = (np.arange(channels) % 3 > 0) | (rng.random((weeks, channels)) < 0.4)
    national = rng.lognormal(0, 0.4, (weeks, channels)) * on_air * budget
    spend = 1000 * size[:, None] * national[:, None] * rng.lognormal(0, 0.5, (weeks, markets, channels))
    alpha, lam = rng.beta(2, 3, channels), rng.gamma(9, 1 / 3, channels)
    weights = adstock_weights("geometric", {"alpha": np.tile(alpha, (1, markets))}, 8)
    pressure = carry_over((spend / spend.max(axis=0)).reshape(weeks, -1), weights)[0].reshape(spend.shape)
    shape = SATURATIONS["logistic"].shape(pressure, lam=lam)
    level = 30_000 * size
    effect = 0.35 * budget / budget.sum() * rng.lognormal(-0.1, 0.4, channels)
    effect = effect * np.exp(SCATTER * rng.normal(size=(markets, channels)))
    media = effect / shape.mean(axis=0) * level[:, None] * shape
    days = pd.date_range("2021-01-04", periods=weeks, freq="7D")
    season = np.sin(2 * np.pi * days.dayofyear.to_numpy() / 365.25)
    controls = rng.normal(size=(weeks, markets, 2))
    moved = 0.65 + 0.05 * (np.arange(weeks) / weeks + season)[:, None] + controls @ [0.02, -0.01]
    outcome = level * (moved + NOISE * rng.normal(size=(weeks, markets))) + media.sum(axis=2)
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), outcome),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), controls),
        },
        coords={
            "week": days,
            "market": [f"geo{number:02d}" for number in range(markets)],
            "channel": [f"channel{number:02d}" for number in range(channels)],
            "control": ["price", "weather"],
        },
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset), media.sum(axis=0)


def model(panel: Panel) -> ModelSpec:
    """All defaults, partly pooled."""
    return ModelSpec.from_dict(
        {
            "model": "enterprise",
            "outcome": "revenue",
            "markets": panel.markets,
            "pooling": "partial",
            "channels": panel.channels,
            "controls": panel.controls,
            "sampler": {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.9, "seed": 1},
        }
    )


def fit(seed: int) -> dict[str, float]:
    """One fit with everything that is reported."""
    from mmm_models.engines import get_engine

    panel, truth = simulated(seed)
    made = get_engine("marginal").fit(panel, model(panel))
    total = made.returns()["contribution"].sel(market=panel.markets)
    low, middle, high = (total.quantile(q, "sample").values for q in (0.05, 0.5, 0.95))
    return {
        **{name: made.info.convergence[name] for name in ("r_hat_max", "ess_bulk_min", "ess_tail_min", "divergences")},
        "fit_seconds": made.info.wall_seconds,
        "inside_90": float(((low <= truth) & (truth <= high)).mean()),
        "median_error": float(np.median(np.abs(middle / truth - 1))),
    }


if __name__ == "__main__":
    print(json.dumps(fit(int(sys.argv[1]))))
