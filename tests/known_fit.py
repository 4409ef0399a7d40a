"""A company whose parameters are known, and its fit: no engine, no sampling."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

WEEKS = pd.date_range("2023-01-02", periods=60, freq="7D")
MARKETS = ["US", "DE"]
CHANNELS = ["search", "paid_social", "tv"]
CONTROLS = ["promotion", "price_index"]

SPEC = """
model: known
outcome: revenue
currency: USD
markets: [US, DE]
media:
  adstock: {kind: geometric, max_lag: 4, alpha: {distribution: Beta, alpha: 2, beta: 3}}
channels:
  search: {}
  paid_social: {}
  tv: {adstock: {max_lag: 10, alpha: {distribution: Beta, alpha: 8, beta: 2}}}
controls: [promotion, price_index]
planning:
  horizon_weeks: 8
"""

# Rows are markets, columns channels (or controls): the truth that every draw lies close to.
TRUTH = {
    "intercept": [500_000.0, 200_000.0],
    "trend": [60_000.0, 10_000.0],
    "fourier_coefficient": [[30_000.0, -8_000.0, 20_000.0, 4_000.0], [9_000.0, 2_000.0, -5_000.0, 1_000.0]],
    "control_coefficient": [[40_000.0, -15_000.0], [12_000.0, -6_000.0]],
    "media_coefficient": [[150_000.0, 90_000.0, 120_000.0], [60_000.0, 40_000.0, 50_000.0]],
    "adstock_alpha": [[0.2, 0.4, 0.8], [0.1, 0.5, 0.7]],
    "saturation_lam": [[2.5, 1.8, 3.0], [2.0, 2.4, 2.2]],
    "sigma": [1_000.0, 500.0],
}
DIMS = {
    "fourier_coefficient": ("market", "fourier"),
    "control_coefficient": ("market", "control"),
    "media_coefficient": ("market", "channel"),
    "adstock_alpha": ("market", "channel"),
    "saturation_lam": ("market", "channel"),
}


def known_dataset() -> xr.Dataset:
    """Spend with bursts and dark weeks, two controls; the outcome is filled in by `known_fit`."""
    rng = np.random.default_rng(11)
    level = np.array([[40_000.0, 20_000.0, 60_000.0], [15_000.0, 8_000.0, 20_000.0]])
    spend = level * rng.lognormal(0.0, 0.4, size=(60, 2, 3))
    dark = rng.random((60, 2)) < 0.4
    spend[:, :, 2] = np.where(dark, 0.0, spend[:, :, 2])
    controls = np.stack([rng.random((60, 2)) < 0.2, rng.normal(100, 3, size=(60, 2))], axis=-1).astype(float)
    return xr.Dataset(
        {
            "outcome": (("week", "market"), np.zeros((60, 2))),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), controls),
        },
        coords={"week": WEEKS, "market": MARKETS, "channel": CHANNELS, "control": CONTROLS},
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )


def known_posterior(spread: float = 0.02, chains: int = 2, draws: int = 50) -> xr.Dataset:
    """Draws that scatter around TRUTH with a relative standard deviation of `spread`."""
    rng = np.random.default_rng(7)
    variables = {}
    for name, truth in TRUTH.items():
        value = np.asarray(truth)
        noise = 1 + spread * rng.standard_normal((chains, draws, *value.shape))
        dims = ("chain", "draw", *DIMS.get(name, ("market",)))
        variables[name] = (dims, np.clip(value * noise, None, 0.99) if name == "adstock_alpha" else value * noise)
    coords = {
        "chain": np.arange(chains),
        "draw": np.arange(draws),
        "market": MARKETS,
        "channel": CHANNELS,
        "control": CONTROLS,
        "fourier": ["sin_1", "sin_2", "cos_1", "cos_2"],
    }
    return xr.Dataset(variables, coords=coords)


def make_known_fit(spec: ModelSpec | None = None, posterior: xr.Dataset | None = None) -> Fit:
    """Build the fit; the outcome of its panel is the mean prediction plus small noise."""
    dataset = known_dataset()
    spec = spec or ModelSpec.from_yaml(SPEC)
    posterior = known_posterior() if posterior is None else posterior
    panel = Panel(dataset)
    center, deviation = panel.control_scaling()
    scales = xr.Dataset(
        {
            "spend_scale": dataset["spend"].max("week"),
            "outcome_scale": ("market", [1_000_000.0, 400_000.0]),
            "control_center": center,
            "control_scale": deviation,
        },
        attrs={"trend_origin": "2023-01-02", "trend_span_weeks": 59.0},
    )
    convergence = {
        "r_hat_max": 1.004,
        "ess_bulk_min": 900.0,
        "ess_tail_min": 800.0,
        "divergences": 0,
        "e_bfmi_min": 0.9,
        "n_chains": 2,
        "n_draws": 50,
    }
    info = FitInfo(
        engine="known",
        engine_version="1",
        seed=3,
        started_at="2024-03-01T00:00:00+00:00",
        wall_seconds=1.5,
        convergence=convergence,
        spec_hash=spec.content_hash(),
    )
    mean = Fit(spec, panel, posterior, scales, info).predict().mean("sample")
    noise = np.random.default_rng(5).normal(0, 1, mean.shape) * np.array(TRUTH["sigma"])
    panel = Panel(dataset.assign(outcome=mean + noise))
    return Fit(spec, panel, posterior, scales, info).with_info(data_hash=panel.content_hash())
