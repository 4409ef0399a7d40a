"""Truths drawn from a spec's own priors, and outcomes simulated from them on a given history of spend.

What simulates is `Fit`, whose arithmetic is numpy and shares nothing with the density that is put to the test.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from mmm_models.engines.defaults import baseline_priors
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, PriorSpec
from mmm_models.transforms import SATURATIONS, fourier_names

_DRAW: dict[str, Callable[..., float]] = {
    "Beta": lambda rng, alpha, beta: rng.beta(alpha, beta),
    "Gamma": lambda rng, alpha, beta: rng.gamma(alpha, 1 / beta),
    "HalfNormal": lambda rng, sigma: abs(rng.normal(0, sigma)),
    "LogNormal": lambda rng, mu, sigma: rng.lognormal(mu, sigma),
    "Normal": lambda rng, mu, sigma: rng.normal(mu, sigma),
}


def draw(prior: PriorSpec, rng: np.random.Generator) -> float:
    """One number from a prior."""
    standard = prior.standard()
    return float(_DRAW[standard.distribution](rng, **standard.parameters))


def draw_truth(panel: Panel, spec: ModelSpec, scales: xr.Dataset, rng: np.random.Generator) -> Fit:
    """A fit of one draw: every parameter from its prior, as the fast engine documents them."""
    chosen, of_market = baseline_priors(spec.priors), ("chain", "draw", "market")
    by_market = {name: [draw(chosen[name], rng) for _ in panel.markets] for name in ("intercept", "trend", "sigma")}
    if spec.trend == "linear":
        # The engine's level is that of the middle of the data.
        by_market["intercept"] = list(np.subtract(by_market["intercept"], np.multiply(0.5, by_market["trend"])))
    else:
        by_market.pop("trend")
    variables = {name: (of_market, np.array(values)[None, None]) for name, values in by_market.items()}
    for name, dim, size in (("fourier", "fourier", 2 * spec.seasonality.yearly_fourier),
                            ("control", "control", len(panel.controls))):  # fmt: skip
        if size:
            values = [[draw(chosen[name], rng) for _ in range(size)] for _ in panel.markets]
            variables[f"{name}_coefficient"] = ((*of_market, dim), np.array(values)[None, None])
    if spec.trend == "local":
        step = np.array([draw(chosen["level_step"], rng) for _ in panel.markets])
        moves = step[:, None] * rng.standard_normal((len(panel.markets), len(panel.weeks)))
        moves[:, 0] = 0.0
        variables["level_step"] = (of_market, step[None, None])
        variables["level"] = ((*of_market, "week"), np.cumsum(moves, axis=1)[None, None])
    coords = {
        "market": panel.markets,
        "channel": panel.channels,
        "control": panel.controls,
        "fourier": fourier_names(spec.seasonality.yearly_fourier),
        "week": panel.weeks,
    }
    curves = {**_curves(panel, spec, rng), "media_coefficient": _everywhere(np.ones(len(panel.channels)), panel)}
    whole = xr.Dataset({**variables, **curves}, coords=coords)
    unit = Fit(spec, panel, whole, scales, FitInfo("truth"))
    scatter = np.array([draw(chosen["scatter"], rng) for _ in panel.channels])
    whole = whole.assign(media_coefficient=_heights(unit, scatter, rng))
    if spec.pooling == "partial":
        whole["effect_scatter"] = (("chain", "draw", "channel"), scatter[None, None])
    return Fit(spec, panel, whole, scales, FitInfo("truth"))


def _curves(panel: Panel, spec: ModelSpec, rng: np.random.Generator) -> dict[str, tuple]:
    """Adstock and saturation parameters, shared by markets; NaN where a channel's kind has none."""
    found: dict[str, np.ndarray] = {}
    for position, name in enumerate(panel.channels):
        own = spec.channel(name)
        height = SATURATIONS[own.saturation.kind].amplitude
        for part, priors in (("adstock", own.adstock.priors), ("saturation", own.saturation.priors)):
            for parameter, prior in priors.items():
                if parameter != height:
                    values = found.setdefault(f"{part}_{parameter}", np.full(len(panel.channels), np.nan))
                    values[position] = draw(prior, rng)
    return {name: _everywhere(values, panel) for name, values in found.items()}


def _everywhere(values: np.ndarray, panel: Panel) -> tuple:
    markets = np.broadcast_to(values, (1, 1, len(panel.markets), len(panel.channels)))
    return ("chain", "draw", "market", "channel"), markets.copy()


def _heights(unit: Fit, scatter: np.ndarray, rng: np.random.Generator) -> tuple:
    """Media coefficients (1, 1, market, channel), given what a coefficient of 1 brings."""
    panel, spec = unit.panel, unit.spec
    spend = panel.dataset["spend"]
    per_unit = unit.media_response(spend).sum("week").values[0]
    heights = np.empty(per_unit.shape)
    for position, name in enumerate(panel.channels):
        own = spec.channel(name)
        if own.effect is None:
            prior = own.saturation.priors[SATURATIONS[own.saturation.kind].amplitude]
            if spec.pooling == "partial":
                apart = np.exp(scatter[position] * rng.standard_normal(len(panel.markets)))
                heights[:, position] = draw(prior, rng) * apart
            else:
                heights[:, position] = [draw(prior, rng) for _ in panel.markets]
            continue
        money = spend.sel(channel=name).sum("week").values
        returns = np.array([draw(own.effect.prior, rng) for _ in panel.markets])
        heights[:, position] = returns * money / per_unit[:, position]
    scale = unit.scales["outcome_scale"].values[:, None]
    asked = np.array([spec.channel(name).effect is None for name in panel.channels])
    return ("chain", "draw", "market", "channel"), np.where(asked, heights * scale, heights)[None, None]
