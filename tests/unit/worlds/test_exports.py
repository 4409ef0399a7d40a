"""What lands must add up to the world, read by the rules of each platform and by nothing of the writer's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmm_models.worlds.exports.delivery import allocate
from mmm_models.worlds.simulate import World

type Delivered = tuple[World, Path]


def read(landing: Path, source: str, table: str) -> pd.DataFrame:
    """All files of a table, in the order of their names, with lower-case columns."""
    files = sorted((landing / source / table).iterdir())
    frames = [pd.read_parquet(f) if f.suffix == ".parquet" else pd.read_csv(f) for f in files]
    return pd.concat([f.rename(columns=str.lower) for f in frames], ignore_index=True)


def newest(frame: pd.DataFrame, key: list[str], version: str = "_fivetran_synced") -> pd.DataFrame:
    return frame.sort_values(version, kind="stable").drop_duplicates(key, keep="last")


def world_cents(world: World, channel: str) -> dict[tuple[str, str], int]:
    """(market, day) -> cents, days with spend only."""
    spend = world.daily.spend.sel(channel=channel).to_series()
    return {(m, f"{d:%Y-%m-%d}"): round(v * 100) for (d, m), v in spend.items() if v > 0}


def test_google_micros_add_up_to_the_cent(delivered: Delivered):
    world, landing = delivered
    stats = newest(
        read(landing, "google_ads", "campaign_stats"), ["customer_id", "id", "date", "device", "ad_network_type"]
    )
    campaigns = newest(read(landing, "google_ads", "campaign_history"), ["id"], "updated_at")
    accounts = {m.accounts["google_ads"]: m.name for m in world.spec.markets}
    rows = stats.merge(campaigns[["id", "advertising_channel_type"]], on="id", validate="many_to_one")
    rows["market"] = rows.customer_id.map(accounts)
    for channel in ("search", "shopping", "display"):
        mine = rows[rows.advertising_channel_type == channel.upper()]
        cents = mine.groupby(["market", "date"]).cost_micros.sum() / 10_000
        assert cents.to_dict() == world_cents(world, channel)


def test_facebook_spend_adds_up_to_the_cent(delivered: Delivered):
    world, landing = delivered
    stats = newest(read(landing, "facebook_ads", "basic_ad"), ["ad_id", "date"])
    ads = newest(read(landing, "facebook_ads", "ad_history"), ["id"], "updated_time")
    assert set(stats.ad_id) <= set(ads.id)
    stats["market"] = stats.account_id.map({m.accounts["facebook_ads"]: m.name for m in world.spec.markets})
    cents = (stats.groupby(["market", "date"]).spend.sum() * 100).round().astype(int)
    assert cents.to_dict() == world_cents(world, "paid_social")


def test_tiktok_hours_add_up_to_the_cent_in_the_days_of_the_account(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "tiktok_ads", "campaign_report_hourly")
    campaigns = read(landing, "tiktok_ads", "campaign_history")
    advertisers = read(landing, "tiktok_ads", "advertiser").set_index("id")
    market = {m.accounts["tiktok_ads"]: m.name for m in world.spec.markets}
    total: dict[tuple[str, str], int] = {}
    assert not rows.duplicated(["campaign_id", "stat_time_hour"]).any()
    for account, group in rows.merge(campaigns[["campaign_id", "advertiser_id"]]).groupby("advertiser_id"):
        utc = pd.to_datetime(group.stat_time_hour).dt.tz_localize("UTC")
        day = utc.dt.tz_convert(advertisers.timezone[account]).dt.strftime("%Y-%m-%d")
        assert (day != utc.dt.strftime("%Y-%m-%d")).any()  # the naive day would be wrong
        for date, spend in group.spend.groupby(day).sum().items():
            total[(market[account], date)] = round(spend * 100)
    assert total == world_cents(world, "short_video")


def test_tv_flights_add_up_and_only_actual_ones_are_spend(delivered: Delivered):
    world, landing = delivered
    flights = newest(read(landing, "offline", "media_flights"), ["flight_id"], "updated_at")
    actual = flights[flights.status == "actual"]
    expected = world.daily.spend.sel(channel="tv").sum("date").to_series()
    paid = actual.groupby("market").net_cost.sum()
    assert paid.round(2).to_dict() == expected.round(2).to_dict()
    assert set(flights.status) == {"actual", "booked", "planned"}
    assert (flights[flights.status != "actual"].flight_start > f"{world.spec.end}").all()
    for flight in actual.itertuples():
        days = world.daily.spend.sel(
            market=flight.market, channel="tv", date=slice(flight.flight_start, flight.flight_end)
        )
        np.testing.assert_allclose(days, flight.net_cost / days.size)


def test_orders_less_refunds_are_the_revenue_of_each_shop_day(delivered: Delivered):
    world, landing = delivered
    orders = newest(read(landing, "shopify", "order"), ["id"])
    counted = orders[~orders.test & orders.cancelled_at.isna()].copy()
    lines, adjustments = read(landing, "shopify", "order_line_refund"), read(landing, "shopify", "order_adjustment")
    refunds = read(landing, "shopify", "refund").merge(
        lines, left_on="id", right_on="refund_id", suffixes=("", "_line")
    )
    back = (refunds.subtotal + refunds.total_tax).groupby(refunds.order_id).sum()
    adjusted = (adjustments.amount + adjustments.tax_amount).groupby(adjustments.order_id).sum()
    counted["net"] = counted.total_price - counted.id.map(back).fillna(0) + counted.id.map(adjusted).fillna(0)
    for market in world.spec.markets:
        mine = counted[counted.currency == market.currency]
        local = mine.processed_at.dt.tz_localize("UTC").dt.tz_convert(market.timezone).dt.strftime("%Y-%m-%d")
        by_day = mine.net.groupby(local).sum().round(2)
        expected = world.daily.revenue.sel(market=market.name).to_series()
        expected.index = expected.index.strftime("%Y-%m-%d")
        pd.testing.assert_series_equal(by_day, expected, check_names=False, check_index_type=False)


def test_orders_carry_the_life_of_a_shop(delivered: Delivered):
    _, landing = delivered
    orders = newest(read(landing, "shopify", "order"), ["id"])
    refunded = orders.financial_status.isin(["refunded", "partially_refunded"]).mean()
    assert 0.03 < refunded < 0.08
    assert orders.test.sum() >= 2
    assert set(orders[orders.cancelled_at.notna()].financial_status) == {"voided", "refunded"}
    assert (orders.total_price > 0).all()
    kept = orders[~orders.test & orders.cancelled_at.isna()]
    assert 0.3 < kept.customer_id.nunique() / len(kept) < 0.8  # some customers come back
    assert not {"email", "shipping_address_name", "browser_ip"} & set(orders.columns)


def test_days_without_spend_are_absent(delivered: Delivered):
    world, landing = delivered
    assert (world.daily.spend.sel(channel="display") == 0).any()
    assert (read(landing, "google_ads", "campaign_stats").cost_micros > 0).all()


def test_controls_are_daily_but_for_the_monthly_series(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "controls", "control_values")
    assert set(rows.control) == set(world.spec.controls)
    assert not rows.duplicated(["market", "control", "date"]).any()
    confidence = rows[rows.control == "consumer_confidence"]
    assert confidence.date.str.endswith("-01").all()
    assert len(rows[rows.control == "holidays"]) == world.daily.sizes["date"] * 2


def test_rates_cover_every_day_of_every_foreign_currency(delivered: Delivered):
    world, landing = delivered
    rates = read(landing, "fx", "rates")
    assert set(rates.currency) == {"EUR"}
    known = rates.set_index("date").rate
    expected = world.daily.fx_rate.sel(market="DE").to_series()
    np.testing.assert_array_equal(known.loc[expected.index.strftime("%Y-%m-%d")], expected)


def test_allocation_keeps_every_unit_and_gives_no_negative_part():
    weights = np.array([[0.5, 0.3, 0.2], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    parts = allocate(np.array([101, 1, 7]), weights)
    assert parts.sum(axis=1).tolist() == [101, 1, 7]
    assert (parts >= 0).all()
    assert parts[2].tolist() == [0, 7, 0]


@pytest.mark.parametrize("source", ["google_ads", "facebook_ads", "tiktok_ads"])
def test_every_platform_reports_up_to_the_last_day(delivered: Delivered, source: str):
    """A feed that ends early cannot be told from one that failed."""
    world, landing = delivered
    table = {"google_ads": "campaign_stats", "facebook_ads": "basic_ad", "tiktok_ads": "campaign_report_hourly"}[source]
    rows = read(landing, source, table)
    last = rows["stat_time_hour" if source == "tiktok_ads" else "date"].max()
    assert pd.Timestamp(last) >= pd.Timestamp(world.spec.end)
