"""ROAS error of a tournament beside each of its structures, in worlds that break one assumption, and its time."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.tournament import run_tournament
from mmm_models.training import KEPT_SAMPLES
from mmm_models.worlds.stress import make_world, true_returns

# World, of which one assumption fails -> the structures that are tried in it.
_CURVES = {"adstock": ["geometric", "delayed"], "saturation": ["logistic", "hill"]}
WORLDS = {
    "delayed_adstock": _CURVES,
    "s_shaped": _CURVES,
    "trend_break": {"saturation": ["logistic", "hill"], "trend": ["linear", "local"]},
}
TIMED = {"adstock": ["geometric", "delayed", "weibull_pdf"], "saturation": ["logistic", "hill"]}
_SAMPLER = {"draws": 500, "tune": 500}


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a world and structure, over seeds and channels: error of ROAS, coverage, and what the tournament saw.

    `times_the_best` compares with the structure that had the least error over all seeds, which nobody could know.
    """
    rows = []
    for seed in seeds:
        for name, grid in WORLDS.items():
            world = make_world(name, seed)
            truth = true_returns(world)["roas"].sel(market=world.panel.markets)
            rows += [{"world": name, "seed": seed, **row} for row in errors(world.panel, truth, grid, seed)]
    return summed_up(pd.DataFrame(rows))


def summed_up(rows: pd.DataFrame) -> pd.DataFrame:
    """The table of `run` from the rows of `errors`."""
    table = rows.groupby(["world", "who"], sort=False).agg(
        error=("error", "mean"),
        covered_90=("covered", "mean"),
        weight=("weight", "mean"),
        elpd=("elpd", "mean"),
        r_hat_max=("r_hat", "max"),
        seconds=("seconds", "mean"),
    )
    best = table.drop(index="tournament", level="who").groupby("world", sort=False)["error"].min()
    return table.assign(times_the_best=table["error"] / best).reset_index()


def spec_of(panel: Panel, grid: dict[str, list[str]], seed: int, sampler: dict[str, int]) -> ModelSpec:
    """All defaults but for the memory, which the longest carryover of the worlds needs."""
    return ModelSpec.from_dict(
        {
            "model": "tournament",
            "outcome": panel.outcome_name,
            "markets": panel.markets,
            "channels": panel.channels,
            "controls": panel.controls,
            "media": {"adstock": {"max_lag": 13}},
            "sampler": {**sampler, "seed": seed},
            "tournament": grid,
        }
    )


def errors(panel: Panel, truth: xr.DataArray, grid: dict[str, list[str]], seed: int) -> list[dict[str, object]]:
    """One row a structure (and `tournament`) and channel: |mean ROAS / truth - 1|, and is the truth in the interval?"""
    started = time.perf_counter()
    stacked = run_tournament(panel, spec_of(panel, grid, seed, _SAMPLER), kept=KEPT_SAMPLES)
    seconds = time.perf_counter() - started
    rows = []
    for member in stacked.members:
        told = {"who": member.name, "weight": member.weight, "elpd": float(member.scores.sum())}
        rows += [told | row | {"seconds": member.fit.info.wall_seconds} for row in _errors(member.fit, truth)]
    return rows + [{"who": "tournament", "seconds": seconds, **row} for row in _errors(stacked, truth)]


def _errors(fit: Fit | StackedFit, truth: xr.DataArray) -> list[dict[str, object]]:
    roas = fit.returns()["roas"]
    rows = []
    for market in fit.panel.markets:
        for channel in fit.panel.channels:
            draws = roas.sel(market=market, channel=channel).values
            true = float(truth.sel(market=market, channel=channel))
            low, high = np.quantile(draws, [0.05, 0.95])
            rows.append(
                {
                    "channel": channel,
                    "error": abs(float(draws.mean()) / true - 1.0),
                    "covered": bool(low <= true <= high),
                    "r_hat": fit.info.convergence["r_hat_max"],
                }
            )
    return rows


def timed(seed: int = 1) -> tuple[float, int]:
    """Seconds of a tournament of six structures in this process with the default sampler, and the number of fits."""
    panel = make_world("delayed_adstock", seed).panel
    spec, started = spec_of(panel, TIMED, seed, {}), time.perf_counter()
    stacked = run_tournament(panel, spec, kept=KEPT_SAMPLES)
    return time.perf_counter() - started, len(stacked.members) * (1 + spec.tournament.folds)


if __name__ == "__main__":
    for when in ("with what caches hold", "again in the same process"):
        taken, fits = timed()
        print(f"6 structures, 156 weeks, 4 channels, {when}: {fits} fits in {taken:.0f} s")
