"""From sampled positions to the canonical posterior of a `Fit`, with the baseline drawn."""

from __future__ import annotations

import numpy as np
import xarray as xr

from mmm_models.engines.columns import canonical_baseline
from mmm_models.engines.marginal.problem import Problem
from mmm_models.engines.marginal.structure import CurveGroup
from mmm_models.engines.marginal.wandering import WanderingBaseline
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, fourier_names

# Numbers held in memory at a time while a wandering level is drawn.
_CHUNK = 20_000_000


def to_canonical(
    kept: dict[str, np.ndarray], problem: Problem, panel: Panel, spec: ModelSpec, scales: xr.Dataset
) -> xr.Dataset:
    """Return the variables that `Fit` documents, dims chain, draw, ...

    Args:
        kept: what `kept_of_draw` gives of each draw; arrays (chain, draw, ...).
        problem, panel, spec, scales: what was sampled.

    A channel that never spends in a market has the coefficient 0 there: the data say nothing about it, and the prior's
    word on an untried market is not a result to plan with.
    """
    structure = problem.structure
    sigma = kept["sigma"]
    chains, draws, markets = sigma.shape
    shape = (chains, draws, markets, len(panel.channels))
    unit = scales["outcome_scale"].values
    coefficient = _by_market_and_channel(kept["coefficient"], problem, shape)
    variables = {
        **_by_channel("adstock", structure.adstocks, kept, shape),
        **_by_channel("saturation", structure.saturations, kept, shape),
    }
    for channel, name in enumerate(panel.channels):
        kind = spec.channel(name).saturation.kind
        curve = SATURATIONS[kind]
        if curve.amplitude in curve.parameters:
            heights = variables.setdefault(f"saturation_{curve.amplitude}", np.full(shape, np.nan))
            # Where nothing is ever spent the height does not matter, but must be one.
            spent = coefficient[..., channel] > 0
            heights[..., channel] = np.where(spent, coefficient[..., channel], 1.0)
    columns, level = _baseline_draws(problem, kept, spec.sampler.seed)
    canonical = {name: (("chain", "draw", "market", "channel"), values) for name, values in variables.items()}
    canonical["media_coefficient"] = (("chain", "draw", "market", "channel"), coefficient * unit[:, None])
    canonical["sigma"] = (("chain", "draw", "market"), sigma * unit)
    if level is not None:
        canonical["level"] = (("chain", "draw", "market", "week"), level * unit[:, None])
        canonical["level_step"] = (("chain", "draw", "market"), kept["level_step"] * unit)
    if "scatter" in kept:
        canonical["effect_scatter"] = (("chain", "draw", "channel"), kept["scatter"])
    if structure.wandering:
        canonical |= _wandering_effects(kept, problem, panel)
    canonical |= _biases_of_designs(kept, problem)
    coords = {
        "chain": np.arange(chains),
        "draw": np.arange(draws),
        "market": panel.markets,
        "channel": panel.channels,
        "control": panel.controls,
        "fourier": fourier_names(spec.seasonality.yearly_fourier),
        "week": panel.weeks,
        **_families(problem),
    }
    return xr.Dataset(
        {**canonical, **canonical_baseline(problem.columns.names, columns * unit[:, None], spec)}, coords=coords
    )


def _families(problem: Problem) -> dict[str, list[str]]:
    measured = problem.structure.measured
    if measured is None:
        return {}
    unknown = {"factor": measured.factors, "scatter": measured.scatters, "offset": measured.offsets}
    return {f"{name}_of": list(families) for name, families in unknown.items() if families}


def _biases_of_designs(kept: dict[str, np.ndarray], problem: Problem) -> dict[str, tuple]:
    """`design_factor`, `design_scatter` and `design_offset`: what the tests say of their families, where it is unknown.

    A family's tests may differ in what is known of them beforehand; its bias is told for the least known.
    """
    measured, found = problem.structure.measured, {}
    if measured is None:
        return found
    tests = problem.data["tests"]
    unknown = {"factor": measured.factors, "scatter": measured.scatters, "offset": measured.offsets}
    for name, families in unknown.items():
        if not families:
            continue
        deviation = np.array(
            [tests[f"{name}_sd"][tests[f"family_of_{name}"] == at].max() for at in range(len(families))]
        )
        values = kept[f"design_{name}"] * deviation
        found[f"design_{name}"] = (("chain", "draw", f"{name}_of"), np.exp(values) if name == "factor" else values)
    return found


def _wandering_effects(kept: dict[str, np.ndarray], problem: Problem, panel: Panel) -> dict[str, tuple]:
    """`effect_path`, 0 for channels whose effect stays, and `effect_step`, which they do not have."""
    wandering = list(problem.structure.wandering)
    path = np.zeros((*kept["walk"].shape[:2], len(panel.channels), len(panel.weeks)))
    path[:, :, wandering] = kept["walk"] @ problem.data["directions"][: len(panel.weeks)].T
    step = np.full(path.shape[:3], np.nan)
    step[:, :, wandering] = kept["effect_step"]
    return {
        "effect_path": (("chain", "draw", "channel", "week"), path),
        "effect_step": (("chain", "draw", "channel"), step),
    }


def total_contributions(kept: dict[str, np.ndarray], problem: Problem, scales: xr.Dataset) -> xr.DataArray:
    """Contribution of each channel in each market over all weeks, in units of the outcome; dims chain, draw, ..."""
    sizes = (*kept["total"].shape[:2], scales.sizes["market"], scales.sizes["channel"])
    total = _by_market_and_channel(kept["total"], problem, sizes) * scales["outcome_scale"].values[:, None]
    return xr.DataArray(total, dims=("chain", "draw", "market_total", "channel_total"))


def _by_market_and_channel(cells: np.ndarray, problem: Problem, shape: tuple[int, ...]) -> np.ndarray:
    """Values of cells (chain, draw, cell) as (chain, draw, market, channel), 0 where nothing is ever spent."""
    found = np.zeros(shape)
    markets, channels = np.array(problem.structure.cells, dtype=int).reshape(-1, 2).T
    found[:, :, markets, channels] = cells
    return found


def _by_channel(
    part: str, groups: tuple[CurveGroup, ...], kept: dict[str, np.ndarray], shape: tuple[int, ...]
) -> dict[str, np.ndarray]:
    """Each parameter (chain, draw, market, channel), shared by markets; NaN where a channel's kind has none."""
    found: dict[str, np.ndarray] = {}
    for number, group in enumerate(groups):
        for name in dict.fromkeys(parameter for parameter, _, _ in group.priors):
            values = found.setdefault(f"{part}_{name}", np.full(shape, np.nan))
            values[..., list(group.channels)] = kept[f"{part}.{number}.{name}"][:, :, None, :]
    return found


def _baseline_draws(problem: Problem, kept: dict[str, np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Coefficients of the baseline (chain, draw, market, column) and, where it wanders, its level (..., week)."""
    baseline, generator = problem.baseline, np.random.default_rng([seed, 1])
    names = ("inside", "sigma", "level_step") if isinstance(baseline, WanderingBaseline) else ("inside", "sigma")
    sampled = kept["sigma"].shape[:2]
    flat = [kept[name].reshape(-1, *kept[name].shape[2:]) for name in names]
    if not isinstance(baseline, WanderingBaseline):
        return baseline.draw(*flat, generator).reshape(*kept["inside"].shape[:3], -1), None
    samples, markets, columns = flat[0].shape
    step = max(1, _CHUNK // (markets * columns**2))
    drawn = [
        baseline.draw(*(values[start : start + step] for values in flat), generator)
        for start in range(0, samples, step)
    ]
    coefficients, levels = (np.concatenate(parts).reshape(*sampled, markets, -1) for parts in zip(*drawn, strict=True))
    return coefficients, levels
