"""A fit in one NetCDF file: posterior, scales, panel, spec and provenance."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
    write_tree(path, fit_nodes(spec, info, posterior, scales, panel))


def read_fit(path: Path) -> dict[str, Any]:
    """Return the parts of a saved fit, in memory, as arguments of `Fit`. Raises `FitError` for any other file."""
    with read_tree(path, (FORMAT,)) as tree:
        return fit_parts(tree, path.name)


def fit_nodes(
    spec: ModelSpec, info: FitInfo, posterior: xr.Dataset, scales: xr.Dataset, panel: xr.Dataset
) -> dict[str, xr.Dataset]:
    """The groups of a fit by their path."""
    groups = {"posterior": posterior, "scales": scales, "panel": panel}
    attrs = {name: dict(dataset.attrs) for name, dataset in groups.items()}
    root = text_node(format=FORMAT, spec=json.dumps(spec.to_dict()), info=info.to_json(), attrs=json.dumps(attrs))
    return {"/": root, **{f"/{name}": _storable(data) for name, data in groups.items()}}


def fit_parts(tree: xr.DataTree, source: str) -> dict[str, Any]:
    """Arguments of `Fit` from its groups; `source` is named in messages."""
    groups = {name: tree[name].to_dataset(inherit=False) for name in _GROUPS}
    attrs = json.loads(tree["attrs"].item())
    for name, dataset in groups.items():
        dataset.attrs = attrs[name]
    return {
        "spec": ModelSpec.from_dict(json.loads(tree["spec"].item()), source=source),
        "panel": Panel(_with_controls(groups["panel"])),
        "posterior": groups["posterior"],
        "scales": groups["scales"],
        "info": FitInfo.from_json(tree["info"].item()),
    }


def text_node(**text: str) -> xr.Dataset:
    """Text as variables, because an HDF5 attribute cannot be longer than 64 KB."""
    return xr.Dataset({name: ((), np.array(value, dtype=object)) for name, value in text.items()})


def write_tree(path: Path, nodes: dict[str, xr.Dataset]) -> None:
    """Write groups by their path, beside `path` first."""
    partial = path.with_name(f"{path.name}.writing")
    try:
        xr.DataTree.from_dict(nodes).to_netcdf(partial, engine="h5netcdf")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def read_tree(path: Path, formats: tuple[str, ...]) -> Iterator[xr.DataTree]:
    """The groups of a file of one of these formats, in memory; what lacks in them is an error, too.

    Raises:
        FitError: no such file, or another file.
    """
    if not path.exists():
        raise FitError(f"there is no fit at {path}")
    try:
        with xr.open_datatree(path, engine="h5netcdf") as opened:
            tree = opened.load()
        found, *_ = (str(tree[name].item()) for name in ("format", "spec", "info"))
        if found not in formats:
            raise FitError(f"{path.name} has the format {found!r}; this reads {' or '.join(formats)}. Fit again.")
        yield tree
    except (OSError, KeyError) as error:
        raise FitError(f"{path.name} is not a saved fit, or is damaged: {error}") from error


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
