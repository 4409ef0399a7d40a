"""TikTok Ads: hourly campaign report in UTC, upper-case headers, `-` where a figure does not exist."""

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
from mmm_models.worlds.randomness import stable_id
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

REPORT = Report(
    source="tiktok_ads",
    table="campaign_report_hourly",
    day="STAT_TIME_HOUR",
    key=("CAMPAIGN_ID",),
    version="_FIVETRAN_SYNCED",
    measures=("IMPRESSIONS", "CLICKS", "SPEND"),
)
SOURCE = REPORT.source
# Local hours that deliver, and their share: evenings in New York and midnights in Berlin fall on another UTC day.
HOURS = {0: 0.05, 9: 0.08, 12: 0.12, 15: 0.12, 18: 0.15, 20: 0.18, 21: 0.16, 22: 0.14}


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_report_hourly rows (campaign x UTC hour), settled figures; hours without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """campaign_history and advertiser."""
    start = pd.Timestamp(world.spec.start)
    synced = start - pd.Timedelta(days=5, hours=-4)
    advertisers = [
        {
            "ID": market.accounts[SOURCE],
            "NAME": f"{world.spec.name} {market.name}",
            "COUNTRY": market.country_code,
            "CURRENCY": market.currency,
            "ROLE": "ROLE_ADVERTISER",
            "STATUS": "STATUS_ENABLE",
            "TIMEZONE": market.timezone,
            "BALANCE": "-",
            "CREATE_TIME": start - pd.Timedelta(days=40, hours=-11),
            "_FIVETRAN_SYNCED": synced,
        }
        for market in world.spec.markets
    ]
    campaigns = [
        {
            "CAMPAIGN_ID": _campaign_id(market, channel, campaign),
            "UPDATED_AT": start,
            "ADVERTISER_ID": market.accounts[SOURCE],
            "CAMPAIGN_NAME": campaign_name(market.name, channel, campaign.label),
            "CAMPAIGN_TYPE": "REGULAR_CAMPAIGN",
            "BUDGET": 0,
            "BUDGET_MODE": "BUDGET_MODE_INFINITE",
            "OPERATION_STATUS": "ENABLE",
            "OBJECTIVE_TYPE": "CONVERSIONS",
            "CREATE_TIME": start - pd.Timedelta(days=7, hours=-11),
            "_FIVETRAN_SYNCED": synced,
        }
        for market, channel, campaign in campaigns_on(world, SOURCE)
    ]
    history = pd.DataFrame(campaigns)
    history["UPDATED_AT"] = history_stamps(start, len(history))
    return [
        ExportFile(SOURCE, "advertiser", "advertiser", pd.DataFrame(advertisers)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", history),
    ]


def _campaign_id(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> int:
    return stable_id(SOURCE, market.name, channel.name, campaign.label, digits=16)


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, HOURS)
    utc = utc_hours(bought.date, bought.segment, market.timezone)
    conversions = bought.conversions.round().astype(int)
    return pd.DataFrame(
        {
            "CAMPAIGN_ID": [_campaign_id(market, channel, campaign) for campaign in bought.campaign],
            "STAT_TIME_HOUR": utc,
            "IMPRESSIONS": bought.impressions,
            "CLICKS": bought.clicks,
            "CONVERSION": np.where(conversions > 0, conversions.astype(str), "-"),
            "REAL_TIME_CONVERSION": conversions,
            "SECONDARY_GOAL_RESULT": "-",
            "SECONDARY_GOAL_RESULT_RATE": "-",
            "COST_PER_SECONDARY_GOAL_RESULT": "-",
            "SPEND": bought.money,
            "TOTAL_PURCHASE_VALUE": (conversions * market.order_value).round(2),
            "VIDEO_PLAY_ACTIONS": (bought.impressions * 0.8).astype(np.int64),
            "_FIVETRAN_SYNCED": utc.dt.normalize() + pd.Timedelta(days=4, hours=3, minutes=45),
        }
    )
