"""Pinterest Ads: daily campaign figures, money in millionths of the advertiser's currency under "micro dollar".

The real export counts UTC days and cannot be dated anew; the simulated one counts the market's days and calls them
Pinterest's, so that a day's spend is the world's. Figures come paid (_1) and, from saved pins, earned (_2).
"""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import (
    WHOLE,
    Report,
    campaign_name,
    campaigns_on,
    history_stamps,
    purchases,
    report_rows,
)
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stable_id
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

REPORT = Report(
    source="pinterest_ads",
    table="campaign_report",
    day="date",
    key=("advertiser_id", "campaign_id"),
    version="_fivetran_synced",
    measures=("impression_1", "clickthrough_1", "spend_in_micro_dollar"),
    steps=1_000_000,
)
SOURCE = REPORT.source
EARNED = 0.15
STAMP = "%Y-%m-%d %H:%M:%S.000 +0000"


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_report rows (campaign x date), settled figures; days without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """advertiser_history and campaign_history, whose moments end in ` +0000` and whose file begins with a mark."""
    start = pd.Timestamp(world.spec.start)
    advertisers = [
        {
            "id": market.accounts[SOURCE],
            "updated_time": start - pd.Timedelta(days=20, hours=-14),
            "_fivetran_synced": start - pd.Timedelta(days=5, hours=-4),
            "billing_type": "CREDIT_CARD",
            "country": market.country_code,
            "created_time": start - pd.Timedelta(days=40, hours=-10),
            "currency": market.currency,
            "name": f"{world.spec.name} {market.name}",
            "status": "ACTIVE",
        }
        for market in world.spec.markets
    ]
    campaigns = [
        {
            "id": _id(market, channel, campaign),
            "created_time": start - pd.Timedelta(days=7, hours=-8),
            "name": campaign_name(market.name, channel, campaign.label),
            "status": "ACTIVE",
            "_fivetran_synced": start,
            "advertiser_id": market.accounts[SOURCE],
            "start_time": start,
            "objective_type": campaign.channel_type,
        }
        for market, channel, campaign in campaigns_on(world, SOURCE)
    ]
    history = pd.DataFrame(campaigns)
    history["_fivetran_synced"] = history_stamps(start, len(history))
    return [
        ExportFile(SOURCE, "advertiser_history", "advertiser_history", pd.DataFrame(advertisers)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", history, stamp=STAMP, byte_order_mark=True),
    ]


def _id(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> int:
    return stable_id(SOURCE, market.name, channel.name, campaign.label, digits=12)


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, WHOLE)
    value = bought.conversions * market.order_value * REPORT.steps
    return pd.DataFrame(
        {
            "date": bought.date,
            "campaign_id": [_id(market, channel, campaign) for campaign in bought.campaign],
            "campaign_name": [campaign_name(market.name, channel, campaign.label) for campaign in bought.campaign],
            "campaign_status": "ACTIVE",
            "advertiser_id": market.accounts[SOURCE],
            "_fivetran_synced": bought.date + pd.Timedelta(days=4, hours=6, minutes=50),
            "impression_1": bought.impressions,
            "impression_2": (bought.impressions * EARNED).astype(np.int64),
            "clickthrough_1": bought.clicks,
            "clickthrough_2": (bought.clicks * EARNED).astype(np.int64),
            "spend_in_micro_dollar": bought.steps,
            "total_conversions": bought.conversions.round().astype(np.int64),
            "total_conversions_value_in_micro_dollar": value.round().astype(np.int64),
        }
    )
