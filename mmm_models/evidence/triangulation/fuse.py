"""Triangulation: the ROAS of each channel from all sources, with what each source counts for and how biased it is."""

from typing import Literal, get_args

import numpy as np
import xarray as xr
from scipy.special import ndtri

from mmm_models.errors import EvidenceError, did_you_mean
from mmm_models.evidence.triangulation.gaussian import Problem, build, condition, log_likelihood
from mmm_models.evidence.triangulation.integrate import Points, integrate, mixture_quantiles
from mmm_models.evidence.triangulation.priors import BiasPriors, Spreads
from mmm_models.evidence.triangulation.simple import inverse_variance, per_source, weighted_average
from mmm_models.evidence.triangulation.sources import Sources

Method = Literal["hierarchical", "weighted_average", "inverse_variance"]
METHODS: tuple[Method, ...] = get_args(Method)
LEVELS = (0.05, 0.5, 0.95)
# Points of standard deviations: twice as many move no interval by a hundredth of its width.
POINTS = 1024
# Channels with an experiment beside another source. Of fewer than three the spread of a bias comes from its prior; the
# two thresholds are those that meta-analysis of marketing studies goes by in practice.
FEWEST_OVERLAPPING, ENOUGH_OVERLAPPING = 3, 4
_BIASED = ("mmm", "attribution")
_COUNTED = ("mmm", "experiments", "attribution", "prior")


def triangulate(
    sources: Sources,
    method: Method = "hierarchical",
    *,
    priors: BiasPriors | None = None,
    spreads: Spreads | None = None,
    points: int = POINTS,
    seed: int = 0,
) -> xr.Dataset:
    """Fuse the sources.

    Args:
        sources: comparable readings.
        method: 'hierarchical' (the biases are learned from channels that several sources measured, and those of the
            other channels are taken to be like them), or for comparison 'weighted_average' or 'inverse_variance'.
        priors: of the biases; hierarchical only.
        spreads: standard deviations of the biases where they are known; they are integrated over otherwise.
        points, seed: of that integration.

    Returns:
        Dataset: `roas_mean`, `roas_p05`, `roas_p50`, `roas_p95` (channel) on the natural scale; `estimate` and `sd`
        (channel) on that of the sources; `weight` (channel, source): share of mmm, experiments, attribution and prior
        in the precision of the channel's own figure; `bias`, `bias_p05`, `bias_p95` (channel, biased): by what share a
        source overstates the channel (0.3: 30 % too high; of the unit on the natural scale), NaN where it does not
        speak of the channel; `shared_bias` with its ends (biased); `width_inflation` (channel): the 90 % interval over
        the one without biases. attrs: method, scale, overlapping (channels), verdict, effective (points).
    """
    if method not in METHODS:
        raise EvidenceError(f"no method {method!r}{did_you_mean(method, METHODS)}; there is {', '.join(METHODS)}")
    if method == "hierarchical":
        made = _hierarchical(sources, priors or BiasPriors(), spreads, points, seed)
    else:
        made = _without_bias(sources, method)
    naive = inverse_variance(sources).sd
    made["width_inflation"] = ("channel", made["sd"].values / naive)
    made.attrs = {
        **made.attrs,
        "method": method,
        "scale": sources.scale,
        "overlapping": len(sources.overlapping),
        "verdict": verdict_of(sources, method),
    }
    return made


def verdict_of(sources: Sources, method: Method = "hierarchical") -> str:
    """'directional', 'usable' or 'ready', by how many channels have an experiment beside another source.

    What knows no bias is directional whatever was tested.
    """
    overlapping = len(sources.overlapping)
    if method != "hierarchical" or overlapping < FEWEST_OVERLAPPING:
        return "directional"
    return "ready" if overlapping >= ENOUGH_OVERLAPPING else "usable"


def bias_points(
    sources: Sources, problem: Problem, priors: BiasPriors, spreads: Spreads | None, size: int, seed: int
) -> Points:
    """The standard deviations that the readings allow, or the one point that is given (in the sources' own scale)."""
    if spreads is not None:
        return Points(spreads.row() / sources.unit, np.ones(1))
    return integrate(lambda values: log_likelihood(problem, values), priors.scales, size, seed)


def _hierarchical(sources: Sources, priors: BiasPriors, spreads: Spreads | None, size: int, seed: int) -> xr.Dataset:
    problem = build(sources, priors)
    points = bias_points(sources, problem, priors, spreads, size, seed)
    found = condition(problem, points.values)
    n_channels, unit = len(sources.channels), sources.unit
    # theta stands around the centre, biases around 0.
    shift = np.r_[np.full(n_channels, problem.centre), np.zeros(found.mean.shape[1] - n_channels)]
    mean, sd = (found.mean + shift) * unit, found.sd * unit
    quantiles = mixture_quantiles(mean, sd, points.weights, LEVELS)
    theta = slice(0, n_channels)
    if sources.scale == "log":
        roas_mean = points.weights @ np.exp(mean[:, theta] + 0.5 * sd[:, theta] ** 2)
        roas = np.exp(quantiles[:, theta])
        bias = np.expm1(quantiles[:, n_channels:])
    else:
        roas_mean, roas = points.weights @ mean[:, theta], quantiles[:, theta]
        bias = quantiles[:, n_channels:] / unit
    estimate = points.weights @ mean[:, theta]
    second = points.weights @ (sd[:, theta] ** 2 + (mean[:, theta] - estimate) ** 2)
    made = _dataset(sources, estimate, np.sqrt(second), roas_mean, roas, _precision_shares(sources, points))
    of_channels = bias[:, : 2 * n_channels].reshape(3, 2, n_channels)
    silent = np.array([~np.isfinite(per_source(sources)[0][name]) for name in _BIASED])
    for name, values, shared in zip(
        ("bias_p05", "bias", "bias_p95"), of_channels, bias[:, 2 * n_channels :], strict=True
    ):
        made[name] = (("biased", "channel"), np.where(silent, np.nan, values))
        made[f"shared_{name}"] = ("biased", np.where(silent.all(axis=1), np.nan, shared))
    made.attrs["effective"] = points.effective
    return made


def _precision_shares(sources: Sources, points: Points) -> np.ndarray:
    """Share (channel, source) of each source in a channel's own precision, biases being known: see `triangulate`."""
    tau_experiment, tau_mmm, tau_attribution, omega = (points.values[:, i, None] * sources.unit for i in range(4))
    _, variance = per_source(sources)
    precision = np.zeros((len(_COUNTED), len(points.weights), len(sources.channels)))
    precision[0] = np.nan_to_num(1.0 / (variance["mmm"] + tau_mmm**2))
    place = {name: i for i, name in enumerate(sources.channels)}
    for row in sources.studies.itertuples():
        precision[1][:, place[row.channel]] += 1.0 / (row.variance + tau_experiment[:, 0] ** 2)
    precision[2] = np.nan_to_num(1.0 / (variance["attribution"] + tau_attribution**2))
    precision[3] = 1.0 / np.maximum(omega, 1e-9) ** 2
    return np.einsum("spc,p->cs", precision / precision.sum(axis=0), points.weights)


def _without_bias(sources: Sources, method: Method) -> xr.Dataset:
    combined = weighted_average(sources) if method == "weighted_average" else inverse_variance(sources)
    quantiles = combined.mean + combined.sd * ndtri(np.array(LEVELS))[:, None]
    on_log = sources.scale == "log"
    roas = np.exp(quantiles) if on_log else quantiles
    roas_mean = np.exp(combined.mean + 0.5 * combined.sd**2) if on_log else combined.mean
    weight = np.stack([combined.weight.get(name, np.zeros(len(roas_mean))) for name in _COUNTED], axis=1)
    made = _dataset(sources, combined.mean, combined.sd, roas_mean, roas, weight)
    unknown = np.full((len(_BIASED), len(sources.channels)), np.nan)
    for name in ("bias_p05", "bias", "bias_p95"):
        made[name] = (("biased", "channel"), unknown)
        made[f"shared_{name}"] = ("biased", unknown[:, 0])
    return made


def _dataset(
    sources: Sources,
    estimate: np.ndarray,
    sd: np.ndarray,
    roas_mean: np.ndarray,
    roas: np.ndarray,
    weight: np.ndarray,
) -> xr.Dataset:
    figures = {"estimate": estimate, "sd": sd, "roas_mean": roas_mean}
    figures |= dict(zip(("roas_p05", "roas_p50", "roas_p95"), roas, strict=True))
    return xr.Dataset(
        {name: ("channel", values) for name, values in figures.items()} | {"weight": (("channel", "source"), weight)},
        coords={
            "channel": np.array(sources.channels, dtype=object),
            "source": list(_COUNTED),
            "biased": list(_BIASED),
        },
    )
