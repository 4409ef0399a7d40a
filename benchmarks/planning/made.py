"""Fits that nobody sampled: panel and draws are made here, so that a plan can be asked of any curves and any size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

FIRST_WEEK = "2022-01-03"


def made_fit(
    spend: np.ndarray,
    parameters: Mapping[str, np.ndarray],
    *,
    adstock: Mapping[str, Any],
    saturation: str,
    planning: Mapping[str, Any] | None = None,
    scale: np.ndarray | None = None,
) -> Fit:
    """A fit of a model without trend, season and controls.

    Args:
        spend: of the data, (week, market, channel).
        parameters: draws (chain, draw, market, channel) of `media_coefficient` and of each `adstock_*`, `saturation_*`.
        adstock: its kind and `max_lag`, keys of a model's YAML.
        saturation: its kind.
        planning: keys of `planning:`.
        scale: spend that counts as pressure 1, (market, channel); by default the largest week.
    """
    weeks, markets, channels = spend.shape
    chains, draws = parameters["media_coefficient"].shape[:2]
    names = {"market": [f"m{i + 1}" for i in range(markets)], "channel": [f"c{i + 1}" for i in range(channels)]}
    spec = ModelSpec.from_dict(
        {
            "model": "made",
            "outcome": "revenue",
            "markets": names["market"],
            "channels": names["channel"],
            "trend": "none",
            "seasonality": {"yearly_fourier": 0},
            "media": {"adstock": dict(adstock), "saturation": {"kind": saturation}},
            "planning": dict(planning or {}),
        }
    )
    data = xr.Dataset(
        {
            "outcome": (("week", "market"), np.ones((weeks, markets))),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), np.zeros((weeks, markets, 0))),
        },
        coords={"week": pd.date_range(FIRST_WEEK, periods=weeks, freq="7D"), **names, "control": []},
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    media = {name: (("chain", "draw", "market", "channel"), values) for name, values in parameters.items()}
    plain = {name: (("chain", "draw", "market"), np.ones((chains, draws, markets))) for name in ("intercept", "sigma")}
    posterior = xr.Dataset({**media, **plain}, coords={"chain": range(chains), "draw": range(draws), **names})
    scales = xr.Dataset(
        {
            "spend_scale": (("market", "channel"), spend.max(axis=0) if scale is None else scale),
            "outcome_scale": ("market", np.ones(markets)),
        },
        coords=names,
    )
    return Fit(spec, Panel(data), posterior, scales, FitInfo(engine="made"))
