"""Google Ads: daily campaign statistics by device in micros of the account's currency, in the account's days."""

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
from mmm_models.worlds.randomness import stable_id
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

REPORT = Report(
    source="google_ads",
    table="campaign_stats",
    day="date",
    key=("customer_id", "id", "device"),
    version="_fivetran_synced",
    measures=("clicks", "conversions", "conversions_value", "cost_micros", "impressions", "interactions"),
    steps=1_000_000,
)
SOURCE = REPORT.source
DEVICES = {"MOBILE": 0.62, "DESKTOP": 0.33, "TABLET": 0.05}
NETWORK = {"SEARCH": "SEARCH", "SHOPPING": "SEARCH", "DISPLAY": "CONTENT"}


def campaign_id(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> int:
    """The platform's number for a campaign."""
    return stable_id(SOURCE, market.name, channel.name, campaign.label, digits=11)


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_stats rows (customer x campaign x date x device), settled figures; days without spend are absent."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """account_history and campaign_history; a renamed campaign has two versions."""
    start = pd.Timestamp(world.spec.start)
    accounts = []
    for market in world.spec.markets:
        account = market.accounts[SOURCE]
        accounts.append(
            {
                "id": account,
                "updated_at": start - pd.Timedelta(days=30, hours=-8),
                "_fivetran_synced": start - pd.Timedelta(days=30, hours=-9),
                "auto_tagging_enabled": "TRUE",
                "currency_code": market.currency,
                "descriptive_name": f"{world.spec.name} {market.name}",
                "manager": "FALSE",
                "test_account": "FALSE",
                "time_zone": market.timezone,
            }
        )
    history = pd.DataFrame([_campaign(*booked, start) for booked in campaigns_on(world, SOURCE)])
    history["updated_at"] = history_stamps(start, len(history))
    first_name = history.iloc[[0]].assign(
        name="new search campaign", updated_at=history.updated_at.iloc[0] - pd.Timedelta(hours=3)
    )
    return [
        ExportFile(SOURCE, "account_history", "account_history", pd.DataFrame(accounts)),
        ExportFile(SOURCE, "campaign_history", "campaign_history", pd.concat([first_name, history])),
    ]


def _campaign(market: MarketSpec, channel: ChannelSpec, campaign: Campaign, start: pd.Timestamp) -> dict[str, object]:
    return {
        "id": campaign_id(market, channel, campaign),
        "updated_at": start,
        "name": campaign_name(market.name, channel, campaign.label),
        "customer_id": market.accounts[SOURCE],
        "advertising_channel_type": campaign.channel_type,
        "advertising_channel_subtype": "UNSPECIFIED",
        "start_date": f"{start:%Y-%m-%d}",
        "end_date": "2037-12-30",
        "serving_status": "SERVING",
        "status": "ENABLED",
        "tracking_url_template": "",
    }


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, DEVICES)
    account = market.accounts[SOURCE]
    ids = bought.campaign.map(lambda campaign: campaign_id(market, channel, campaign))
    return pd.DataFrame(
        {
            "_fivetran_id": [f"{c}-{d}-{t:%Y%m%d}" for c, d, t in zip(ids, bought.segment, bought.date, strict=True)],
            "customer_id": account,
            "date": bought.date,
            "_fivetran_synced": bought.date + pd.Timedelta(days=4, hours=5, minutes=10),
            "ad_network_type": [NETWORK[campaign.channel_type] for campaign in bought.campaign],
            "base_campaign": [f"customers/{account}/campaigns/{c}" for c in ids],
            "clicks": bought.clicks,
            "conversions": bought.conversions,
            "conversions_value": (bought.conversions * market.order_value).round(2),
            "cost_micros": bought.steps,
            "device": bought.segment,
            "id": ids,
            "impressions": bought.impressions,
            "interaction_event_types": "[CLICK]",
            "interactions": bought.clicks,
            "view_through_conversions": 0,
        }
    )
