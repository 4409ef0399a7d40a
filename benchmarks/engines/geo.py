"""20 regions, 156 weeks, four channels of Meridian's example data, partly pooled; the whole process, caches empty.

Peer: PyMC-Marketing 1.3 with a hierarchy over regions on the height of its curve, on the same data, with nutpie. It has
half the chains and fewer draws: with as many it takes twice as long.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import xarray as xr

from benchmarks.engines.peer_frame import peer_frame
from benchmarks.engines.processes import headline, in_process
from benchmarks.provenance import PROJECT
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

FILE = PROJECT.parent / "shared" / "data" / "weekly" / "meridian_geo_media.csv"
CHANNELS = [f"Channel{number}" for number in range(4)]
CONTROLS = ["competitor_activity_score", "sentiment_score"]
CHAINS, TUNE, DRAWS = 4, 400, 600
PEER_CHAINS, PEER_TUNE, PEER_DRAWS = 2, 400, 400


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a way and seed: seconds of the whole process, memory, convergence. No rows where the data are absent."""
    if not FILE.exists():
        print(f"engines_geo: skipped, there is no {FILE}")
        return pd.DataFrame()
    rows = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
            for who, what in (
                ("mixhouse, empty caches", "fast"),
                ("mixhouse, warm", "fast"),
                ("PyMC-Marketing, hierarchical, empty caches", "peer"),
            ):
                row = in_process("benchmarks.engines.geo", what, str(seed), caches=Path(folder))
                rows.append({"who": who, "seed": seed, **row})
    return pd.DataFrame(rows)


def panel_of_file() -> Panel:
    """Revenue, spend and two controls of each region, week by week."""
    frame = pd.read_csv(FILE, parse_dates=["time"]).rename(columns={"geo": "market", "time": "week"})
    frame["outcome"] = frame["conversions"] * frame["revenue_per_conversion"]
    cube = frame.set_index(["week", "market"]).to_xarray()
    spend = xr.concat([cube[f"{name}_spend"] for name in CHANNELS], pd.Index(CHANNELS, name="channel"))
    controls = xr.concat([cube[f"{name}_control"] for name in CONTROLS], pd.Index(CONTROLS, name="control"))
    named = {"outcome_name": "revenue", "currency": "USD"}
    return Panel(xr.Dataset({"outcome": cube["outcome"], "spend": spend, "controls": controls}, attrs=named))


def model(panel: Panel, seed: int) -> ModelSpec:
    """All defaults, partly pooled."""
    return ModelSpec.from_dict(
        {
            "model": "regions",
            "outcome": "revenue",
            "markets": panel.markets,
            "pooling": "partial",
            "channels": CHANNELS,
            "controls": CONTROLS,
            "sampler": {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.9, "seed": seed},
        }
    )


def fast(seed: int) -> dict[str, float]:
    """One fit with everything that is reported."""
    from mmm_models.engines import get_engine

    panel = panel_of_file()
    fit = get_engine("marginal").fit(panel, model(panel, seed))
    fit.returns()
    return headline(fit.info.convergence)


def peer(seed: int) -> dict[str, float]:
    """PyMC-Marketing: curves shared by regions, heights around each channel's own."""
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    from mmm_models.validation.convergence import convergence_figures

    panel = panel_of_file()
    frame = peer_frame(panel)
    height = Prior("HalfNormal", sigma=Prior("HalfNormal", sigma=1, dims="channel"), dims=("market", "channel"))
    mmm = MMM(
        date_column="date",
        target_column="y",
        channel_columns=CHANNELS,
        control_columns=CONTROLS,
        dims=("market",),
        adstock=GeometricAdstock(priors={"alpha": Prior("Beta", alpha=1, beta=3, dims="channel")}, l_max=8),
        saturation=LogisticSaturation(priors={"lam": Prior("Gamma", alpha=3, beta=1, dims="channel"), "beta": height}),
        yearly_seasonality=2,
    )
    features, target = frame.drop(columns="y"), frame["y"]
    mmm.build_model(features, target)
    tree = mmm.fit(
        features, target, draws=PEER_DRAWS, tune=PEER_TUNE, chains=PEER_CHAINS, cores=2, random_seed=seed,
        progressbar=False, nuts_sampler="nutpie",
    )  # fmt: skip
    names = [variable.name for variable in mmm.model.free_RVs]
    return headline(convergence_figures(tree["posterior"].to_dataset()[names], tree["sample_stats"].to_dataset()))


if __name__ == "__main__":
    print(json.dumps({"fast": fast, "peer": peer}[sys.argv[1]](int(sys.argv[2]))))
