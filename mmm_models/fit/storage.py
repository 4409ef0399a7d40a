"""A fit in one NetCDF file: posterior, scales, panel, spec and provenance."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.info import FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

FORMAT = "mixhouse-fit/1"
_GROUPS = ("posterior", "scales", "panel")


def write_fit(
    path: Path, spec: ModelSpec, info: FitInfo, posterior: xr.Dataset, scales: xr.Dataset, panel: xr.Dataset
) -> None:
    """Write beside `path`, then rename, so that `path` is never half a fit."""
    groups = {"posterior": posterior, "scales": scales, "panel": panel}
    attrs = {name: dict(dataset.attrs) for name, dataset in groups.items()}
    # Text goes into variables, because an HDF5 attribute cannot be longer than 64 KB.
    text = {
        "format": FORMAT,
        "spec": json.dumps(spec.to_dict()),
        "info": info.to_json(),
        "attrs": json.dumps(attrs),
    }
    root = xr.Dataset({name: ((), np.array(value, dtype=object)) for name, value in text.items()})
    tree = xr.DataTree.from_dict({"/": root, **{f"/{name}": _storable(data) for name, data in groups.items()}})
    partial = path.with_name(f"{path.name}.writing")
    try:
        tree.to_netcdf(partial, engine="h5netcdf")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_fit(path: Path) -> dict[str, Any]:
    """Return the parts of a saved fit, in memory, as arguments of `Fit`. Raises `FitError` for any other file."""
    if not path.exists():
        raise FitError(f"there is no fit at {path}")
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            tree = tree.load()
            root = {name: str(tree[name].item()) for name in ("format", "spec", "info", "attrs")}
            groups = {name: tree[name].to_dataset(inherit=False) for name in _GROUPS}
    except (OSError, KeyError) as error:
        raise FitError(f"{path.name} is not a saved fit, or is damaged: {error}") from error
    if root["format"] != FORMAT:
        raise FitError(f"{path.name} has the format {root['format']!r}; this version reads {FORMAT!r}. Fit again.")
    attrs = json.loads(root["attrs"])
    for name, dataset in groups.items():
        dataset.attrs = attrs[name]
    return {
        "spec": ModelSpec.from_dict(json.loads(root["spec"]), source=path.name),
        "panel": Panel(_with_controls(groups["panel"])),
        "posterior": groups["posterior"],
        "scales": groups["scales"],
        "info": FitInfo.from_json(root["info"]),
    }


def _storable(dataset: xr.Dataset) -> xr.Dataset:
    """Drop what stands in `attrs` already, and arrays without content, which HDF5 stores badly."""
    empty = [dim for dim, size in dataset.sizes.items() if size == 0]
    return dataset.drop_dims(empty).drop_attrs(deep=False)


def _with_controls(panel: xr.Dataset) -> xr.Dataset:
    if "controls" in panel:
        return panel
    shape = (panel.sizes["week"], panel.sizes["market"], 0)
    none = xr.DataArray(np.empty(shape), dims=("week", "market", "control"))
    return panel.assign(controls=none).assign_coords(control=np.array([], dtype=object))
