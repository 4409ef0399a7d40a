"""What lands must add up to the world, read by the rules of each platform and by nothing of the writer's."""

import numpy as np
import pandas as pd
import pytest

from mmm_models.worlds.exports.delivery import allocate
from tests.unit.worlds.landed import Delivered, newest, read


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


def test_the_controls_sheet_holds_what_no_export_of_its_own_delivers(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "controls", "control_values")
    assert set(rows.control) == {"holidays", "price_index"}
    assert not rows.duplicated(["market", "control", "date"]).any()
    assert len(rows[rows.control == "holidays"]) == world.daily.sizes["date"] * 2


def test_the_newest_release_of_a_month_is_the_worlds_figure_and_the_first_was_not(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "fred", "observations")
    assert not rows.duplicated(["series_id", "date", "realtime_start"]).any()
    assert rows.realtime_start.max() <= f"{world.spec.end}"
    assert rows.date.str.endswith("-01").all()
    newest = rows[rows.realtime_end == "9999-12-31"].set_index(["series_id", "date"]).value.sort_index()
    first = rows.groupby(["series_id", "date"]).value.first()
    assert (newest.index == first.index).all()
    assert (newest != first).mean() > 0.8
    for market, series in {"US": "UMCSENT", "DE": "CSCICP03DEM665S"}.items():
        daily = world.daily.control_value.sel(market=market, control="consumer_confidence").to_series()
        published = newest[series].rename(lambda month: month[:7])
        assert (daily == daily.index.strftime("%Y-%m").map(published)).all()


def test_promotions_are_the_days_of_the_world_with_a_discount(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "promotions", "promotion")
    for market in world.spec.markets:
        daily = world.daily.control_value.sel(market=market.name, control="promotion").to_series()
        told = pd.Series(0.0, index=daily.index)
        for offer in rows[rows.market == market.name].itertuples():
            told.loc[offer.first_day : offer.last_day] = offer.discount
        pd.testing.assert_series_equal(told, daily, check_names=False)


def test_competitors_weeks_add_up_to_the_worlds_figure_to_the_cent(delivered: Delivered):
    world, landing = delivered
    rows = read(landing, "competitors", "media_spend")
    told = rows.groupby(["market", "date"]).spend.sum().round(2)
    weekly = world.weekly(world.daily.control_value.sel(control="competitor_spend")).transpose("market", "week")
    assert told.index.get_level_values("date").nunique() == len(world.week_starts)
    for market in world.spec.markets:
        np.testing.assert_allclose(told[market.name], weekly.sel(market=market.name), atol=0.005)


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


@pytest.mark.parametrize(
    ("source", "table", "day"),
    [
        ("google_ads", "campaign_stats", "date"),
        ("microsoft_ads", "campaign_performance_daily_report", "date"),
        ("facebook_ads", "basic_ad", "date"),
        ("pinterest_ads", "campaign_report", "date"),
        ("linkedin_ads", "ad_analytics_by_campaign", "day"),
        ("tiktok_ads", "campaign_report_hourly", "stat_time_hour"),
        ("snapchat_ads", "campaign_hourly_report", "date"),
    ],
)
def test_every_platform_reports_up_to_the_last_day(delivered: Delivered, source: str, table: str, day: str):
    """A feed that ends early cannot be told from one that failed."""
    world, landing = delivered
    assert pd.Timestamp(read(landing, source, table)[day].max()) >= pd.Timestamp(world.spec.end)
