"""The scales on which every engine works: set once from the data of a fit, kept with it, never derived anew."""

import numpy as np
import xarray as xr

from mmm_models.errors import EngineError
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def scales_of(panel: Panel, spec: ModelSpec) -> xr.Dataset:
    """Return the scales that the fit keeps: they are set here, once, and never derived from new data.

    outcome_scale (market): largest weekly outcome. spend_scale (market, channel): largest weekly spend; where a channel
    never spends in a market, its mean scale elsewhere. Controls: mean and standard deviation in each market.

    Raises:
        EngineError: a market whose outcome is zero in every week.
    """
    outcome = np.abs(panel.dataset["outcome"]).max("week")
    for market in panel.markets:
        if not float(outcome.sel(market=market)) > 0:
            raise EngineError(f"outcome {panel.outcome_name} of market {market} is zero in every week; leave it out")
    spend = panel.dataset["spend"].max("week").transpose("market", "channel")
    spend = spend.where(spend > 0, spend.where(spend > 0).mean("market"))
    center, deviation = panel.control_scaling()
    return xr.Dataset(
        {
            "outcome_scale": outcome,
            "spend_scale": spend,
            "control_center": center,
            "control_scale": deviation,
            "adstock_max_lag": ("channel", [spec.channel(name).adstock.max_lag for name in panel.channels]),
        },
        attrs={"trend_origin": str(panel.weeks[0].date()), "trend_span_weeks": float(max(1, len(panel.weeks) - 1))},
    )
