"""The outcome without media: level, trend, season and controls, draw by draw."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import fourier_basis, fourier_names, trend_index


def baseline_components(
    draws: xr.Dataset, scales: xr.Dataset, panel: Panel, spec: ModelSpec
) -> dict[str, xr.DataArray]:
    """Return each baseline component (sample, week, market), in outcome units, for the weeks of `panel`.

    Keys: intercept, trend, level and seasonality where the model has them, `control:<name>` for each control and
    `treatment:<name>` for each treatment. A control acts relative to its mean in the training data, a treatment
    relative to its baseline: (value - control_center) / control_scale.
    """
    markets = [str(name) for name in draws["market"].values]
    weeks = panel.weeks
    ones = xr.DataArray(np.ones(len(weeks)), coords={"week": weeks}, dims="week")
    components = {"intercept": draws["intercept"] * ones}
    if "trend" in draws:
        index = trend_index(weeks, scales.attrs["trend_origin"], scales.attrs["trend_span_weeks"])
        components["trend"] = draws["trend"] * ones.copy(data=index)
    if "level" in draws:
        # After the data the level is expected to stay where it was.
        known = pd.DatetimeIndex(draws["level"]["week"].values)
        at = np.clip(known.searchsorted(weeks, side="right") - 1, 0, len(known) - 1)
        components["level"] = draws["level"].isel(week=at).assign_coords(week=weeks)
    if "fourier_coefficient" in draws:
        components["seasonality"] = draws["fourier_coefficient"].dot(_season(weeks, draws), dim="fourier")
    if "control_coefficient" in draws:
        names = [str(name) for name in draws["control"].values]
        standardised = (_known_controls(panel, names, markets) - scales["control_center"]) / scales["control_scale"]
        for name in names:
            effect = draws["control_coefficient"].sel(control=name, drop=True)
            what = "treatment" if name in spec.treatments else "control"
            components[f"{what}:{name}"] = effect * standardised.sel(control=name, drop=True)
    return {name: array.transpose("sample", "week", "market") for name, array in components.items()}


def level_ahead(
    draws: xr.Dataset, weeks: pd.DatetimeIndex, known: pd.DatetimeIndex, generator: np.random.Generator
) -> np.ndarray:
    """How far a wandering level may go in weeks after the data, draw by draw: (sample, week, market)."""
    step = draws["level_step"].transpose("sample", "market").values[:, None, :]
    ahead = (weeks > known[-1]).astype(float)[:, None]
    moves = step * ahead * generator.standard_normal((len(step), len(weeks), step.shape[2]))
    return np.cumsum(moves, axis=1)


def _season(weeks: pd.DatetimeIndex, draws: xr.Dataset) -> xr.DataArray:
    order = draws.sizes["fourier"] // 2
    names = fourier_names(order)
    basis = xr.DataArray(
        fourier_basis(weeks, order), coords={"week": weeks, "fourier": names}, dims=("week", "fourier")
    )
    wanted = [str(name) for name in draws["fourier"].values]
    if set(wanted) != set(names):
        raise FitError(f"fourier_coefficient names the functions {wanted}; it needs {names}")
    return basis.sel(fourier=wanted)


def _known_controls(panel: Panel, names: list[str], markets: list[str]) -> xr.DataArray:
    absent = [name for name in names if name not in panel.controls]
    if absent:
        raise FitError(f"the panel lacks the controls {', '.join(absent)}; the model needs {', '.join(names)}")
    controls = panel.dataset["controls"].sel(control=names, market=markets)
    missing = np.argwhere(~np.isfinite(controls.values))
    if len(missing):
        week, market, control = (controls[dim].values[i] for dim, i in zip(controls.dims, missing[0], strict=True))
        raise FitError(f"control {control!r} in market {market!r}, week {str(week)[:10]}, is missing in the panel")
    return controls
