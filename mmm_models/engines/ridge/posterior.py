"""From replicates to the canonical variables of a `Fit`: one chain, a draw a replicate."""

from __future__ import annotations

import numpy as np
import xarray as xr

from mmm_models.engines.columns import canonical_baseline
from mmm_models.engines.ridge.bootstrap import Replicates
from mmm_models.engines.ridge.problem import Candidates, Problem
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, fourier_names


def to_canonical(
    replicates: Replicates,
    problem: Problem,
    library: list[Candidates],
    panel: Panel,
    spec: ModelSpec,
    scales: xr.Dataset,
) -> xr.Dataset:
    """Return the variables that `Fit` documents. A channel without spend in a market has the coefficient 0 there."""
    unit = scales["outcome_scale"].values
    shape = replicates.coefficient.shape
    variables: dict[str, np.ndarray] = {}
    for channel, own in enumerate(library):
        for name, values in own.parameters.items():
            found = variables.setdefault(name, np.full(shape, np.nan))
            found[:, :, channel] = values[replicates.chosen[:, channel]][:, None]
        curve = SATURATIONS[problem.channels[channel].saturation.kind]
        if curve.amplitude in curve.parameters:
            # Candidates have the height 1: the true height goes into both, and the product with the width stays.
            height = np.where(replicates.coefficient[..., channel] > 0, replicates.coefficient[..., channel], 1.0)
            variables["saturation_b"][..., channel] = height
            variables["saturation_c"][..., channel] /= height
    by_channel = ("chain", "draw", "market", "channel")
    canonical = {name: (by_channel, values[None]) for name, values in variables.items()}
    canonical["media_coefficient"] = (by_channel, (replicates.coefficient * unit[:, None])[None])
    canonical["sigma"] = (("chain", "draw", "market"), (replicates.sigma * unit)[None])
    coords = {
        "chain": [0],
        "draw": np.arange(shape[0]),
        "market": panel.markets,
        "channel": panel.channels,
        "control": panel.controls,
        "fourier": fourier_names(spec.seasonality.yearly_fourier),
    }
    baseline = canonical_baseline(problem.names, (replicates.baseline * unit[:, None])[None], spec)
    return xr.Dataset({**canonical, **baseline}, coords=coords)
