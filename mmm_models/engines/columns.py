"""What is linear in a model, as columns: level, trend, season and controls, the same for every engine."""

from __future__ import annotations

import numpy as np
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import fourier_basis, fourier_names, trend_index

# The trend column is the trend index (0 to 1 over the data) less this, so that it does not move the level.
TREND_CENTER = 0.5


def baseline_columns(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> dict[str, np.ndarray]:
    """Columns (market, week) by name: "intercept", "trend", "fourier:<name>", "control:<name>".

    The season is a Fourier series, controls are standardised in each market by `scales`.
    """
    shape = (len(panel.markets), len(panel.weeks))
    columns = {"intercept": np.ones(shape)}
    if spec.trend == "linear":
        index = trend_index(panel.weeks, scales.attrs["trend_origin"], scales.attrs["trend_span_weeks"]) - TREND_CENTER
        columns["trend"] = np.broadcast_to(index, shape)
    order = spec.seasonality.yearly_fourier
    for name, values in zip(fourier_names(order), fourier_basis(panel.weeks, order).T, strict=True):
        columns[f"fourier:{name}"] = np.broadcast_to(values, shape)
    if panel.controls:
        controls = (panel.dataset["controls"] - scales["control_center"]) / scales["control_scale"]
        for name in panel.controls:
            columns[f"control:{name}"] = controls.sel(control=name).transpose("market", "week").values
    return columns


def canonical_baseline(names: tuple[str, ...], coefficients: np.ndarray, spec: ModelSpec) -> dict[str, tuple]:
    """intercept, trend, fourier_coefficient and control_coefficient, as `Fit` documents them, for an `xr.Dataset`.

    Args:
        names: of the columns, as `baseline_columns` gives them.
        coefficients: (chain, draw, market, column), in units of the outcome.
        spec: tells the order of the season.
    """
    at = {name: coefficients[..., position] for position, name in enumerate(names)}
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
