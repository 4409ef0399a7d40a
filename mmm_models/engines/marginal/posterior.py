"""From sampled positions to the canonical posterior of a `Fit`, with the baseline drawn."""

from __future__ import annotations

import numpy as np
import xarray as xr

from mmm_models.engines.marginal.baseline import TREND_CENTER
from mmm_models.engines.marginal.problem import Problem
from mmm_models.engines.marginal.structure import CurveGroup
from mmm_models.engines.marginal.wandering import WanderingBaseline
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights, carry_over, fourier_names

# Draws whose media are held in memory at a time, as numbers.
_CHUNK = 20_000_000


def to_canonical(
    parameters: dict[str, np.ndarray], problem: Problem, panel: Panel, spec: ModelSpec, scales: xr.Dataset, seed: int
) -> xr.Dataset:
    """Return the variables that `Fit` documents, dims chain, draw, ...

    Args:
        parameters: what `parameters_and_prior` gives of each draw, but for `shape`; arrays (chain, draw, ...).
        problem, panel, spec, scales: what was sampled.
        seed: of the baseline's draws.

    A channel that never spends in a market has the coefficient 0 there: the data say nothing about it, and the prior's
    word on an untried market is not a result to plan with.
    """
    structure = problem.structure
    sigma = parameters["sigma"]
    chains, draws, markets = sigma.shape
    shape = (chains, draws, markets, len(panel.channels))
    unit = scales["outcome_scale"].values
    coefficient = np.zeros(shape)
    for cell, (market, channel) in enumerate(structure.cells):
        coefficient[:, :, market, channel] = parameters["coefficient"][:, :, cell]
    variables = {
        **_by_channel("adstock", structure.adstocks, parameters, shape),
        **_by_channel("saturation", structure.saturations, parameters, shape),
    }
    for channel, name in enumerate(panel.channels):
        kind = spec.channel(name).saturation.kind
        curve = SATURATIONS[kind]
        if curve.amplitude in curve.parameters:
            heights = variables.setdefault(f"saturation_{curve.amplitude}", np.full(shape, np.nan))
            # Where nothing is ever spent the height does not matter, but must be one.
            spent = coefficient[..., channel] > 0
            heights[..., channel] = np.where(spent, coefficient[..., channel], 1.0)
    columns, level = _baseline_draws(problem, parameters, variables, coefficient, panel, spec, scales, seed)
    canonical = {name: (("chain", "draw", "market", "channel"), values) for name, values in variables.items()}
    canonical["media_coefficient"] = (("chain", "draw", "market", "channel"), coefficient * unit[:, None])
    canonical["sigma"] = (("chain", "draw", "market"), sigma * unit)
    if level is not None:
        canonical["level"] = (("chain", "draw", "market", "week"), level * unit[:, None])
        canonical["level_step"] = (("chain", "draw", "market"), parameters["level_step"] * unit)
    if "scatter" in parameters:
        canonical["effect_scatter"] = (("chain", "draw", "channel"), parameters["scatter"])
    coords = {
        "chain": np.arange(chains),
        "draw": np.arange(draws),
        "market": panel.markets,
        "channel": panel.channels,
        "control": panel.controls,
        "fourier": fourier_names(spec.seasonality.yearly_fourier),
        "week": panel.weeks,
    }
    return xr.Dataset(
        {**canonical, **_baseline_variables(problem.columns.names, columns * unit[:, None], spec)}, coords=coords
    )


def _by_channel(
    part: str, groups: tuple[CurveGroup, ...], parameters: dict[str, np.ndarray], shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Each parameter (chain, draw, market, channel), shared by markets; NaN where a channel's kind has none."""
    found: dict[str, np.ndarray] = {}
    for number, group in enumerate(groups):
        for name in dict.fromkeys(parameter for parameter, _, _ in group.priors):
            values = found.setdefault(f"{part}_{name}", np.full(shape, np.nan))
            values[..., list(group.channels)] = parameters[f"{part}.{number}.{name}"][:, :, None, :]
    return found


def _baseline_draws(
    problem: Problem,
    parameters: dict[str, np.ndarray],
    variables: dict[str, np.ndarray],
    coefficient: np.ndarray,
    panel: Panel,
    spec: ModelSpec,
    scales: xr.Dataset,
    seed: int,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Coefficients of the baseline (chain, draw, market, column) and, where it wanders, its level (..., week).

    A share of the draws at a time.
    """
    chains, draws, markets, _ = coefficient.shape
    spend = (panel.dataset["spend"] / scales["spend_scale"]).transpose("channel", "week", "market").values
    flat = {name: values.reshape(chains * draws, markets, -1) for name, values in variables.items()}
    heights = coefficient.reshape(chains * draws, markets, -1)
    noise = parameters["sigma"].reshape(chains * draws, markets)
    generator = np.random.default_rng([seed, 1])
    step = max(1, _CHUNK // (markets * len(panel.weeks)))
    columns, levels = [], []
    for start in range(0, chains * draws, step):
        rows = slice(start, start + step)
        media = _media({name: values[rows] for name, values in flat.items()}, heights[rows], spend, panel, spec)
        if isinstance(problem.baseline, WanderingBaseline):
            steps = parameters["level_step"].reshape(chains * draws, markets)[rows]
            drawn, level = problem.baseline.draw(media, noise[rows], steps, generator)
            levels.append(level)
        else:
            drawn = problem.baseline.draw(media, noise[rows], generator)
        columns.append(drawn)
    path = np.concatenate(levels).reshape(chains, draws, markets, -1) if levels else None
    return np.concatenate(columns).reshape(chains, draws, markets, -1), path


def _media(
    variables: dict[str, np.ndarray], heights: np.ndarray, spend: np.ndarray, panel: Panel, spec: ModelSpec
) -> np.ndarray:
    """Media contribution on the scaled outcome (sample, market, week) of parameters (sample, market, channel)."""
    media = np.zeros((len(heights), len(panel.weeks), len(panel.markets)))
    for channel, name in enumerate(panel.channels):
        own = spec.channel(name)
        carryover = {p: variables[f"adstock_{p}"][:, :, channel] for p in ADSTOCKS[own.adstock.kind].parameters}
        pressure = carry_over(spend[channel], adstock_weights(own.adstock.kind, carryover, own.adstock.max_lag))
        curve = SATURATIONS[own.saturation.kind]
        shape = {p: variables[f"saturation_{p}"][:, None, :, channel] for p in curve.parameters}
        media += heights[:, None, :, channel] * curve.shape(pressure, **shape)
    return media.transpose(0, 2, 1)


def _baseline_variables(names: tuple[str, ...], columns: np.ndarray, spec: ModelSpec) -> dict[str, tuple]:
    """intercept, trend, fourier_coefficient and control_coefficient, in units of the outcome."""
    at = {name: columns[..., position] for position, name in enumerate(names)}
    by_market = ("chain", "draw", "market")
    found: dict[str, tuple] = {"intercept": (by_market, at["intercept"])}
    if "trend" in at:
        found["trend"] = (by_market, at["trend"])
        found["intercept"] = (by_market, at["intercept"] - TREND_CENTER * at["trend"])
    order = spec.seasonality.yearly_fourier
    if order:
        seasons = np.stack([at[f"fourier:{name}"] for name in fourier_names(order)], axis=-1)
        found["fourier_coefficient"] = ((*by_market, "fourier"), seasons)
    controls = [name for name in names if name.startswith("control:")]
    if controls:
        found["control_coefficient"] = ((*by_market, "control"), np.stack([at[name] for name in controls], axis=-1))
    return found
