"""FRED's observations with all their vintages: a first figure each month, and the revised one three weeks later."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World

SOURCE, TABLE = "fred", "observations"
CONTROL = "consumer_confidence"
SERIES = {"US": "UMCSENT", "DE": "CSCICP03DEM665S"}  # as the seed map_series maps them
FIRST_DAY, REVISED_DAY = 1, 24  # of the month that the figure is about
_REVISION = 0.6  # standard deviation of what the first figure is off by, in points of the index
_STILL = "9999-12-31"


def observations(world: World) -> ExportFile:
    """A row a series, month and release; the newest release of each month is the world's figure."""
    frames = [_releases(world, market.name) for market in world.spec.markets if market.name in SERIES]
    columns = ["series_id", "date", "value", "realtime_start", "realtime_end"]
    return ExportFile(SOURCE, TABLE, TABLE, pd.concat(frames, ignore_index=True)[columns])


def _releases(world: World, market: str) -> pd.DataFrame:
    daily = world.daily.control_value.sel(market=market, control=CONTROL).to_series()
    monthly = daily.groupby(daily.index.to_period("M")).first()
    months = monthly.index.to_timestamp()
    first, revised = (months + pd.Timedelta(days=day - 1) for day in (FIRST_DAY, REVISED_DAY))
    is_revised = revised <= pd.Timestamp(world.spec.end)
    off = stream(world.seed, SOURCE, market).normal(0, _REVISION, len(months))
    ended = (revised - pd.Timedelta(days=1)).strftime("%Y-%m-%d")
    rows = pd.DataFrame({"series_id": SERIES[market], "date": months, "value": monthly.to_numpy()})
    early = rows.assign(
        value=np.where(is_revised, (rows.value + off).round(1), rows.value),
        realtime_start=first,
        realtime_end=np.where(is_revised, ended, _STILL),
    )
    late = rows[is_revised].assign(realtime_start=revised[is_revised], realtime_end=_STILL)
    return pd.concat([early, late]).sort_values(["date", "realtime_start"], kind="stable")
