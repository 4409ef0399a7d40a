"""An agency's sheet of flights: one row a flight, its cost spread evenly over its days, net cost is what was paid."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import ChannelSpec, MarketSpec

SOURCE, TABLE = "offline", "media_flights"
AGENCY_COMMISSION = 0.15
COST_PER_GRP = 85.0


def facts(world: World) -> pd.DataFrame:
    """media_flights rows: every flight on air as `actual`, then one `booked` and one `planned` after the data."""
    rows: list[dict[str, object]] = []
    for market in world.spec.markets:
        for channel in world.spec.channels:
            if channel.source == SOURCE:
                rows += _flights(world, market, channel)
    return pd.DataFrame(rows)


def files(world: World) -> list[ExportFile]:
    """The sheet as it stands, and an earlier version in which each market's last actual flight was still a plan."""
    sheet = facts(world)
    if sheet.empty:
        return []
    last = sheet[sheet.status == "actual"].groupby(["channel", "market"], sort=False).tail(1)
    plan = last.assign(
        status="planned",
        net_cost=(last.net_cost * 1.08).round(2),
        gross_cost=(last.gross_cost * 1.08).round(2),
        updated_at=last.flight_start - pd.Timedelta(days=20),
    )
    return [
        ExportFile(SOURCE, TABLE, "media_flights_1_plan", plan),
        ExportFile(SOURCE, TABLE, "media_flights_2_actual", sheet),
    ]


def _flights(world: World, market: MarketSpec, channel: ChannelSpec) -> list[dict[str, object]]:
    spend = world.daily.spend.sel(market=market.name, channel=channel.name).to_numpy()
    dates = pd.DatetimeIndex(world.daily.date.to_numpy())
    rng = stream(world.seed, SOURCE, market.name, channel.name)
    edges = np.flatnonzero(np.diff(spend, prepend=0.0, append=0.0))
    flights = []
    for first, after in zip(edges, np.append(edges[1:], len(spend)), strict=True):
        if first < len(spend) and spend[first] > 0:
            cost = round(float(spend[first:after].sum()), 2)
            flights.append((dates[first], dates[after - 1], cost, "actual"))
    typical = channel.weekly_spend[market.name]
    for weeks_ahead, status in ((4, "booked"), (14, "planned")):
        start = pd.Timestamp(world.week_starts[-1]) + pd.Timedelta(weeks=1 + weeks_ahead)
        flights.append((start, start + pd.Timedelta(days=27), round(4 * typical, 2), status))
    end = dates[-1] + pd.Timedelta(hours=18)
    return [
        {
            "flight_id": f"{channel.name}-{market.name}-{number:03d}".lower(),
            "channel": channel.name,
            "market": market.name,
            "flight_start": start,
            "flight_end": finish,
            "grps": round(net / COST_PER_GRP * float(np.exp(rng.normal(0, 0.05))), 1),
            "gross_cost": round(net / (1 - AGENCY_COMMISSION), 2),
            "net_cost": net,
            "currency": market.currency,
            "status": status,
            "updated_at": finish + pd.Timedelta(days=2, hours=9) if status == "actual" else end,
        }
        for number, (start, finish, net, status) in enumerate(flights, start=1)
    ]
