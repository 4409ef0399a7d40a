"""The known fit with other drivers than money: impressions, reach and frequency, an organic channel."""

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from tests.known_fit import SPEC, known_dataset, known_posterior


def fit_with_volumes() -> Fit:
    """The known fit; search acts through impressions, tv through reach and frequency, a newsletter costs nothing."""
    spec = ModelSpec.from_yaml(
        SPEC.replace("search: {}", "search: {exposure: impressions}")
        .replace("  tv: {", "  tv: {reach: tv_reach, frequency: tv_frequency, ")
        .replace("controls:", "organic: {newsletter: {}}\ncontrols:")
    )
    channels = ["search", "paid_social", "tv", "newsletter"]
    data, rng = known_dataset(), np.random.default_rng(3)
    spend = data["spend"].reindex(channel=channels, fill_value=0.0)
    volume = spend * rng.uniform(40, 60, spend.shape)
    volume.loc[{"channel": "paid_social"}] = spend.sel(channel="paid_social")
    volume.loc[{"channel": "newsletter"}] = rng.poisson(40_000, (60, 2)).astype(float)
    frequency = xr.full_like(spend, np.nan)
    frequency.loc[{"channel": "tv"}] = rng.uniform(1, 6, (60, 2))
    posterior = known_posterior()
    mail = posterior.sel(channel="search").expand_dims(channel=["newsletter"])
    media = [name for name in posterior if "channel" in posterior[name].dims]
    joined = {name: xr.concat([posterior[name], mail[name]], "channel") for name in media}
    panel = Panel(data.drop_vars("spend").drop_dims("channel").assign(spend=spend, volume=volume, frequency=frequency))
    center, deviation = panel.control_scaling()
    scales = xr.Dataset(
        {
            "spend_scale": volume.max("week"),
            "frequency_scale": frequency.max(("week", "market")).fillna(1.0),
            "outcome_scale": ("market", [1e6, 4e5]),
            "control_center": center,
            "control_scale": deviation,
        },
        attrs={"trend_origin": "2023-01-02", "trend_span_weeks": 59.0},
    )
    return Fit(spec, panel, posterior.drop_dims("channel").assign(joined), scales, FitInfo("known"))
