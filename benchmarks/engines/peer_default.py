"""Our use of PyMC-Marketing against PyMC-Marketing as it comes: same data, same draws, same sampler, same process."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.engines.peer_frame import peer_frame
from mmm_models.engines import get_engine
from mmm_models.evidence import EvidenceSet, LiftTest, select_evidence
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.worlds.lift_tests import run_lift_tests
from mmm_models.worlds.retailer import retailer
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.truth import true_returns

_CONTROLS = ["holidays", "promotion", "price_index", "competitor_spend", "consumer_confidence"]


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row an engine and seed: wall seconds, worst ESS, ESS a second, ROAS error and coverage, ratio to the peer.

    The first fit of each engine in a process pays its compilation; ESS a second counts whole wall time.
    """
    rows = []
    for seed in seeds:
        world = simulate(retailer(), seed)
        panel, spec = panel_of(world), model_spec(world)
        tests = [LiftTest(**row) for row in _records(run_lift_tests(world))]
        evidence = select_evidence(tests, spec, panel, as_of=panel.weeks[-1].date())
        peer = _score("PyMC-Marketing defaults", seed, *_peer(panel), world)
        ours = _score("mixhouse, data alone", seed, *_ours(panel, spec, None), world)
        calibrated = _score("mixhouse, lift tests", seed, *_ours(panel, spec, evidence), world)
        for row in (peer, ours, calibrated):
            row["ess_per_second_ratio"] = row["ess_per_second"] / peer["ess_per_second"]
            rows.append(row)
    return pd.DataFrame(rows)


def panel_of(world: World) -> Panel:
    """A world's complete weeks as a panel, money in the reporting currency, as the marts would make it."""
    weekly = {name: world.weekly(world.daily[name] * world.daily["fx_rate"]) for name in ("spend", "revenue")}
    controls = world.weekly(world.daily["control_value"]) / 7
    dataset = xr.Dataset(
        {
            "outcome": weekly["revenue"].transpose("week", "market"),
            "spend": weekly["spend"].transpose("week", "market", "channel"),
            "controls": controls.sel(control=_CONTROLS).transpose("week", "market", "control"),
        },
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset)


def model_spec(world: World) -> ModelSpec:
    """The demo's spec for a world."""
    channels = {str(name): {} for name in world.daily["channel"].values}
    channels["tv"] = {"adstock": {"max_lag": 26, "alpha": {"distribution": "Beta", "alpha": 8, "beta": 2}}}
    return ModelSpec.from_dict(
        {
            "model": "bench",
            "outcome": "revenue",
            "markets": [str(name) for name in world.daily["market"].values],
            "channels": channels,
            "controls": _CONTROLS,
        }
    )


def _ours(panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None) -> tuple[float, float, xr.DataArray]:
    started = time.perf_counter()
    fit = get_engine(spec.engine).fit(panel, spec, evidence)
    seconds = time.perf_counter() - started
    return seconds, fit.info.convergence["ess_bulk_min"], fit.returns()["roas"]


def _peer(panel: Panel) -> tuple[float, float, xr.DataArray]:
    """PyMC-Marketing 1.3 with its default priors, one l_max for all channels, controls as they come."""
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    from mmm_models.validation.convergence import convergence_figures

    started = time.perf_counter()
    model = MMM(
        date_column="date",
        channel_columns=list(panel.channels),
        control_columns=list(panel.controls),
        dims=("market",),
        adstock=GeometricAdstock(l_max=26),
        saturation=LogisticSaturation(),
        yearly_seasonality=2,
    )
    frame = peer_frame(panel)
    features, target = frame.drop(columns="y"), frame["y"]
    model.build_model(features, target)
    model.add_original_scale_contribution_variable(["channel_contribution"])
    tree = model.fit(features, target, draws=1000, tune=1000, chains=4, cores=2, random_seed=1, progressbar=False)
    seconds = time.perf_counter() - started
    names = [variable.name for variable in model.model.free_RVs]
    posterior = tree["posterior"].to_dataset()
    figures = convergence_figures(posterior[names], tree["sample_stats"].to_dataset(), xr.Dataset())
    total = posterior["channel_contribution_original_scale"].sum("date").stack(sample=("chain", "draw"))
    return seconds, figures["ess_bulk_min"], total / panel.dataset["spend"].sum("week")


def _score(engine: str, seed: int, seconds: float, ess: float, roas: xr.DataArray, world: World) -> dict[str, object]:
    truth = (
        true_returns(world).query("window_name == 'all' and market != 'all'").set_index(["market", "channel"])["roas"]
    )
    known = truth.to_xarray()
    low, middle, high = (roas.sel(market=known.market).quantile(q, "sample") for q in (0.05, 0.5, 0.95))
    inside = ((known >= low) & (known <= high)).values
    return {
        "engine": engine,
        "seed": seed,
        "wall_seconds": seconds,
        "ess_bulk_min": ess,
        "ess_per_second": ess / seconds,
        "median_roas_error": float(np.median(np.abs(middle / known - 1))),
        "roas_inside_90": f"{int(inside.sum())}/{inside.size}",
    }


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")
