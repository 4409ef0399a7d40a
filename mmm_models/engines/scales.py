"""The scales on which every engine works: set once from the data of a fit, kept with it, never derived anew."""

import numpy as np
import xarray as xr

from mmm_models.errors import EngineError
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def scales_of(panel: Panel, spec: ModelSpec) -> xr.Dataset:
    """Return the scales that the fit keeps: they are set here, once, and never derived from new data.

    outcome_scale (market): largest weekly outcome. spend_scale (market, channel): largest weekly spend, or volume where
    that acts in place of money; where a channel is never used in a market, its mean scale elsewhere. With a
    `population`, both are people times a figure by head that all markets share, the mean of their largest weeks by
    head: the same money by head then means the same in each. frequency_scale (channel): largest frequency.
    Controls: mean and standard deviation in each market; treatments: their baseline in place of the mean.

    Raises:
        EngineError: a market whose outcome is zero in every week.
    """
    outcome = np.abs(panel.dataset["outcome"]).max("week")
    for market in panel.markets:
        if not float(outcome.sel(market=market)) > 0:
            raise EngineError(f"outcome {panel.outcome_name} of market {market} is zero in every week; leave it out")
    volume = panel.volume.max("week").transpose("market", "channel")
    volume = volume.where(volume > 0)
    if "population" in panel.dataset:
        people = panel.dataset["population"]
        outcome = people * (outcome / people).mean("market")
        volume = people * (volume / people).mean("market")
    center, deviation = panel.control_scaling()
    scales = xr.Dataset(
        {
            "outcome_scale": outcome,
            "spend_scale": volume.fillna(volume.mean("market")).transpose("market", "channel"),
            "control_center": _baselines(panel, spec, center),
            "control_scale": deviation,
            "adstock_max_lag": ("channel", [spec.channel(name).adstock.max_lag for name in panel.channels]),
        },
        attrs={"trend_origin": str(panel.weeks[0].date()), "trend_span_weeks": float(max(1, len(panel.weeks) - 1))},
    )
    if "frequency" in panel.dataset:
        scales["frequency_scale"] = panel.dataset["frequency"].max(("week", "market")).fillna(1.0)
    return scales


def _baselines(panel: Panel, spec: ModelSpec, center: xr.DataArray) -> xr.DataArray:
    """The value of each control (market, control) at which it contributes nothing."""
    center = center.copy()
    for name, treatment in spec.treatments.items():
        values = panel.dataset["controls"].sel(control=name)
        pick = {"min": values.min, "max": values.max}.get(treatment.baseline)
        center.loc[{"control": name}] = pick("week") if pick else float(treatment.baseline)
    return center
