"""A fit of any size with Hill curves, some S-shaped and some not; no engine, no sampling."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def make_wide_fit(
    channels: int, markets: int = 1, draws: int = 2000, *, max_lag: int = 8, weeks: int = 104, **planning: object
) -> Fit:
    """`draws` in two chains; slopes of the channels' curves run from 0.7 to 2.2."""
    rng = np.random.default_rng(0)
    names, places = [f"c{i}" for i in range(channels)], [f"M{i}" for i in range(markets)]
    spec = ModelSpec.from_dict(
        {
            "model": "wide",
            "outcome": "revenue",
            "currency": "USD",
            "markets": places,
            "media": {"adstock": {"kind": "geometric", "max_lag": max_lag}, "saturation": {"kind": "hill"}},
            "channels": {name: {} for name in names},
            "planning": planning,
        }
    )
    size = rng.lognormal(9.0, 0.6, (markets, channels))
    spend = size * rng.lognormal(0.0, 0.4, (weeks, markets, channels))
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), rng.normal(1e6, 1e4, (weeks, markets))),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), np.zeros((weeks, markets, 0))),
        },
        coords={
            "control": np.array([], dtype=object),
            "week": pd.date_range("2023-01-02", periods=weeks, freq="7D"),
            "market": places,
            "channel": names,
        },
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    half = (2, draws // 2, markets, channels)
    dims = ("chain", "draw", "market", "channel")
    slope = np.linspace(0.7, 2.2, channels) * rng.lognormal(0.0, 0.15, half)
    posterior = xr.Dataset(
        {
            "intercept": (dims[:3], rng.normal(1e6, 1e4, half[:3])),
            "trend": (dims[:3], rng.normal(0, 1e4, half[:3])),
            "fourier_coefficient": ((*dims[:3], "fourier"), rng.normal(0, 1e4, (*half[:3], 4))),
            "media_coefficient": (dims, 8 * size * rng.lognormal(0.0, 0.3, half)),
            "adstock_alpha": (dims, rng.beta(4, 4, half)),
            "saturation_slope": (dims, slope),
            "saturation_kappa": (dims, rng.lognormal(-0.7, 0.25, half)),
            "sigma": (dims[:3], np.full(half[:3], 1e4)),
        },
        coords={
            "chain": [0, 1],
            "draw": np.arange(draws // 2),
            "market": places,
            "channel": names,
            "fourier": ["sin_1", "sin_2", "cos_1", "cos_2"],
        },
    )
    panel = Panel(dataset)
    center, deviation = panel.control_scaling()
    scales = xr.Dataset(
        {
            "spend_scale": dataset["spend"].max("week"),
            "outcome_scale": ("market", np.full(markets, 1e6)),
            "control_center": center,
            "control_scale": deviation,
        },
        attrs={"trend_origin": "2023-01-02", "trend_span_weeks": weeks - 1.0},
    )
    convergence = {
        "r_hat_max": 1.0,
        "ess_bulk_min": 900.0,
        "ess_tail_min": 800.0,
        "divergences": 0,
        "e_bfmi_min": 0.9,
        "n_chains": 2,
        "n_draws": draws // 2,
    }
    info = FitInfo("known", "1", 3, "2024-03-01T00:00:00+00:00", 1.5, convergence, spec.content_hash())
    return Fit(spec, panel, posterior, scales, info)
