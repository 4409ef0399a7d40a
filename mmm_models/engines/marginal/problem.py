"""From panel, spec and lift tests to what the density takes: a structure to compile and data to swap in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.engines.defaults import baseline_priors
from mmm_models.engines.marginal.baseline import Baseline, Columns
from mmm_models.engines.marginal.density import slot
from mmm_models.engines.marginal.markets import told_by_markets
from mmm_models.engines.marginal.measurements import measured_structure, measurement_arrays
from mmm_models.engines.marginal.shapes import HEIGHT_IN_SHAPE
from mmm_models.engines.marginal.structure import CurveGroup, EffectGroup, Structure
from mmm_models.engines.marginal.wandering import EFFECT_DIRECTIONS, WanderingBaseline, walk_basis
from mmm_models.engines.readings import readings_of
from mmm_models.errors import SpecError
from mmm_models.evidence import EvidenceSet
from mmm_models.panel import Panel
from mmm_models.spec import AdstockSpec, ModelSpec, PriorSpec, SaturationSpec
from mmm_models.transforms import SATURATIONS

_YEAR = 52
# Where chains start to look for how log effects scatter over markets.
_SCATTER = 0.3


@dataclass(frozen=True)
class Problem:
    """What is sampled, and what is integrated out.

    Attributes:
        structure: what is compiled.
        data: arrays of the density (`log_posterior`), float64, weeks filled up to whole years: `lagged` (channel, lag,
            market, week; volume / scale), `contacts` (cell with reach, lag, week; frequency / scale), `remembered`
            (channel, lag), `residual` (market, week), `basis` (market, week, column), `spread` (market, column),
            `weeks` (market), `directions` (week, direction; of effects that wander) and so on; priors' numbers under
            `adstock_prior`, `saturation_prior`, `effect_prior`, `sigma_prior`; `tests`.
        baseline: the linear part, to be drawn afterwards.
        start: a position near which chains start: prior means, and media that bring a fifth of the outcome.
    """

    structure: Structure
    data: dict
    baseline: Baseline | WanderingBaseline
    start: dict

    @property
    def columns(self) -> Columns:
        """The columns of the baseline."""
        return self.baseline.columns


def build(panel: Panel, spec: ModelSpec, scales: xr.Dataset, evidence: EvidenceSet | None = None) -> Problem:
    """Return the problem of a spec on a panel.

    Raises:
        SpecError: a prior of the baseline is not Normal, or one of an effect does not fit the channel's curve.
    """
    evidence = evidence or EvidenceSet()
    channels = [spec.channel(name) for name in panel.channels]
    adstocks, adstock_prior, adstock_start = _grouped([channel.adstock for channel in channels], {})
    amplitudes = {kind: curve.amplitude for kind, curve in SATURATIONS.items()}
    saturations, saturation_prior, saturation_start = _grouped(
        [channel.saturation for channel in channels],
        amplitudes,
        [channel.frequency is not None for channel in channels],
    )
    spent = (panel.volume > 0).any("week").transpose("market", "channel").values
    cells = [
        (int(market), channel)
        for group in saturations
        for channel in group.channels
        for market in np.flatnonzero(spent[:, channel])
    ]
    effects, effect_prior = _effects(panel, spec, cells)
    wanders = spec.trend == "local"
    baseline = (WanderingBaseline if wanders else Baseline).of(panel, spec, scales, evidence.masked_weeks(panel))
    chosen = baseline_priors(spec.priors)
    sigma = chosen["sigma"].standard()
    scatter, step, effect_step = (chosen[name].standard() for name in ("scatter", "level_step", "effect_step"))
    wandering = tuple(position for position, channel in enumerate(channels) if channel.time_varying)
    readings = readings_of(evidence, panel, spec, scales)
    measured = measured_structure(readings, evidence, spec, cells)
    structure = Structure(
        adstocks,
        saturations,
        tuple(cells),
        effects,
        spec.pooling,
        scatter.distribution,
        wandering,
        effect_step.distribution if wandering else "",
        step.distribution if wanders else "",
        sigma.distribution,
        measured,
    )
    data = {
        **_in_whole_years({**baseline.arrays(), **_media(panel, spec, scales, cells)}, len(panel.weeks)),
        "effect_step_prior": _numbers([effect_step] * len(wandering)) if wandering else {},
        "adstock_prior": adstock_prior,
        "saturation_prior": saturation_prior,
        "effect_prior": effect_prior,
        "scatter_prior": _numbers([scatter] * len(panel.channels)),
        "level_prior": _numbers([step] * len(panel.markets)),
        "sigma_prior": _numbers([sigma] * len(panel.markets)),
        "tests": measurement_arrays(readings, evidence, spec, cells) if measured else {},
    }
    start = {
        "adstock": adstock_start,
        "saturation": saturation_start,
        "effect": _effect_start(panel, spec, scales, cells),
        "sigma": np.log(0.5 * baseline.columns.residual.std(axis=1)),
    }
    if wandering:
        directions = data["directions"].shape[1]
        start |= {
            "effect_step": np.full(len(wandering), _at_mean(effect_step)),
            "walk": np.zeros(len(wandering) * directions),
        }
    if wanders:
        start["level_step"] = np.full(len(panel.markets), _at_mean(step))
    if measured is not None:
        unknown = {"factor": measured.factors, "scatter": measured.scatters, "offset": measured.offsets}
        start |= {f"design_{name}": np.zeros(len(families)) for name, families in unknown.items() if families}
    if spec.pooling == "partial":
        effect, sigma = start["effect"], np.exp(start["sigma"])
        told = told_by_markets(panel, spec, scales, cells, baseline.columns, effect, sigma, _SCATTER)
        data["guess"], data["information"] = told
        start["scatter"] = np.full(len(panel.channels), np.log(_SCATTER))
        start["deviation"] = np.zeros(len(cells))
    return Problem(structure, data, baseline, start)


def _in_whole_years(arrays: dict[str, np.ndarray], weeks: int) -> dict[str, np.ndarray]:
    """Weeks without spend and outcome behind the data, which add nothing to the density: its arrays then have the same
    shape for each week of a year, so that a refit with one week more, or a backtest's fold, compiles nothing."""
    more = -weeks % _YEAR
    along = {"lagged": 3, "contacts": 2, "residual": 1, "basis": 1, "directions": 0}
    return {
        name: np.pad(values, [(0, more if axis == along.get(name) else 0) for axis in range(values.ndim)])
        for name, values in arrays.items()
    }


def _grouped(
    curves: Sequence[AdstockSpec | SaturationSpec], amplitudes: Mapping[str, str], by_frequency: Sequence[bool] = ()
) -> tuple[tuple[CurveGroup, ...], dict[str, dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Channels by kind, and by slot the numbers of their priors and where chains start.

    An amplitude is no parameter of the shape. Curves that act on frequency stand apart.
    """
    groups, numbers, starts = [], {}, {}
    kinds = list(zip((curve.kind for curve in curves), by_frequency or [False] * len(curves), strict=True))
    for number, (kind, of_frequency) in enumerate(dict.fromkeys(kinds)):
        channels = tuple(position for position, each in enumerate(kinds) if each == (kind, of_frequency))
        priors = []
        for parameter in curves[channels[0]].priors:
            if parameter == amplitudes.get(kind):
                continue
            chosen = [curves[channel].priors[parameter].standard() for channel in channels]
            for distribution in dict.fromkeys(prior.distribution for prior in chosen):
                where = tuple(i for i, prior in enumerate(chosen) if prior.distribution == distribution)
                priors.append((parameter, distribution, where))
                name = slot(number, parameter, distribution)
                numbers[name] = _numbers([chosen[i] for i in where])
                starts[name] = np.array([_at_mean(chosen[i]) for i in where])
        groups.append(CurveGroup(kind, channels, tuple(priors), of_frequency))
    return tuple(groups), numbers, starts


def _at_mean(prior: PriorSpec) -> float:
    """The prior mean in coordinates without limits (see `priors.constrain`); that of 1 where a prior has no mean."""
    mean = prior.usual
    if prior.distribution == "Beta" or "lower" in prior.parameters:
        lower, upper = prior.parameters.get("lower", 0.0), prior.parameters.get("upper", 1.0)
        share = (mean - lower) / (upper - lower)
        return float(np.log(share / (1 - share)))
    return float(np.log(mean))


def _effect_start(panel: Panel, spec: ModelSpec, scales: xr.Dataset, cells: Sequence[tuple[int, int]]) -> np.ndarray:
    """Log mean weekly contribution where all paid media bring a fifth of a market's outcome, by their money, and each
    organic medium a hundredth.

    Of each cell, or, where markets are pooled, the mean of each channel's cells.
    """
    outcome = np.abs(panel.dataset["outcome"] / scales["outcome_scale"]).mean("week").values
    spend = panel.dataset["spend"].mean("week").transpose("market", "channel").values
    share = np.where(spend > 0, spend / np.maximum(spend.sum(axis=1, keepdims=True), 1e-300), 0.05)
    start = np.array([np.log(0.2 * outcome[market] * share[market, channel]) for market, channel in cells])
    if spec.pooling == "none":
        return start
    channels = np.array([channel for _, channel in cells])
    return np.array([start[channels == channel].mean() for channel in range(len(panel.channels))])


def _effects(
    panel: Panel, spec: ModelSpec, cells: Sequence[tuple[int, int]]
) -> tuple[tuple[EffectGroup, ...], dict[str, dict[str, np.ndarray]]]:
    chosen: dict[tuple[str, str], list[tuple[int, PriorSpec]]] = {}
    units = [channel for _, channel in cells] if spec.pooling == "none" else range(len(panel.channels))
    for unit, channel in enumerate(units):
        quantity, prior = _effect_of(spec, panel.channels[channel])
        chosen.setdefault((quantity, prior.distribution), []).append((unit, prior))
    groups = tuple(
        EffectGroup(quantity, distribution, tuple(unit for unit, _ in members))
        for (quantity, distribution), members in chosen.items()
    )
    return groups, {
        str(number): _numbers([prior for _, prior in members]) for number, members in enumerate(chosen.values())
    }


def _effect_of(spec: ModelSpec, name: str) -> tuple[str, PriorSpec]:
    """What the prior of a channel's effect is on, and the prior."""
    channel = spec.channel(name)
    saturation = channel.saturation
    if channel.effect is None:
        return "coefficient", saturation.priors[SATURATIONS[saturation.kind].amplitude].standard()
    if spec.pooling != "none":
        raise SpecError(
            f"channels.{name}.effect: where markets are pooled (pooling: {spec.pooling}) the prior is on the height of "
            "the channel's curve, which they share. Leave effect out, or set pooling: none"
        )
    if saturation.kind in HEIGHT_IN_SHAPE:
        raise SpecError(
            f"channels.{name}.effect: the height of {saturation.kind} saturation is part of its shape, so its prior "
            f"can only be on {SATURATIONS[saturation.kind].amplitude}. Take another kind of saturation, or leave out "
            "effect"
        )
    return channel.effect.quantity, channel.effect.prior.standard()


def _media(
    panel: Panel, spec: ModelSpec, scales: xr.Dataset, cells: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    order = ("market", "channel", "week")
    spend = panel.dataset["spend"].transpose(*order)
    scaled = (panel.volume / scales["spend_scale"]).transpose(*order).values
    max_lags = np.array([spec.channel(name).adstock.max_lag for name in panel.channels])
    longest, weeks = int(max_lags.max()), len(panel.weeks)
    markets = np.array([market for market, _ in cells], dtype=int)
    outcome = panel.dataset["outcome"].transpose("market", "week").values
    unit = scales["outcome_scale"].values
    money = np.array([spend.values[market, channel].sum() for market, channel in cells])
    arrays = {
        "lagged": np.stack([_lagged(scaled[:, c], int(memory), longest) for c, memory in enumerate(max_lags)]),
        "remembered": (np.arange(longest) < max_lags[:, None]).astype(float),
        "weeks_of_cells": np.full(len(cells), float(weeks)),
        # Of a mean weekly contribution on the scaled outcome.
        "share_of_contribution": (unit / outcome.mean(axis=1))[markets],
        # Nobody asks for the return of what costs nothing.
        "roas_of_contribution": unit[markets] * weeks / np.where(money > 0, money, 1.0),
    }
    reached = [cell for cell in cells if spec.channel(panel.channels[cell[1]]).frequency is not None]
    if reached:
        contacts = (panel.dataset["frequency"] / scales["frequency_scale"]).transpose(*order).fillna(0.0).values
        arrays["contacts"] = np.stack([_lagged(contacts[cell], int(max_lags[cell[1]]), longest) for cell in reached])
    if any(spec.channel(name).time_varying for name in panel.channels):
        walk = walk_basis(weeks)[:, :EFFECT_DIRECTIONS]
        arrays["directions"] = walk - walk.mean(axis=0)
    return arrays


def _lagged(path: np.ndarray, max_lag: int, longest: int) -> np.ndarray:
    """Paths (..., week) as they were 0, 1, ... weeks before, (lag, ..., week); zero beyond `max_lag` and before the
    data."""
    lagged = np.zeros((longest, *path.shape))
    weeks = path.shape[-1]
    for lag in range(min(max_lag, weeks)):
        lagged[lag, ..., lag:] = path[..., : weeks - lag]
    return lagged


def _numbers(priors: Sequence[PriorSpec]) -> dict[str, np.ndarray]:
    """Arguments of priors of one distribution, each an array over them."""
    return {name: np.array([prior.parameters[name] for prior in priors]) for name in priors[0].parameters}
