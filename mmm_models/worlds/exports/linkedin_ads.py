"""LinkedIn Ads: daily campaign figures with the cost in two columns, in the account's currency and in USD.

The real export counts UTC days and cannot be dated anew; the simulated one counts the market's days and calls them
LinkedIn's, so that a day's spend is the world's. A day is written as its midnight; a count of nothing is an empty cell.
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
    source="linkedin_ads",
    table="ad_analytics_by_campaign",
    day="day",
    key=("campaign_id",),
    version="_fivetran_synced",
    measures=("clicks", "cost_in_local_currency", "cost_in_usd", "impressions"),
    stamp="%Y-%m-%d %H:%M:%S",
)
SOURCE = REPORT.source


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """ad_analytics_by_campaign rows (campaign x day), settled figures; days without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """account_history and campaign_history; each change of an account or a campaign has its version tag."""
    start = pd.Timestamp(world.spec.start)
    accounts = [
        {
            "id": market.accounts[SOURCE],
            "last_modified_time": start - pd.Timedelta(days=30 - 3 * tag, hours=-10),
            "created_time": start - pd.Timedelta(days=60, hours=-22),
            "name": f"{world.spec.name} {market.name}",
            "currency": market.currency,
            "version_tag": tag,
        }
        for market in world.spec.markets
        for tag in (1, 2, 3)
    ]
    campaigns = [
        {
            "id": _id("campaign", market, channel, campaign),
            "last_modified_time": start,
            "account_id": market.accounts[SOURCE],
            "campaign_group_id": _id("campaign_group", market, channel, campaign),
            "created_time": start - pd.Timedelta(days=7, hours=-9),
            "name": campaign_name(market.name, channel, campaign.label),
            "type": campaign.channel_type,
            "version_tag": 2,
        }
        for market, channel, campaign in campaigns_on(world, SOURCE)
    ]
    history = pd.DataFrame(campaigns)
    history["last_modified_time"] = history_stamps(start, len(history))
    drafts = history.assign(
        name="untitled campaign",
        version_tag=1,
        last_modified_time=history.last_modified_time - pd.Timedelta(minutes=50),
    )
    return [
        ExportFile(SOURCE, "account_history", "account_history", pd.DataFrame(accounts)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", pd.concat([history, drafts])),
    ]


def _id(kind: str, market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> int:
    return stable_id(SOURCE, kind, market.name, channel.name, campaign.label, digits=9)


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, WHOLE)
    conversions = bought.conversions.round().astype("Int64")
    clicked = (conversions * 0.7).round().astype("Int64")
    counted = conversions > 0
    return pd.DataFrame(
        {
            "campaign_id": [_id("campaign", market, channel, campaign) for campaign in bought.campaign],
            "day": bought.date,
            "clicks": bought.clicks,
            "conversion_value_in_local_currency": (conversions * market.order_value).where(counted).astype("Float64"),
            "cost_in_local_currency": bought.money,
            "cost_in_usd": _in_usd(world, market, bought),
            "external_website_conversions": conversions.where(counted),
            "external_website_post_click_conversions": clicked.where(counted),
            "external_website_post_view_conversions": (conversions - clicked).where(counted),
            "impressions": bought.impressions,
            "_fivetran_synced": bought.date + pd.Timedelta(days=4, hours=5, minutes=35),
        }
    )


def _in_usd(world: World, market: MarketSpec, bought: pd.DataFrame) -> pd.Series:
    """Cost at the day's rate; empty in a world whose rates are not into USD."""
    if world.spec.reporting_currency != "USD":
        return pd.Series(np.nan, index=bought.index)
    rate = bought.date.map(world.daily.fx_rate.sel(market=market.name).to_series())
    return (bought.money * rate).round(2)
