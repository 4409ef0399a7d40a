"""Snapchat Ads: hourly campaign report in UTC, money in millionths under the plain name `spend`, UUIDs as ids."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import (
    Report,
    campaign_name,
    campaigns_on,
    history_stamps,
    purchases,
    report_rows,
    utc_hours,
)
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stable_uuid
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

REPORT = Report(
    source="snapchat_ads",
    table="campaign_hourly_report",
    day="date",
    key=("campaign_id",),
    version="_fivetran_synced",
    measures=("impressions", "spend", "swipes"),
    steps=1_000_000,
    stamp="%Y-%m-%dT%H:%M:%S",
)
SOURCE = REPORT.source
# Local hours that deliver, and their share: evenings in New York and midnights in Berlin fall on another UTC day.
HOURS = {0: 0.08, 8: 0.14, 16: 0.26, 20: 0.30, 22: 0.22}
SYNCS = 3


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_hourly_report rows (campaign x UTC hour), settled figures; hours without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """ad_account_history and campaign_history: each daily sync adds the same row again, a mark begins each file."""
    start = pd.Timestamp(world.spec.start)
    accounts = [
        {
            "id": market.accounts[SOURCE],
            "name": f"{world.spec.name} {market.name}",
            "_fivetran_synced": start - pd.Timedelta(days=9, hours=-7),
            "currency": market.currency,
            "timezone": market.timezone,
        }
        for market in world.spec.markets
    ]
    campaigns = [
        {
            "id": _id(market, channel, campaign),
            "ad_account_id": market.accounts[SOURCE],
            "name": campaign_name(market.name, channel, campaign.label),
            "_fivetran_synced": start,
            "objective": campaign.channel_type,
        }
        for market, channel, campaign in campaigns_on(world, SOURCE)
    ]
    history = pd.DataFrame(campaigns)
    history["_fivetran_synced"] = history_stamps(start, len(history))
    return [
        ExportFile(SOURCE, table, table, _synced_daily(frame), byte_order_mark=True)
        for table, frame in (("ad_account_history", pd.DataFrame(accounts)), ("campaign_history", history))
    ]


def _synced_daily(frame: pd.DataFrame) -> pd.DataFrame:
    syncs = [
        frame.assign(_fivetran_synced=frame["_fivetran_synced"] + pd.Timedelta(days=day, milliseconds=479))
        for day in range(SYNCS)
    ]
    return pd.concat(syncs)


def _id(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> str:
    return stable_uuid(SOURCE, market.name, channel.name, campaign.label)


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, HOURS)
    utc = utc_hours(bought.date, bought.segment, market.timezone)
    sold = bought.conversions.round().astype(np.int64)
    return pd.DataFrame(
        {
            "campaign_id": [_id(market, channel, campaign) for campaign in bought.campaign],
            "date": utc,
            "_fivetran_synced": utc.dt.normalize() + pd.Timedelta(days=4, hours=2, minutes=20),
            "conversion_purchases": sold,
            "conversion_purchases_value": (sold * market.order_value * REPORT.steps).round().astype(np.int64),
            "impressions": bought.impressions,
            "screen_time_millis": bought.impressions * 750,
            "spend": bought.steps,
            "swipes": bought.clicks,
            "video_views": (bought.impressions * 0.4).astype(np.int64),
        }
    )
