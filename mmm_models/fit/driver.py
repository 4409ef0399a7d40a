"""How a channel's money becomes what acts: itself, or impressions, people reached and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.panel import Panel

# What money buys changes over the years; the last one tells what it will buy.
_USUAL_WEEKS = 52


@dataclass(frozen=True)
class Path:
    """A figure of each week of the data (week, market), and the usual one (market) for all other weeks."""

    known: np.ndarray
    usual: np.ndarray

    def over(self, start: int, weeks: int) -> np.ndarray:
        """The figures of `weeks` weeks from position `start`, which may lie before or behind the data."""
        at = np.arange(start, start + weeks)
        inside = (at >= 0) & (at < len(self.known))
        return np.where(inside[:, None], self.known[np.clip(at, 0, len(self.known) - 1)], self.usual)


@dataclass(frozen=True)
class Driver:
    """What acts for one channel in given markets.

    Attributes:
        volume: what acted in the weeks of the data (week, market).
        rate: volume for a unit of money; None where money acts.
        frequency: contacts for each person reached, as a share of the largest; None where volume alone acts.
    """

    volume: np.ndarray
    rate: Path | None = None
    frequency: Path | None = None

    @classmethod
    def of(cls, panel: Panel, scales: xr.Dataset, channel: str, markets: list[str]) -> Driver:
        """Of a channel of a panel; `scales` as a fit keeps them."""

        def pick(array: xr.DataArray) -> np.ndarray:
            return array.sel(channel=channel, market=markets).transpose("week", "market").values

        volume, rate, frequency = pick(panel.volume), None, None
        if "volume" in panel.dataset and not np.array_equal(spend := pick(panel.dataset["spend"]), volume):
            rate = _ratio(volume, spend)
        if "frequency" in panel.dataset and "frequency_scale" in scales:
            contacts = pick(panel.dataset["frequency"])
            if np.isfinite(contacts).any():
                frequency = _ratio(volume * contacts / float(scales["frequency_scale"].sel(channel=channel)), volume)
        return cls(volume, rate, frequency)

    def volume_of(self, spend: np.ndarray, start: int) -> np.ndarray:
        """What a path of money (week, market) buys, from position `start` of the data's weeks on."""
        return spend if self.rate is None else spend * self.rate.over(start, len(spend))

    @property
    def usual_rate(self) -> np.ndarray | float:
        """What a unit of money usually buys, (market)."""
        return 1.0 if self.rate is None else self.rate.usual


def _ratio(above: np.ndarray, below: np.ndarray) -> Path:
    """above / below week by week, and the ratio of the last year's sums; that where a week has none."""
    recent = slice(-_USUAL_WEEKS, None)
    sums = np.stack([np.nansum(part[recent], axis=0) for part in (above, below)])
    whole = np.stack([np.nansum(part, axis=0) for part in (above, below)])
    sums = np.where(sums[1] > 0, sums, whole)
    usual = np.divide(sums[0], sums[1], out=np.zeros_like(sums[0]), where=sums[1] > 0)
    each = np.divide(above, below, out=np.broadcast_to(usual, above.shape).copy(), where=below > 0)
    return Path(each, usual)
