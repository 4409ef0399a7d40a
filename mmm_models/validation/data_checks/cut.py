"""One market of a panel, as every check gets it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.panel import Panel


@dataclass(frozen=True)
class MarketCut:
    """The data of one market, without the dimension market.

    Attributes:
        market: its name.
        outcome: (week), in units of the outcome.
        spend: (week, channel), in money of `currency`; channels that never spend here included.
        organic: (week, channel), volumes of media that cost nothing, in units of their own.
        controls: (week, control).
        exposure: (week, exposure) with the coordinate `channel` (exposure); nan where there is no row.
        outcome_name: name of the outcome series.
        currency: of spend.
        endogenous: channels whose spend follows sales by construction.
    """

    market: str
    outcome: xr.DataArray
    spend: xr.DataArray
    organic: xr.DataArray
    controls: xr.DataArray
    exposure: xr.DataArray
    outcome_name: str
    currency: str
    endogenous: frozenset[str] = frozenset()

    @property
    def weeks(self) -> pd.DatetimeIndex:
        """Mondays, in order."""
        return pd.DatetimeIndex(self.spend.indexes["week"])

    @cached_property
    def spending(self) -> xr.DataArray:
        """Spend of the channels that spend here at all (week, channel)."""
        return self.spend.isel(channel=np.flatnonzero(self.spend.sum("week") > 0))

    @cached_property
    def moving(self) -> xr.DataArray:
        """Channels, organic media, then controls as `control:<name>` (week, series), but for those that never move."""
        controls = self.controls.rename(control="series")
        controls = controls.assign_coords(series=[f"control:{name}" for name in self.controls["control"].values])
        media = [part.rename(channel="series") for part in (self.spend, self.organic)]
        found = xr.concat([*media, controls], "series").transpose("week", "series")
        return found.isel(series=np.flatnonzero(found.max("week") > found.min("week")))

    def seen(self, channel: str) -> xr.DataArray:
        """The exposure series of a channel that have a row here (week, exposure); there may be none."""
        own = self.exposure.isel(exposure=np.flatnonzero(self.exposure["channel"] == channel))
        return own.dropna("exposure", how="all")


def cuts(panel: Panel, exposure: xr.DataArray, endogenous: frozenset[str] = frozenset()) -> list[MarketCut]:
    """The markets of a panel, in its order.

    Args:
        panel: of a model.
        exposure: (week, market, exposure) with the coordinate `channel`.
        endogenous: channels whose spend follows sales by construction.
    """
    paid = panel.paid
    organic = [name for name in panel.channels if name not in paid]
    made = []
    for market in panel.markets:
        data = panel.dataset.sel(market=market, drop=True)
        made.append(
            MarketCut(
                market,
                data["outcome"],
                data["spend"].sel(channel=paid),
                panel.volume.sel(market=market, drop=True).sel(channel=organic),
                data["controls"],
                exposure.sel(market=market, drop=True),
                panel.outcome_name,
                panel.currency,
                endogenous,
            )
        )
    return made
