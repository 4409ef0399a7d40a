"""What a market's own data tell of a channel's effect there, before anything is sampled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from mmm_models.engines.marginal.baseline import Columns
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, adstock_weights, carry_over

# How far a market's own data may move a guess of its log effect.
_FARTHEST = 2.0
# A regression that knows no sign may put a small channel at or below 0.
_LEAST_MULTIPLE = 0.2


def told_by_markets(
    panel: Panel,
    spec: ModelSpec,
    scales: xr.Dataset,
    cells: Sequence[tuple[int, int]],
    columns: Columns,
    effect: np.ndarray,
    sigma: np.ndarray,
    scatter: float,
) -> tuple[np.ndarray, np.ndarray]:
    """A guess of each cell's log effect, and the information (inverse variance) with which the market's data tell it.

    F are the media of a market at the prior means of their curves, P what the baseline's columns leave of the outcome.
    Effects of channels come from a ridge regression over all markets; around them, with a scatter of τ, log effects of
    a market have the covariance V = (FᵀPF / σ² + I / τ²)⁻¹ and the mean V FᵀP r / σ². What the market adds to its
    channel is a measurement of variance 1 / (1 / V_cc - 1 / τ²): the other channels' effects are unknown in it.

    Args:
        panel, spec, scales, cells, columns: of the problem.
        effect: log mean weekly contribution of each channel, about (channel).
        sigma: noise of each market, about (market).
        scatter: τ, about.

    Returns:
        Guess and information, both (cell).
    """
    where = tuple(np.array(cells).T)
    shapes = _shapes_at_prior_means(panel, spec, scales)
    spent = np.zeros(shapes.shape[:2])
    spent[where] = 1.0
    unit = shapes.mean(axis=2).sum(axis=0) / spent.sum(axis=0)
    basis = np.linalg.svd(columns.scaled, full_matrices=False)[0]
    media = _left_by(basis, shapes * (np.exp(effect) / unit)[:, None]) / sigma[:, None, None]
    outcome = _left_by(basis, columns.residual[:, None])[:, 0] / sigma[:, None]
    ridge = np.einsum("mct,mdt->cd", media, media, optimize=True) + np.eye(len(effect))
    multiple = np.linalg.solve(ridge, np.einsum("mct,mt->c", media, outcome) + 1)
    multiple = np.maximum(multiple, _LEAST_MULTIPLE)
    media = media * multiple[:, None]
    left = outcome - media.sum(axis=1)
    noise = left.std(axis=1)
    media, left = media / noise[:, None, None], left / noise[:, None]
    together = np.einsum("mct,mdt->mcd", media, media, optimize=True)
    covariance = np.linalg.inv(together + np.eye(len(effect)) / scatter**2)
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    moved = np.einsum("mcd,mdt,mt->mc", covariance, media, left, optimize=True)
    told = np.maximum(1 / variance - 1 / scatter**2, 1e-9)
    guess = effect + np.log(multiple) + np.clip(moved / (variance * told), -_FARTHEST, _FARTHEST)
    return guess[where], told[where]


def _left_by(basis: np.ndarray, series: np.ndarray) -> np.ndarray:
    """What orthonormal columns (market, week, column) leave of series (market, series, week)."""
    return series - np.einsum("mtk,msk,mcs->mct", basis, basis, series, optimize=True)


def _shapes_at_prior_means(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> np.ndarray:
    """What acts, adstocked and saturated (market, channel, week)."""
    volume = (panel.volume / scales["spend_scale"]).transpose("channel", "week", "market").values
    shapes = np.empty((len(panel.markets), len(panel.channels), len(panel.weeks)))
    for channel, name in enumerate(panel.channels):
        own = spec.channel(name)
        at = {p: np.full((1, len(panel.markets)), prior.usual) for p, prior in own.adstock.priors.items()}
        weights = adstock_weights(own.adstock.kind, at, own.adstock.max_lag)
        curve = SATURATIONS[own.saturation.kind]
        parameters = {p: np.float64(own.saturation.priors[p].usual) for p in curve.parameters}
        if own.frequency is None:
            shapes[:, channel] = curve.shape(carry_over(volume[channel], weights)[0], **parameters).T
        else:
            contacts = (panel.dataset["frequency"] / scales["frequency_scale"]).sel(channel=name).fillna(0.0)
            counted = volume[channel] * curve.shape(contacts.transpose("week", "market").values, **parameters)
            shapes[:, channel] = carry_over(counted, weights)[0].T
    return shapes
