"""A stacked fit in one NetCDF file: each structure as a fit in a group of its own."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.fit.fit import Fit
from mmm_models.fit.info import FitInfo
from mmm_models.fit.storage import FORMAT, fit_nodes, fit_parts, read_tree, text_node, write_tree
from mmm_models.spec import ModelSpec

if TYPE_CHECKING:
    from mmm_models.fit.stacked import StackedFit

STACKED_FORMAT = "mixhouse-stacked-fit/1"


def write_stacked(path: Path, fit: "StackedFit") -> None:
    """Write beside `path`, then rename, so that `path` is never half a fit."""
    about = [
        {"name": member.name, "weight": member.weight, "fold_r_hat_max": member.fold_r_hat_max}
        for member in fit.members
    ]
    root = text_node(
        format=STACKED_FORMAT,
        spec=json.dumps(fit.spec.to_dict()),
        info=fit.info.to_json(),
        members=json.dumps(about),
        samples=str(fit.samples),
    )
    root["scores"] = (("structure", "point"), np.stack([member.scores for member in fit.members]))
    nodes = {"/": root}
    for number, member in enumerate(fit.members):
        own = member.fit
        parts = fit_nodes(own.spec, own.info, own.posterior, own.scales, own.panel.dataset)
        nodes |= {f"/structure_{number}{'' if name == '/' else name}": data for name, data in parts.items()}
    write_tree(path, nodes)


def load_fit(path: Path | str) -> "Fit | StackedFit":
    """Read a saved fit, plain or stacked; it answers the same numbers. Raises `FitError` for any other file."""
    path = Path(path)
    with read_tree(path, (FORMAT, STACKED_FORMAT)) as tree:
        if str(tree["format"].item()) == FORMAT:
            return Fit(**fit_parts(tree, path.name))
        return _stacked(tree, path.name)


def _stacked(tree: xr.DataTree, name: str) -> "StackedFit":
    from mmm_models.fit.stacked import Member, StackedFit

    scores = tree["scores"].values
    members = tuple(
        Member(fit=Fit(**fit_parts(tree[f"structure_{number}"], name)), scores=scores[number], **about)
        for number, about in enumerate(json.loads(tree["members"].item()))
    )
    return StackedFit(
        spec=ModelSpec.from_dict(json.loads(tree["spec"].item()), source=name),
        members=members,
        info=FitInfo.from_json(tree["info"].item()),
        samples=int(tree["samples"].item()),
    )
