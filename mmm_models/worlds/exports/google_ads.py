"""Google Ads: daily campaign statistics by device in micros of the account's currency, in the account's days."""

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
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec

SOURCE, FACTS, DAY, VERSION = "google_ads", "campaign_stats", "date", "_fivetran_synced"
MEASURES = ["clicks", "conversions", "conversions_value", "cost_micros", "impressions", "interactions"]
DEVICES = {"MOBILE": 0.62, "DESKTOP": 0.33, "TABLET": 0.05}
NETWORK = {"SEARCH": "SEARCH", "SHOPPING": "SEARCH", "DISPLAY": "CONTENT"}


def campaign_id(market: str, channel: str, campaign: Campaign) -> int:
    """The platform's number for a campaign."""
    return stable_id(SOURCE, market, channel, campaign.label, digits=11)


def facts(world: World, markets: tuple[str, ...] | None = None) -> pd.DataFrame:
    """campaign_stats rows (customer x campaign x date x device), settled figures; days without spend are absent."""
    rows = [
        _channel_rows(world, market, channel)
        for market in world.spec.markets
        for channel in world.spec.channels
        if channel.source == SOURCE and (markets is None or market.name in markets)
    ]
    frame = pd.concat(rows, ignore_index=True)
    return frame.sort_values(["date", "customer_id", "id", "device"], kind="stable", ignore_index=True)


def dimensions(world: World) -> list[ExportFile]:
    """account_history and campaign_history; a renamed campaign has two versions."""
    start = pd.Timestamp(world.spec.start)
    accounts, campaigns = [], []
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
        for channel in world.spec.channels:
            if channel.source == SOURCE:
                campaigns += [_campaign(market, channel, c, start) for c in channel.campaigns]
    history = pd.DataFrame(campaigns)
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
        "id": campaign_id(market.name, channel.name, campaign),
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
    rng = stream(world.seed, SOURCE, market.name, channel.name)
    spend = world.daily.spend.sel(market=market.name, channel=channel.name).to_numpy()
    parts = [(c, device) for c in channel.campaigns for device in DEVICES]
    shares = np.array([c.share * DEVICES[device] for c, device in parts])
    micros = allocate(cents(spend) * 10_000, moving_weights(shares, len(spend), rng))
    day, part = np.nonzero(micros)
    cost = micros[day, part]
    counted = engagement(channel, cost / 1e6, rng)
    account = market.accounts[SOURCE]
    ids = np.array([campaign_id(market.name, channel.name, c) for c, _ in parts])[part]
    dates = pd.DatetimeIndex(world.daily.date.to_numpy())[day]
    device = np.array([d for _, d in parts])[part]
    return pd.DataFrame(
        {
            "_fivetran_id": [f"{c}-{d}-{t:%Y%m%d}" for c, d, t in zip(ids, device, dates, strict=True)],
            "customer_id": account,
            "date": dates,
            "_fivetran_synced": dates + pd.Timedelta(days=4, hours=5, minutes=10),
            "ad_network_type": np.array([NETWORK[c.channel_type] for c, _ in parts])[part],
            "base_campaign": [f"customers/{account}/campaigns/{c}" for c in ids],
            "clicks": counted.clicks,
            "conversions": counted.conversions,
            "conversions_value": (counted.conversions * market.order_value).round(2),
            "cost_micros": cost,
            "device": device,
            "id": ids,
            "impressions": counted.impressions,
            "interaction_event_types": "[CLICK]",
            "interactions": counted.clicks,
            "view_through_conversions": 0,
        }
    )
