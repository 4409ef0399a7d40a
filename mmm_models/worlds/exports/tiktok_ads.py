"""TikTok Ads: hourly campaign report in UTC, upper-case headers, `-` where a figure does not exist."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import (
    allocate,
    campaign_name,
    cents,
    engagement,
    history_stamps,
    moving_weights,
)
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stable_id, stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import ChannelSpec, MarketSpec

SOURCE, FACTS, DAY, VERSION = "tiktok_ads", "campaign_report_hourly", "STAT_TIME_HOUR", "_FIVETRAN_SYNCED"
MEASURES = ["IMPRESSIONS", "CLICKS", "SPEND"]
# Local hours that deliver, and their share: evenings in New York and midnights in Berlin fall on another UTC day.
HOURS = {0: 0.05, 9: 0.08, 12: 0.12, 15: 0.12, 18: 0.15, 20: 0.18, 21: 0.16, 22: 0.14}


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_report_hourly rows (campaign x UTC hour), settled figures; hours without spend are absent."""
    rows = [
        _channel_rows(world, market, channel)
        for market in world.spec.markets
        for channel in world.spec.channels
        if channel.source == SOURCE and (markets is None or market.name in markets)
    ]
    frame = pd.concat(rows, ignore_index=True)
    return frame.sort_values(["STAT_TIME_HOUR", "CAMPAIGN_ID"], kind="stable", ignore_index=True)


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
            "CAMPAIGN_ID": _campaign_id(market, channel, campaign.label),
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
        for market in world.spec.markets
        for channel in world.spec.channels
        if channel.source == SOURCE
        for campaign in channel.campaigns
    ]
    history = pd.DataFrame(campaigns)
    history["UPDATED_AT"] = history_stamps(start, len(history))
    return [
        ExportFile(SOURCE, "advertiser", "advertiser", pd.DataFrame(advertisers)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", history),
    ]


def _campaign_id(market: MarketSpec, channel: ChannelSpec, label: str) -> int:
    return stable_id(SOURCE, market.name, channel.name, label, digits=16)


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    rng = stream(world.seed, SOURCE, market.name, channel.name)
    spend = world.daily.spend.sel(market=market.name, channel=channel.name).to_numpy()
    parts = [(campaign, hour) for campaign in channel.campaigns for hour in HOURS]
    shares = np.array([campaign.share * HOURS[hour] for campaign, hour in parts])
    split = allocate(cents(spend), moving_weights(shares, len(spend), rng))
    day, part = np.nonzero(split)
    money = split[day, part] / 100
    counted = engagement(channel, money, rng)
    local = pd.DatetimeIndex(world.daily.date.to_numpy())[day] + pd.to_timedelta(
        np.array([hour for _, hour in parts])[part], unit="h"
    )
    utc = local.tz_localize(market.timezone).tz_convert("UTC").tz_localize(None)
    conversions = np.rint(counted.conversions).astype(int)
    return pd.DataFrame(
        {
            "CAMPAIGN_ID": np.array([_campaign_id(market, channel, c.label) for c, _ in parts])[part],
            "STAT_TIME_HOUR": utc,
            "IMPRESSIONS": counted.impressions,
            "CLICKS": counted.clicks,
            "CONVERSION": np.where(conversions > 0, conversions.astype(str), "-"),
            "REAL_TIME_CONVERSION": conversions,
            "SECONDARY_GOAL_RESULT": "-",
            "SECONDARY_GOAL_RESULT_RATE": "-",
            "COST_PER_SECONDARY_GOAL_RESULT": "-",
            "SPEND": money,
            "TOTAL_PURCHASE_VALUE": (conversions * market.order_value).round(2),
            "VIDEO_PLAY_ACTIONS": (counted.impressions * 0.8).astype(np.int64),
            "_FIVETRAN_SYNCED": utc.normalize() + pd.Timedelta(days=4, hours=3, minutes=45),
        }
    )
