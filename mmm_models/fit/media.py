"""From spend to outcome, draw by draw: adstock, then saturation, then the media coefficient."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.spec import ChannelSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights, carry_over


@dataclass(frozen=True)
class ChannelCurve:
    """One channel's media effect in given markets, for S posterior samples.

    Arrays: `scale` (market), `weights` of the adstock (sample, market, lag), `coefficient` and each of the saturation's
    `parameters` (sample, market). `kind` is the saturation's.
    """

    kind: str
    scale: np.ndarray
    weights: np.ndarray
    coefficient: np.ndarray
    parameters: dict[str, np.ndarray]

    @property
    def max_lag(self) -> int:
        """Number of adstock weights."""
        return self.weights.shape[-1]

    def steady(self, spend: np.ndarray) -> np.ndarray:
        """Weekly outcome when `spend` (point, market) is spent every week; (sample, point, market)."""
        return self._saturate(np.broadcast_to(spend / self.scale, (len(self.weights), *spend.shape)))

    def respond(self, spend: np.ndarray) -> np.ndarray:
        """Weekly outcome from a spend path (week, market) with nothing before it; (sample, week, market)."""
        return self._saturate(carry_over(spend / self.scale, self.weights))

    def _saturate(self, pressure: np.ndarray) -> np.ndarray:
        arguments = {name: values[:, None, :] for name, values in self.parameters.items()}
        shape = SATURATIONS[self.kind].shape(pressure, **arguments)
        return np.multiply(shape, self.coefficient[:, None, :], out=shape)


def channel_weights(draws: xr.Dataset, spec: ChannelSpec, channel: str, max_lag: int) -> np.ndarray:
    """Adstock weights of one channel, (sample, market, lag), from `draws` (dims sample, market, channel)."""
    own = draws.sel(channel=channel)
    parameters = {
        name: own[f"adstock_{name}"].transpose("sample", "market").values
        for name in ADSTOCKS[spec.adstock.kind].parameters
    }
    return adstock_weights(spec.adstock.kind, parameters, max_lag)


def channel_curve(
    draws: xr.Dataset, scales: xr.Dataset, spec: ChannelSpec, channel: str, markets: list[str]
) -> ChannelCurve:
    """Pick one channel's parameters out of `draws` (dims sample, market, channel); `spec` tells its kinds."""
    kind = spec.saturation.kind
    max_lag = int(scales["adstock_max_lag"].sel(channel=channel))

    def pick(name: str) -> np.ndarray:
        return draws[name].sel(channel=channel, market=markets).transpose("sample", "market").values

    return ChannelCurve(
        kind=kind,
        scale=scales["spend_scale"].sel(channel=channel, market=markets).values,
        weights=channel_weights(draws.sel(market=markets), spec, channel, max_lag),
        coefficient=pick("media_coefficient"),
        parameters={name: pick(f"saturation_{name}") for name in SATURATIONS[kind].parameters},
    )


def check_spend(spend: xr.DataArray, channels: list[str], markets: list[str]) -> xr.DataArray:
    """Return `spend` with dims week, market, channel in that order, or raise `FitError` saying what is wrong."""
    if set(spend.dims) != {"week", "market", "channel"}:
        raise FitError(f"spend has the dims {spend.dims}; it needs week, market and channel")
    for dim, known in (("market", markets), ("channel", channels)):
        unknown = [str(value) for value in spend[dim].values if str(value) not in known]
        if unknown:
            raise FitError(
                f"spend names the {dim} {', '.join(unknown)}, which the fit lacks; it has {', '.join(known)}"
            )
    spend = spend.transpose("week", "market", "channel").astype(np.float64)
    if spend.sizes["week"] == 0:
        raise FitError("spend has no weeks")
    weeks = pd.DatetimeIndex(spend["week"].values)
    if (np.diff(weeks.to_numpy()) != np.timedelta64(7, "D")).any():
        raise FitError("the weeks of spend must follow one another without gap or repetition")
    if not np.isfinite(spend.values).all() or (spend.values < 0).any():
        bad = spend.where(~((spend >= 0) & np.isfinite(spend)), drop=False)
        where = np.argwhere(~(np.isfinite(spend.values) & (spend.values >= 0)))[0]
        week, market, channel = (spend[dim].values[i] for dim, i in zip(spend.dims, where, strict=True))
        raise FitError(
            f"spend of {channel} in {market}, week {str(week)[:10]}, is {float(bad.values[tuple(where)]):g}; "
            "it must be a number of 0 or more"
        )
    return spend


def spend_before(history: xr.DataArray, spend: xr.DataArray, max_lag: int) -> np.ndarray:
    """Known spend of the max_lag - 1 weeks before `spend`, as (week, market, channel) aligned with it.

    Weeks before the history count as zero, as they did when the model was fitted. Raises `FitError` when `spend`
    starts more than one week after the history ends: what was spent in between is not known.
    """
    first = pd.Timestamp(spend["week"].values[0])
    known = pd.DatetimeIndex(history["week"].values)
    gap = (first - known[-1]).days // 7 - 1
    if gap > 0:
        raise FitError(
            f"spend starts {first.date()}, but the data end {known[-1].date()}: what was spent in the {gap} weeks "
            "between is not known. Start the week after the data, include these weeks, or ask with carry_in=False"
        )
    if (first - known[0]).days % 7:
        raise FitError(f"spend starts {first.date()}, which is not a Monday like the weeks of the data")
    past = history.sel(market=spend["market"].values, channel=spend["channel"].values)
    past = past.transpose("week", "market", "channel").values[known < first]
    return past[len(past) - min(len(past), max_lag - 1) :]
