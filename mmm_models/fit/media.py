"""From spend to outcome, draw by draw: adstock, then saturation, then the media coefficient."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.driver import Driver
from mmm_models.panel import Panel
from mmm_models.spec import ChannelSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights, carry_over


@dataclass(frozen=True)
class ChannelCurve:
    """One channel's media effect in given markets, for S posterior samples.

    Arrays: `scale` (market), `weights` of the adstock (sample, market, lag), `coefficient` and each of the saturation's
    `parameters` (sample, market); `log_strength` (sample, week of the data) where the effect wanders. `kind` is the
    saturation's. It acts on adstocked volume; with reach and frequency it acts on the frequency, and what it makes of
    a week's reach carries over.
    """

    kind: str
    scale: np.ndarray
    weights: np.ndarray
    coefficient: np.ndarray
    parameters: dict[str, np.ndarray]
    driver: Driver
    log_strength: np.ndarray | None = None

    @property
    def max_lag(self) -> int:
        """Number of adstock weights."""
        return self.weights.shape[-1]

    @property
    def strength_now(self) -> np.ndarray | float:
        """The effect of the last week of the data as a multiple of its mean (sample, 1)."""
        return 1.0 if self.log_strength is None else np.exp(self.log_strength[:, -1:])

    @property
    def shape_at_usual_frequency(self) -> np.ndarray:
        """Saturation of the usual frequency, (sample, market); for channels with reach and frequency."""
        return self._shape(self.driver.frequency.usual[None, None, :])[:, 0]

    def steady(self, spend: np.ndarray) -> np.ndarray:
        """Weekly outcome when `spend` (point, market) is spent every week, from now on; (sample, point, market)."""
        x = np.broadcast_to(spend * self.driver.usual_rate / self.scale, (len(self.weights), *spend.shape))
        by_frequency = self.driver.frequency is not None
        shape = x * self.shape_at_usual_frequency[:, None, :] if by_frequency else self._shape(x)
        return shape * (self.coefficient * self.strength_now)[:, None, :]

    def respond(self, volume: np.ndarray, start: int = 0, frequency: np.ndarray | None = None) -> np.ndarray:
        """Weekly outcome from a path of volume (week, market) with nothing before it; (sample, week, market).

        `start` is the position of its first week among those of the data. `frequency` (week, market) is as a share of
        the largest; left out, it is that of the data, and the usual one elsewhere.
        """
        x = volume / self.scale
        if self.driver.frequency is None:
            shape = self._shape(carry_over(x, self.weights))
        else:
            contacts = self.driver.frequency.over(start, len(x)) if frequency is None else frequency
            shape = carry_over(x * self._shape(contacts[None]), self.weights)
        np.multiply(shape, self.coefficient[:, None, :], out=shape)
        if self.log_strength is None:
            return shape
        # Outside the data the effect is expected to stay where it was last.
        at = np.clip(np.arange(start, start + len(x)), 0, self.log_strength.shape[1] - 1)
        return shape * np.exp(self.log_strength[:, at])[:, :, None]

    def _shape(self, x: np.ndarray) -> np.ndarray:
        arguments = {name: values[:, None, :] for name, values in self.parameters.items()}
        return SATURATIONS[self.kind].shape(x, **arguments)


def channel_curve(
    draws: xr.Dataset, scales: xr.Dataset, panel: Panel, spec: ChannelSpec, channel: str, markets: list[str]
) -> ChannelCurve:
    """Pick one channel's parameters out of `draws` (dims sample, market, channel); `spec` tells its kinds."""
    kind, adstock = spec.saturation.kind, spec.adstock.kind
    max_lag = int(scales["adstock_max_lag"].sel(channel=channel))
    # By position: xarray's own selection takes longer than a plan's arithmetic.
    position = draws.indexes["channel"].get_loc(channel)
    rows = [draws.indexes["market"].get_loc(market) for market in markets]

    def pick(name: str) -> np.ndarray:
        return draws[name].transpose("sample", "market", "channel").values[:, rows, position]

    weights = {name: pick(f"adstock_{name}") for name in ADSTOCKS[adstock].parameters}
    wanders = spec.time_varying and "effect_path" in draws
    return ChannelCurve(
        kind=kind,
        scale=scales["spend_scale"].sel(channel=channel, market=markets).values,
        weights=adstock_weights(adstock, weights, max_lag),
        coefficient=pick("media_coefficient"),
        parameters={name: pick(f"saturation_{name}") for name in SATURATIONS[kind].parameters},
        driver=Driver.of(panel, scales, channel, markets),
        log_strength=draws["effect_path"].sel(channel=channel).transpose("sample", "week").values if wanders else None,
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


def volume_before(history: xr.DataArray, path: xr.DataArray, max_lag: int) -> np.ndarray:
    """Known volume of the max_lag - 1 weeks before a path, as (week, market), aligned with it.

    Weeks before the history count as zero, as they did when the model was fitted.

    Args:
        history: one channel's volume in the data (week, market).
        path: what comes next; its weeks and markets count.
        max_lag: the channel's memory in weeks.

    Raises:
        FitError: the path starts more than one week after the history ends, so that what was spent in between is not
            known, or its weeks are no Mondays.
    """
    first = pd.Timestamp(path["week"].values[0])
    known = pd.DatetimeIndex(history["week"].values)
    gap = (first - known[-1]).days // 7 - 1
    if gap > 0:
        raise FitError(
            f"spend starts {first.date()}, but the data end {known[-1].date()}: what was spent in the {gap} weeks "
            "between is not known. Start the week after the data, include these weeks, or ask with carry_in=False"
        )
    if (first - known[0]).days % 7:
        raise FitError(f"spend starts {first.date()}, which is not a Monday like the weeks of the data")
    past = history.sel(market=path["market"].values).transpose("week", "market").values[known < first]
    return past[len(past) - min(len(past), max_lag - 1) :]
