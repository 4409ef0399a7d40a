"""Meta Ads: daily statistics by ad in the account's currency, in the account's days."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import (
    Report,
    campaign_name,
    campaigns_on,
    history_stamps,
    purchases,
    report_rows,
)
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stable_id, stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

REPORT = Report(
    source="facebook_ads",
    table="basic_ad",
    day="date",
    key=("account_id", "ad_id"),
    version="_fivetran_synced",
    measures=("impressions", "inline_link_clicks", "spend", "reach"),
)
SOURCE = REPORT.source
CREATIVES = {"static_01": 0.55, "video_15s": 0.45}


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """basic_ad rows (ad x date), settled figures; days without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """account_history, campaign_history and ad_history; each account and one campaign have an older version."""
    start = pd.Timestamp(world.spec.start)
    accounts = []
    for market in world.spec.markets:
        account = market.accounts[SOURCE]
        for days, name in ((30, "new ad account"), (10, f"{world.spec.name} {market.name}")):
            accounts.append(
                {
                    "id": account,
                    "name": name,
                    "currency": market.currency,
                    "timezone_name": market.timezone,
                    "_fivetran_synced": start - pd.Timedelta(days=days, hours=-7),
                }
            )
    campaigns, ads = [], []
    for market, channel, campaign in campaigns_on(world, SOURCE):
        name = campaign_name(market.name, channel, campaign.label)
        campaign_id = _id("campaign", market, channel, campaign.label)
        campaigns.append({"id": campaign_id, "account_id": market.accounts[SOURCE], "name": name})
        ads += [_ad(market, channel, campaign, creative) for creative in CREATIVES]
    campaigns_frame = _stamped(pd.DataFrame(campaigns), start)
    renamed = campaigns_frame.iloc[[0]].assign(
        name="untitled campaign", updated_time=campaigns_frame.updated_time.iloc[0] - pd.Timedelta(hours=2)
    )
    return [
        ExportFile(SOURCE, "account_history", "account_history", pd.DataFrame(accounts)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", pd.concat([renamed, campaigns_frame])),
        ExportFile(SOURCE, "ad_history", "ad_history", _stamped(pd.DataFrame(ads), start)),
    ]


def _stamped(frame: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    updated = history_stamps(start, len(frame))
    return frame.assign(_fivetran_synced=updated + pd.Timedelta(minutes=40), updated_time=updated)


def _id(kind: str, market: MarketSpec, channel: ChannelSpec, label: str) -> int:
    return stable_id(SOURCE, kind, market.name, channel.name, label, digits=13)


def _ad(market: MarketSpec, channel: ChannelSpec, campaign: Campaign, creative: str) -> dict[str, object]:
    label = f"{campaign.label}/{creative}"
    return {
        "id": _id("ad", market, channel, label),
        "account_id": market.accounts[SOURCE],
        "ad_set_id": _id("ad_set", market, channel, campaign.label),
        "campaign_id": _id("campaign", market, channel, campaign.label),
        "creative_id": _id("creative", market, channel, label),
        "name": f"{campaign.label} {creative}",
    }


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, CREATIVES)
    labels = [
        f"{campaign.label}/{creative}" for campaign, creative in zip(bought.campaign, bought.segment, strict=True)
    ]
    rng = stream(world.seed, SOURCE, "reach", market.name, channel.name)
    return pd.DataFrame(
        {
            "ad_id": [_id("ad", market, channel, label) for label in labels],
            "date": bought.date,
            "account_id": market.accounts[SOURCE],
            "impressions": bought.impressions,
            "inline_link_clicks": bought.clicks,
            "spend": bought.money,
            "reach": (bought.impressions * rng.uniform(0.55, 0.9, len(bought))).astype(np.int64),
            "_fivetran_synced": bought.date + pd.Timedelta(days=4, hours=6, minutes=25),
        }
    )
