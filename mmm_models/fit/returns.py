"""What a channel's money brought, and what a little more would bring: counterfactuals, draw by draw."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.media import ChannelCurve


def channel_returns(
    curves: Mapping[str, ChannelCurve],
    spend: xr.DataArray,
    volume: xr.DataArray,
    inside: slice,
    lift: float,
    samples: np.ndarray,
) -> xr.Dataset:
    """Contribution, ROAS and marginal ROAS of each channel in the window `inside` (positions of weeks).

    See `Fit.returns` for the definition. `spend` and `volume` (what acts; the same where money does) have the dims
    week, market, channel and run over the whole data.
    """
    if not lift > 0:
        raise FitError(f"lift is {lift}; give a positive share, such as 0.10 for 10 % more spend")
    lost, gained = [], []
    for channel, curve in curves.items():
        tail = np.zeros((curve.max_lag, spend.sizes["market"]))
        path = np.concatenate([volume.sel(channel=channel).values, tail])
        without, more = path.copy(), path.copy()
        without[inside] = 0.0
        more[inside] *= 1.0 + lift
        # Weeks before the window are equal in all three paths and cancel.
        actual = curve.respond(path)[:, inside.start :].sum(axis=1)
        lost.append(actual - curve.respond(without)[:, inside.start :].sum(axis=1))
        gained.append(curve.respond(more)[:, inside.start :].sum(axis=1) - actual)
    coords = {"sample": samples, "market": spend["market"].values, "channel": spend["channel"].values}
    dims = ("sample", "market", "channel")
    sums = xr.Dataset(
        {
            "contribution": (dims, np.stack(lost, axis=2)),
            "gain": (dims, np.stack(gained, axis=2)),
            "spend": spend.isel(week=inside).sum("week"),
        },
        coords=coords,
    )
    total = sums.sum("market").expand_dims(market=["all"])
    sums = xr.concat([sums, total], dim="market", data_vars="all").transpose(*dims)
    # Without spend there is nothing to divide by: the ratio is not 0 but unknown.
    money = sums["spend"].where(sums["spend"] > 0)
    answer = sums.drop_vars("gain").assign(roas=sums["contribution"] / money, mroas=sums["gain"] / (lift * money))
    for name in ("contribution", "roas", "mroas"):
        answer[name] = answer[name].transpose(*dims)
    return answer[["contribution", "roas", "mroas", "spend"]]
