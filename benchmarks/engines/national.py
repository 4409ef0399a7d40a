"""One market, 208 weeks, four channels: the fast engine from start of the process to end, and 52 refits week by week.

Peer: PyMC-Marketing 1.3 with its own default priors, on the same data, with as many chains and draws.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.engines.peer_frame import peer_frame
from benchmarks.engines.processes import headline, in_process
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, adstock_weights, carry_over

WEEKS, CHANNELS = 208, ("search", "social", "tv", "display")
DRAWS, TUNE, CHAINS = 1000, 600, 4
FOLDS = 52


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a way and seed: seconds of the whole process, of sampling, convergence, and the ratio to the peer."""
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
            cold = _in_process("fast", seed, Path(folder))
            warm = _in_process("fast", seed, Path(folder))
            sampling = _in_process("sampling", seed, Path(folder))["sampling_seconds"]
            folds = _in_process("folds", seed, Path(folder))
            peer = _in_process("peer", seed, Path(folder))
        named = (
            ("mixhouse, empty caches", {**cold, "sampling_seconds": sampling}),
            ("mixhouse, warm", {**warm, "sampling_seconds": sampling}),
            (f"mixhouse, {FOLDS} refits", folds),
            ("PyMC-Marketing defaults, empty caches", peer),
        )
        for who, row in named:
            speed = row["ess_bulk_min"] / row["sampling_seconds"]
            ratio = speed / (peer["ess_bulk_min"] / peer["sampling_seconds"])
            rows.append({"who": who, "seed": seed, **row, "ess_per_sampling_second": speed, "times_the_peer": ratio})
    return pd.DataFrame(rows)


def _in_process(what: str, seed: int, caches: Path) -> dict[str, float]:
    return in_process("benchmarks.engines.national", what, str(seed), caches=caches)


def simulated(seed: int) -> Panel:
    """Spend of four channels, level, trend, season, two controls and what the money brought."""
    rng = np.random.default_rng(seed)
    spend = rng.lognormal(0, 0.5, (WEEKS, 4)) * np.array([20_000.0, 12_000.0, 30_000.0, 5_000.0])
    spend[:, 2] *= rng.random(WEEKS) < 0.4
    scale = spend.max(axis=0)
    weights = adstock_weights("geometric", {"alpha": np.array([[0.2, 0.4, 0.7, 0.3]])}, 13)
    pressure = carry_over(spend / scale, weights)[0]
    media = (SATURATIONS["logistic"].shape(pressure, lam=np.array([2.0, 2.5, 1.5, 3.0])) * [9e4, 6e4, 9e4, 2e4]).sum(1)
    controls = rng.normal(size=(WEEKS, 2))
    weeks = pd.date_range("2021-01-04", periods=WEEKS, freq="7D")
    season = np.sin(2 * np.pi * weeks.dayofyear.to_numpy() / 365.25)
    level = 300_000 + 30_000 * np.arange(WEEKS) / WEEKS + 20_000 * season + controls @ [8_000.0, -5_000.0]
    outcome = level + media + 8_000 * rng.normal(size=WEEKS)
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), outcome[:, None]),
                "spend": (("week", "market", "channel"), spend[:, None, :]),
                "controls": (("week", "market", "control"), controls[:, None, :]),
            },
            coords={"week": weeks, "market": ["US"], "channel": list(CHANNELS), "control": ["price", "weather"]},
            attrs={"outcome_name": "revenue", "currency": "USD"},
        )
    )


def model() -> ModelSpec:
    """All defaults, thirteen weeks of memory."""
    return ModelSpec.from_dict(
        {
            "model": "national",
            "outcome": "revenue",
            "markets": ["US"],
            "media": {"adstock": {"max_lag": 13}},
            "channels": list(CHANNELS),
            "controls": ["price", "weather"],
            "sampler": {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.8, "seed": 1},
        }
    )


def fast(seed: int) -> dict[str, float]:
    """One fit with everything that is reported."""
    from mmm_models.engines import get_engine

    panel, spec = simulated(seed), model()
    fit = get_engine("marginal").fit(panel, spec)
    fit.returns()
    return headline(fit.info.convergence)


def folds(seed: int) -> dict[str, float]:
    """A fit with each of the last 52 weeks as the first one unknown."""
    from mmm_models.engines import get_engine

    panel, spec = simulated(seed), model()
    started, worst = time.perf_counter(), []
    for end in range(WEEKS - FOLDS, WEEKS):
        known = Panel(panel.dataset.isel(week=slice(0, end)))
        worst.append(headline(get_engine("marginal").fit(known, spec).info.convergence))
    return {
        "r_hat_max": max(each["r_hat_max"] for each in worst),
        "ess_bulk_min": min(each["ess_bulk_min"] for each in worst),
        "divergences": sum(each["divergences"] for each in worst),
        "sampling_seconds": time.perf_counter() - started,
    }


def peer(seed: int) -> dict[str, float]:
    """PyMC-Marketing as it comes; nutpie samples it, and its sampling is timed without the compilation."""
    import nutpie
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    from mmm_models.validation.convergence import convergence_figures

    panel = simulated(seed)
    spent = []
    sample = nutpie.sample

    def timed(*arguments: object, **options: object) -> object:
        started = time.perf_counter()
        drawn = sample(*arguments, **options)
        spent.append(time.perf_counter() - started)
        return drawn

    nutpie.sample = timed
    frame = peer_frame(panel).drop(columns="market")
    features, target = frame.drop(columns="y"), frame["y"]
    mmm = MMM(
        date_column="date",
        channel_columns=list(CHANNELS),
        control_columns=panel.controls,
        adstock=GeometricAdstock(l_max=13),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    mmm.build_model(features, target)
    tree = mmm.fit(
        features, target, draws=DRAWS, tune=TUNE, chains=CHAINS, cores=2, random_seed=1, progressbar=False,
        nuts_sampler="nutpie",
    )  # fmt: skip
    names = [variable.name for variable in mmm.model.free_RVs]
    figures = convergence_figures(tree["posterior"].to_dataset()[names], tree["sample_stats"].to_dataset())
    return {**headline(figures), "sampling_seconds": sum(spent)}


def sampling(seed: int) -> dict[str, float]:
    """Adaptation and draws alone, of a second run that compiles nothing."""
    from mmm_models.engines.cores import available_cores
    from mmm_models.engines.marginal.problem import build
    from mmm_models.engines.marginal.sampler import sample
    from mmm_models.engines.scales import scales_of

    panel, spec = simulated(seed), model()
    problem = build(panel, spec, scales_of(panel, spec))
    settings = {"tune": TUNE, "draws": DRAWS, "chains": CHAINS, "target_accept": 0.8, "seed": 1}
    seconds = 0.0
    for _ in range(2):
        started = time.perf_counter()
        next(sample(problem.structure, problem.data, problem.start, **settings, cores=available_cores()))
        seconds = time.perf_counter() - started
    return {"sampling_seconds": seconds}


if __name__ == "__main__":
    print(json.dumps({"fast": fast, "folds": folds, "peer": peer, "sampling": sampling}[sys.argv[1]](int(sys.argv[2]))))
