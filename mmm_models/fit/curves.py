"""Response curves: weekly outcome against a weekly spend that is kept up."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.media import ChannelCurve
from mmm_models.transforms import carry_over


def steady_state_curves(
    curves: Mapping[str, ChannelCurve], spend: xr.DataArray, n_points: int, max_multiple: float, samples: np.ndarray
) -> xr.Dataset:
    """See `Fit.response_curves`; `spend` has the dims week, market, channel and runs over the whole data."""
    if n_points < 2 or not max_multiple > 0:
        raise FitError(f"response curves need 2 points or more and a positive reach; got {n_points} and {max_multiple}")
    multiples = np.linspace(0.0, max_multiple, n_points)
    responses, points, observed = [], [], []
    for channel, curve in curves.items():
        money = multiples[:, None] * spend.sel(channel=channel).values.mean(axis=0)
        low, high = pressure_range(curve)
        responses.append(curve.steady(money))
        points.append(money)
        observed.append((money >= low) & (money <= high))
    grid = ("point", "market", "channel")
    return xr.Dataset(
        {
            "response": (("sample", *grid), np.stack(responses, axis=-1)),
            "spend": (grid, np.stack(points, axis=-1)),
            "is_observed": (grid, np.stack(observed, axis=-1)),
        },
        coords={
            "sample": samples,
            "point": np.arange(n_points),
            "market": spend["market"].values,
            "channel": np.array(list(curves), dtype=object),
        },
    ).transpose("sample", "market", "channel", "point")


def pressure_range(curve: ChannelCurve) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest adstocked weekly spend in each market, at the posterior mean of the weights.

    A level kept up for long acts like the same level of adstocked spend, so that is the range the data speak about: a
    single heavy week of a channel with a long carryover says little about such weeks in a row. Where another series
    acts in place of money, it is told in the money that usually buys it.
    """
    pressure = carry_over(curve.driver.volume, curve.weights.mean(axis=0, keepdims=True))[0]
    # The first weeks lack their past and look emptier than they were.
    settled = pressure[curve.max_lag - 1 :] if len(pressure) > 2 * curve.max_lag else pressure
    rate = np.where(np.asarray(curve.driver.usual_rate) > 0, curve.driver.usual_rate, 1.0)
    return settled.min(axis=0) / rate, settled.max(axis=0) / rate
