"""Two ways of combining sources that know no bias, for comparison: hand weights, and weights by precision."""

from dataclasses import dataclass

import numpy as np

from mmm_models.evidence.triangulation.sources import Sources

# Weights that tools and blogs set by hand; over what a channel has they are brought to 1.
HAND_WEIGHTS = {"mmm": 0.5, "experiments": 0.3, "attribution": 0.2}


@dataclass(frozen=True, eq=False)
class Combined:
    """One normal a channel: `mean` and `sd` (channel); `weight` (channel) of each source by its name."""

    mean: np.ndarray
    sd: np.ndarray
    weight: dict[str, np.ndarray]


def weighted_average(sources: Sources) -> Combined:
    """Hand-set weights; the spread is that of a weighted mean of independent readings, which have no bias."""
    estimate, variance = per_source(sources)
    has = {name: np.isfinite(values) for name, values in estimate.items()}
    total = sum(HAND_WEIGHTS[name] * has[name] for name in HAND_WEIGHTS)
    weight = {name: HAND_WEIGHTS[name] * has[name] / total for name in HAND_WEIGHTS}
    mean = sum(weight[name] * np.where(has[name], estimate[name], 0.0) for name in weight)
    spread = sum(weight[name] ** 2 * np.where(has[name], variance[name], 0.0) for name in weight)
    return Combined(mean, np.sqrt(spread), weight)


def inverse_variance(sources: Sources) -> Combined:
    """Generalised least squares of all readings as if none had a bias: the normal-normal fusion of fixed effects.

    mean = (sum_s P_s)^-1 sum_s P_s y_s with P_s the precision matrix of a source over channels (Aitken 1935). The
    weight of a source is its share of the channel's own precision.
    """
    size, place = len(sources.channels), {name: i for i, name in enumerate(sources.channels)}
    precision, pulled = np.zeros((size, size)), np.zeros(size)
    parts = {name: np.zeros(size) for name in HAND_WEIGHTS}
    for row in sources.studies.itertuples():
        at = place[row.channel]
        precision[at, at] += 1.0 / row.variance
        pulled[at] += row.estimate / row.variance
        parts["experiments"][at] += 1.0 / row.variance
    if sources.attribution is not None:
        at = [place[name] for name in sources.attribution["channel"].values]
        own = sources.attribution["standard_error"].values ** -2.0
        precision[at, at] += own
        pulled[at] += own * sources.attribution["estimate"].values
        parts["attribution"][at] += own
    if sources.mmm is not None:
        channels = sources.mmm["channel"].values
        at = [place[name] for name in channels]
        covariance = sources.mmm["covariance"].sel(channel=channels, other=channels).transpose("channel", "other")
        own = np.linalg.inv(covariance.values)
        precision[np.ix_(at, at)] += own
        pulled[at] += own @ sources.mmm["estimate"].values
        parts["mmm"][at] += np.diag(own)
    covariance = np.linalg.inv(precision)
    total = sum(parts.values())
    weight = {name: values / total for name, values in parts.items()}
    return Combined(covariance @ pulled, np.sqrt(np.diag(covariance)), weight)


def per_source(sources: Sources) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Each source's estimate and variance of each channel (channel), studies by precision; NaN where it is silent."""
    size, place = len(sources.channels), {name: i for i, name in enumerate(sources.channels)}
    estimate = {name: np.full(size, np.nan) for name in HAND_WEIGHTS}
    variance = {name: np.full(size, np.nan) for name in HAND_WEIGHTS}
    for channel, group in sources.studies.groupby("channel"):
        precision = 1.0 / group["variance"]
        estimate["experiments"][place[channel]] = (group["estimate"] * precision).sum() / precision.sum()
        variance["experiments"][place[channel]] = 1.0 / precision.sum()
    if sources.attribution is not None:
        at = [place[name] for name in sources.attribution["channel"].values]
        estimate["attribution"][at] = sources.attribution["estimate"].values
        variance["attribution"][at] = sources.attribution["standard_error"].values ** 2
    if sources.mmm is not None:
        channels = sources.mmm["channel"].values
        at = [place[name] for name in channels]
        estimate["mmm"][at] = sources.mmm["estimate"].values
        own = sources.mmm["covariance"].sel(channel=channels, other=channels).transpose("channel", "other").values
        variance["mmm"][at] = np.diag(own)
    return estimate, variance
