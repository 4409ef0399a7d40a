"""Does each source agree with the others? What they expect of a reading that they have not seen."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import xarray as xr
from scipy.special import logsumexp

from mmm_models.evidence.triangulation.fuse import POINTS, bias_points
from mmm_models.evidence.triangulation.gaussian import Problem, build
from mmm_models.evidence.triangulation.priors import BiasPriors, Spreads
from mmm_models.evidence.triangulation.sources import Sources


def leave_one_out(
    sources: Sources,
    by: Literal["reading", "source"] = "reading",
    *,
    priors: BiasPriors | None = None,
    spreads: Spreads | None = None,
    points: int = POINTS,
    seed: int = 0,
) -> xr.Dataset:
    """Predict each reading from all others, or each source's readings from the other sources.

    Returns:
        Dataset (reading) with the names `experiment:<study>`, `mmm:<channel>` and `attribution:<channel>`: `expected`
        and `sd` of the reading as the others have it (its own error and bias included), `z` = (reading - expected) /
        sd, and `log_density` of the reading. Left out by source, z and density are those of each reading alone; attrs
        `log_density_<source>` holds the joint density of all readings of a source (Geisser & Eddy 1979).
    """
    priors = priors or BiasPriors()
    problem = build(sources, priors)
    sides = [name.split(":")[0] for name in problem.names]
    groups = list(range(len(sides))) if by == "reading" else list(dict.fromkeys(sides))
    if len(groups) < 2:
        raise ValueError(f"one {by} alone cannot be predicted from others")
    figures = {name: np.empty(len(sides)) for name in ("expected", "sd", "z", "log_density")}
    joint = {}
    for group in groups:
        out = np.array([at == group if by == "reading" else side == group for at, side in enumerate(sides)])
        found, density = _predict(sources, problem, out, priors, spreads, points, seed)
        for name, values in found.items():
            figures[name][out] = values
        if by == "source":
            joint[f"log_density_{group}"] = density
    for name in ("expected", "sd"):
        figures[name] *= sources.unit
    figures["expected"] += problem.centre * sources.unit
    figures["log_density"] -= np.log(sources.unit)
    return xr.Dataset(
        {name: ("reading", values) for name, values in figures.items()},
        coords={"reading": np.array(problem.names, dtype=object)},
        attrs=joint,
    )


def _predict(
    sources: Sources,
    problem: Problem,
    out: np.ndarray,
    priors: BiasPriors,
    spreads: Spreads | None,
    size: int,
    seed: int,
) -> tuple[Mapping[str, np.ndarray], float]:
    """Figures of the readings in the mask `out` given the others, and the log of their joint density."""
    known = bias_points(sources, problem.keep(~out), priors, spreads, size, seed)
    covariance, residual = problem.covariance(known.values), problem.residual()
    cross = covariance[:, out][:, :, ~out]
    gain = np.linalg.solve(covariance[:, ~out][:, :, ~out], np.swapaxes(cross, 1, 2))
    mean = np.einsum("pno,n->po", gain, residual[~out])
    spread = covariance[:, out][:, :, out] - cross @ gain
    variance = np.einsum("poo->po", spread)
    miss = residual[out] - mean
    each = -0.5 * miss**2 / variance - 0.5 * np.log(2 * np.pi * variance)
    factor = np.linalg.cholesky(spread)
    white = np.linalg.solve(factor, miss[..., None])[..., 0]
    whole = -0.5 * (white**2).sum(axis=1) - np.log(np.einsum("poo->po", factor)).sum(axis=1)
    whole -= 0.5 * out.sum() * np.log(2 * np.pi)
    expected = known.weights @ mean
    sd = np.sqrt(known.weights @ (variance + (mean - expected) ** 2))
    weights = known.weights[:, None]
    figures = {
        "expected": expected + (problem.read @ problem.z_mean)[out],
        "sd": sd,
        "z": (residual[out] - expected) / sd,
        "log_density": logsumexp(each, axis=0, b=weights),
    }
    return figures, float(logsumexp(whole, b=known.weights)) - out.sum() * np.log(sources.unit)
