"""Microsoft Advertising: daily campaign figures by nine segments in the account's currency, in the account's days.

Conversions come twice, fractional as a model attributes them and rounded to whole ones, and both cells are empty where
nobody clicked. Time zones have names of Microsoft's own.
"""

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

SEGMENTS = ["device_os", "device_type", "network", "bid_match_type", "delivered_match_type", "position"]
BING, PARTNERS = "Bing and Yahoo! search", "Syndicated search partners"
SHARES = {
    ("Windows", "Computer", BING, "Phrase", "Exact", "Top"): 0.64,
    ("iOS", "Smartphone", BING, "Exact", "Exact", "Other"): 0.21,
    ("Unknown", "Computer", PARTNERS, "Broad", "Phrase", "Top"): 0.15,
}
REPORT = Report(
    source="microsoft_ads",
    table="campaign_performance_daily_report",
    day="date",
    key=("account_id", "campaign_id", "device_os", "device_type", "network", "top_vs_other"),
    version="_fivetran_synced",
    measures=("clicks", "impressions", "spend"),
)
SOURCE = REPORT.source
STAMP = "%Y-%m-%dT%H:%M:%S.000Z"
TIME_ZONES = {
    "America/New_York": "EasternTimeUSCanada",
    "America/Los_Angeles": "PacificTimeUSCanadaTijuana",
    "Europe/Berlin": "AmsterdamBerlinBernRomeStockholmVienna",
    "Europe/London": "GreenwichMeanTimeDublinEdinburghLisbonLondon",
}


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_performance_daily_report rows (campaign x date x segments), settled figures."""
    return report_rows(world, REPORT, _channel_rows, markets)


def dimensions(world: World) -> list[ExportFile]:
    """account_history and campaign_history; each account and one campaign have an older version."""
    start = pd.Timestamp(world.spec.start)
    accounts = [
        {
            "id": market.accounts[SOURCE],
            "name": name,
            "last_modified_time": start - pd.Timedelta(days=days, hours=-7),
            "time_zone": time_zone(market),
            "currency_code": market.currency,
        }
        for market in world.spec.markets
        for days, name in ((30, "new account"), (10, f"{world.spec.name} {market.name}"))
    ]
    history = pd.DataFrame([_campaign(*booked) for booked in campaigns_on(world, SOURCE)])
    history["modified_time"] = history_stamps(start, len(history))
    paused = history.iloc[[0]].assign(
        status="Paused", modified_time=history.modified_time.iloc[0] - pd.Timedelta(hours=2)
    )
    return [
        ExportFile(SOURCE, "account_history", "account_history", pd.DataFrame(accounts), stamp=STAMP),
        ExportFile(SOURCE, "campaign_history", "campaign_history", pd.concat([paused, history]), stamp=STAMP),
    ]


def time_zone(market: MarketSpec) -> str:
    """Microsoft's name for a market's time zone. Raises ValueError where it is not known here."""
    if market.timezone not in TIME_ZONES:
        raise ValueError(f"no Microsoft name for time zone {market.timezone!r}; add it to exports/microsoft_ads.py")
    return TIME_ZONES[market.timezone]


def _id(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> int:
    return stable_id(SOURCE, market.name, channel.name, campaign.label, digits=9)


def _campaign(market: MarketSpec, channel: ChannelSpec, campaign: Campaign) -> dict[str, object]:
    return {
        "id": _id(market, channel, campaign),
        "name": campaign_name(market.name, channel, campaign.label),
        "account_id": market.accounts[SOURCE],
        "modified_time": None,
        "type": campaign.channel_type,
        "time_zone": time_zone(market),
        "status": "Active",
        "budget": "150.00",
        "budget_id": 1,
        "budget_type": "BudgetDailyStandard",
        "language": "English" if market.country_code == "US" else "English,German",
    }


def _channel_rows(world: World, market: MarketSpec, channel: ChannelSpec) -> pd.DataFrame:
    bought = purchases(world, market, channel, REPORT, SHARES)
    qualified = bought.conversions.where(bought.clicks > 0)
    segment = pd.DataFrame(bought.segment.tolist(), columns=SEGMENTS)
    return pd.DataFrame(
        {
            "date": bought.date,
            "account_id": market.accounts[SOURCE],
            "campaign_id": [_id(market, channel, campaign) for campaign in bought.campaign],
            "currency_code": market.currency,
            "device_os": segment.device_os,
            "device_type": segment.device_type,
            "network": segment.network,
            "ad_distribution": "Search",
            "bid_match_type": segment.bid_match_type,
            "delivered_match_type": segment.delivered_match_type,
            "top_vs_other": segment.network + " - " + segment.position,
            "budget_association_status": "Current",
            "budget_name": "general budget",
            "clicks": bought.clicks,
            "impressions": bought.impressions,
            "spend": bought.money,
            "conversions_qualified": qualified,
            "conversions": qualified.round().astype("Int64"),
            "revenue": (qualified * market.order_value).round(2),
            "_fivetran_synced": bought.date + pd.Timedelta(days=4, hours=7, minutes=15),
        }
    )
