"""The canonical posterior: which variables a fit has, their dims, and the scales beside them."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.transforms import ADSTOCKS, SATURATIONS

if TYPE_CHECKING:
    from mmm_models.panel import Panel
    from mmm_models.spec import ModelSpec

SAMPLE_DIMS = ("chain", "draw")

_REQUIRED = {
    "intercept": ("market",),
    "media_coefficient": ("market", "channel"),
    "sigma": ("market",),
}
_OPTIONAL = {
    "trend": ("market",),
    "fourier_coefficient": ("market", "fourier"),
    "control_coefficient": ("market", "control"),
    "effect_scatter": ("channel",),
    "level": ("market", "week"),
    "level_step": ("market",),
    "effect_path": ("channel", "week"),
    "effect_step": ("channel",),
    "design_factor": ("factor_of",),
    "design_scatter": ("scatter_of",),
    "design_offset": ("offset_of",),
}
_SCALES = {"spend_scale": ("market", "channel"), "outcome_scale": ("market",)}
_CONTROL_SCALES = {"control_center": ("market", "control"), "control_scale": ("market", "control")}


def canonical_posterior(posterior: xr.Dataset, spec: "ModelSpec", panel: "Panel") -> xr.Dataset:
    """Return the posterior as float64 with fixed dims, in the panel's order of markets, channels and controls.

    Raises `FitError` for a variable that is absent, has other dims, lacks a coordinate value, or is not finite.
    """
    needed = dict(_REQUIRED)
    for channel in panel.channels:
        own = spec.channel(channel)
        needed |= {f"adstock_{name}": ("market", "channel") for name in ADSTOCKS[own.adstock.kind].parameters}
        needed |= {f"saturation_{name}": ("market", "channel") for name in SATURATIONS[own.saturation.kind].parameters}
    needed |= {name: dims for name, dims in _OPTIONAL.items() if name in posterior}
    if not panel.controls:
        needed.pop("control_coefficient", None)
    elif "control_coefficient" not in posterior:
        raise FitError(f"the posterior lacks 'control_coefficient', but the panel has controls {panel.controls}")
    return _ordered(posterior, {name: (*SAMPLE_DIMS, *dims) for name, dims in needed.items()}, panel, "posterior")


def canonical_scales(scales: xr.Dataset, spec: "ModelSpec", panel: "Panel") -> xr.Dataset:
    """Return the scales as float64 with fixed dims; all must be finite and, save `control_center`, above 0.

    `adstock_max_lag` (channel) is the number of adstock weights that the engine used; left out, it is the spec's.
    attrs `trend_origin` (ISO date of trend index 0; default the first week) and `trend_span_weeks` (weeks a unit of
    the index; default 1) fix the trend.
    """
    needed = {**_SCALES, **(_CONTROL_SCALES if panel.controls else {})}
    if "frequency_scale" in scales:
        needed["frequency_scale"] = ("channel",)
    clean = _ordered(scales, needed, panel, "scales")
    for name in needed:
        if name != "control_center" and not bool((clean[name] > 0).all()):
            raise FitError(
                f"scales[{name!r}] must be above 0 everywhere; its least value is {float(clean[name].min()):g}"
            )
    if "adstock_max_lag" in scales:
        lags = scales["adstock_max_lag"].sel(channel=panel.channels).values.astype(np.int64)
    else:
        lags = np.array([spec.channel(name).adstock.max_lag for name in panel.channels], dtype=np.int64)
    clean["adstock_max_lag"] = ("channel", lags)
    clean.attrs["trend_origin"] = str(scales.attrs.get("trend_origin", panel.weeks[0].date()))
    clean.attrs["trend_span_weeks"] = float(scales.attrs.get("trend_span_weeks", 1.0))
    return clean


def _ordered(data: xr.Dataset, needed: dict[str, tuple[str, ...]], panel: "Panel", what: str) -> xr.Dataset:
    order = {"market": panel.markets, "channel": panel.channels, "control": panel.controls}
    variables = {}
    for name, dims in needed.items():
        if name not in data:
            raise FitError(f"the {what} lacks {name!r}; it has {', '.join(map(str, data.data_vars))}")
        array = data[name]
        if set(array.dims) != set(dims):
            raise FitError(f"{what}[{name!r}] has the dims {array.dims}; it needs {dims}")
        for dim in set(dims) & set(order):
            absent = [value for value in order[dim] if value not in set(array[dim].values.astype(str))]
            if absent:
                raise FitError(f"{what}[{name!r}] lacks the {dim} {', '.join(absent)}")
            array = array.assign_coords({dim: array[dim].values.astype(str).astype(object)}).sel({dim: order[dim]})
        array = array.transpose(*dims).astype(np.float64)
        # A parameter that only other channels have stands as NaN in this channel's cell.
        if not name.startswith(("adstock_", "saturation_", "effect_step")) and not np.isfinite(array.values).all():
            raise FitError(f"{what}[{name!r}] holds values that are not finite")
        kept = [coord for coord in array.coords if coord not in dims]
        variables[name] = array.drop_vars(kept).copy(data=np.ascontiguousarray(array.values))
    return xr.Dataset(variables)


def stack_samples(posterior: xr.Dataset, max_samples: int | None) -> xr.Dataset:
    """Merge chain and draw into `sample` (0, 1, ...; chain by chain), at most `max_samples`, evenly spread.

    A sample keeps its number when others are left out, so that thinned answers line up with each other.
    """
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    total = chains * draws
    if max_samples is not None and max_samples < 1:
        raise FitError(f"max_samples is {max_samples}; give 1 or more, or None for all {total}")
    picked = np.arange(total)
    if max_samples is not None and max_samples < total:
        picked = np.linspace(0, total - 1, max_samples).round().astype(np.int64)
    variables = {}
    for name, array in posterior.data_vars.items():
        rest = array.dims[2:]
        values = array.values.reshape(total, *array.shape[2:])
        variables[name] = (("sample", *rest), np.ascontiguousarray(values[picked]))
    coords = {name: coord for name, coord in posterior.coords.items() if name not in SAMPLE_DIMS}
    return xr.Dataset(variables, coords={**coords, "sample": picked})
