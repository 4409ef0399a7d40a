"""A channel's money runs through several platforms: their reports, read by the rules of each, add up to the channel."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.worlds.exports.microsoft_ads import time_zone
from mmm_models.worlds.retailer import PAID_SOCIAL, SEED, US, small_retailer
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.spec import WorldSpec
from mmm_models.worlds.truth import true_returns
from mmm_models.worlds.write import write_world
from tests.unit.worlds.landed import Cents, Delivered, newest, read
from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS
from warehouse.landing import land_all

MICROSOFT_SEGMENTS = [
    *("device_os", "device_type", "network", "ad_distribution", "bid_match_type", "delivered_match_type"),
    *("top_vs_other", "budget_association_status", "budget_name"),
]


def world_cents(world: World, channel: str) -> Cents:
    """The channel's truth, days with spend only."""
    spend = world.daily.spend.sel(channel=channel).to_series()
    return {(m, f"{d:%Y-%m-%d}"): round(v * 100) for (d, m), v in spend.items() if v > 0}


def summed(rows: pd.DataFrame, world: World, source: str, account: str, day: str, per_cent: float, cost: str) -> Cents:
    """Cents a market and day; the cost counts `per_cent` units a cent, and every day is whole cents."""
    market = rows[account].map({m.accounts[source]: m.name for m in world.spec.markets})
    cents = rows.groupby([market, rows[day].str.slice(0, 10)])[cost].sum() / per_cent
    np.testing.assert_allclose(cents, cents.round(), atol=1e-6)
    return cents.round().astype(int).to_dict()


def google_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    stats = newest(
        read(landing, "google_ads", "campaign_stats"), ["customer_id", "id", "date", "device", "ad_network_type"]
    )
    campaigns = newest(read(landing, "google_ads", "campaign_history"), ["id"], "updated_at")
    rows = stats.merge(campaigns[["id", "advertising_channel_type"]], on="id", validate="many_to_one")
    mine = rows[rows.advertising_channel_type == channel.upper()]
    return summed(mine, world, "google_ads", "customer_id", "date", 10_000, "cost_micros")


def microsoft_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    rows = read(landing, "microsoft_ads", "campaign_performance_daily_report")
    rows = newest(rows, ["date", "account_id", "campaign_id", "currency_code", *MICROSOFT_SEGMENTS])
    return summed(rows, world, "microsoft_ads", "account_id", "date", 0.01, "spend")


def facebook_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    stats = newest(read(landing, "facebook_ads", "basic_ad"), ["ad_id", "date"])
    assert set(stats.ad_id) <= set(read(landing, "facebook_ads", "ad_history").id)
    return summed(stats, world, "facebook_ads", "account_id", "date", 0.01, "spend")


def pinterest_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    rows = newest(read(landing, "pinterest_ads", "campaign_report"), ["date", "advertiser_id", "campaign_id"])
    return summed(rows, world, "pinterest_ads", "advertiser_id", "date", 10_000, "spend_in_micro_dollar")


def linkedin_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    rows = newest(read(landing, "linkedin_ads", "ad_analytics_by_campaign"), ["campaign_id", "day"])
    campaigns = newest(read(landing, "linkedin_ads", "campaign_history"), ["id"], "last_modified_time")
    rows = rows.merge(campaigns[["id", "account_id"]], left_on="campaign_id", right_on="id", validate="many_to_one")
    return summed(rows, world, "linkedin_ads", "account_id", "day", 0.01, "cost_in_local_currency")


def hourly_cents(world: World, source: str, rows: pd.DataFrame, hour: str, per_cent: float) -> Cents:
    """UTC hours of each account put on the days of its market."""
    total: Cents = {}
    for market in world.spec.markets:
        mine = rows[rows.account == market.accounts[source]]
        utc = pd.to_datetime(mine[hour]).dt.tz_localize("UTC")
        day = utc.dt.tz_convert(market.timezone).dt.strftime("%Y-%m-%d")
        assert (day != utc.dt.strftime("%Y-%m-%d")).any()  # the naive day would be wrong
        local = mine.assign(day=day)
        total |= summed(local, world, source, "account", "day", per_cent, "spend")
    return total


def tiktok_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    rows = read(landing, "tiktok_ads", "campaign_report_hourly")
    assert not rows.duplicated(["campaign_id", "stat_time_hour"]).any()
    campaigns = read(landing, "tiktok_ads", "campaign_history").set_index("campaign_id")
    rows["account"] = rows.campaign_id.map(campaigns.advertiser_id)
    return hourly_cents(world, "tiktok_ads", rows, "stat_time_hour", 0.01)


def snapchat_cents(delivered: Delivered, channel: str) -> Cents:
    world, landing = delivered
    rows = newest(read(landing, "snapchat_ads", "campaign_hourly_report"), ["campaign_id", "date"])
    campaigns = newest(read(landing, "snapchat_ads", "campaign_history"), ["id"]).set_index("id")
    rows["account"] = rows.campaign_id.map(campaigns.ad_account_id)
    return hourly_cents(world, "snapchat_ads", rows, "date", 10_000)


PLATFORMS = {
    "search": [google_cents, microsoft_cents],
    "shopping": [google_cents],
    "display": [google_cents],
    "paid_social": [facebook_cents, pinterest_cents, linkedin_cents],
    "short_video": [tiktok_cents, snapchat_cents],
}


@pytest.mark.parametrize("channel", PLATFORMS)
def test_the_cents_of_all_platforms_are_those_of_the_channel(delivered: Delivered, channel: str):
    parts = [platform(delivered, channel) for platform in PLATFORMS[channel]]
    assert all(sum(part.values()) > 0 for part in parts)
    total = {key: sum(part.get(key, 0) for part in parts) for key in set().union(*parts)}
    assert total == world_cents(delivered[0], channel)


@pytest.mark.parametrize("channel", ["search", "paid_social", "short_video"])
def test_the_first_platform_takes_most_of_the_money(delivered: Delivered, channel: str):
    first, *others = (sum(platform(delivered, channel).values()) for platform in PLATFORMS[channel])
    assert 0.75 < first / (first + sum(others)) < 0.9


def test_the_truth_knows_nothing_of_platforms(every_channel: WorldSpec):
    spec = replace(every_channel, channels=tuple(channel.on(channel.source) for channel in every_channel.channels))
    assert set(spec.sources) == {"google_ads", "facebook_ads", "tiktok_ads", "offline"}
    several, one = simulate(every_channel, SEED), simulate(spec, SEED)
    xr.testing.assert_identical(several.daily, one.daily)
    pd.testing.assert_frame_equal(true_returns(several), true_returns(one), check_exact=True)


def test_without_a_platform_its_money_goes_to_those_that_stay(delivered: Delivered, tmp_path: Path):
    spec = replace(small_retailer(), channels=(PAID_SOCIAL.on("pinterest_ads", "linkedin_ads"),), lift_tests=())
    world = write_world(spec, tmp_path / "landing", tmp_path / "truth", SEED)
    assert not (tmp_path / "landing/facebook_ads").exists()
    parts = [platform((world, tmp_path / "landing"), "paid_social") for platform in (pinterest_cents, linkedin_cents)]
    total = {key: sum(part.get(key, 0) for part in parts) for key in set().union(*parts)}
    assert total == world_cents(world, "paid_social")


def test_headers_are_those_of_the_connectors(delivered: Delivered):
    _, landing = delivered
    for file in (f for f in landing.rglob("*") if f.is_file()):
        source, table, _ = file.relative_to(landing).parts
        header = [name.lower() for name in _columns(file)]
        contract = CONTRACTS[source, table]
        assert [name for name in header if not contract.knows(name)] == [], file
        assert [c.name for c in contract.columns if c.required and c.name not in header] == [], file


def _columns(file: Path) -> list[str]:
    if file.suffix == ".parquet":
        return list(pd.read_parquet(file).columns)
    return file.read_text(encoding="utf-8-sig").split("\n", 1)[0].split(",")


def test_every_file_lands_and_no_row_is_quarantined(delivered: Delivered, tmp_path: Path):
    _, landing = delivered
    reports = land_all(Warehouse(tmp_path / "mixhouse.duckdb"), str(landing), settle_seconds=0)
    files = [file for report in reports for file in (*report.loaded, *report.skipped)]
    assert len(files) == sum(f.is_file() for f in landing.rglob("*"))
    assert [report for report in reports if report.rejected or report.waiting or report.rows_quarantined] == []


def test_microsoft_reports_a_campaign_that_it_has_deleted(delivered: Delivered):
    world, landing = delivered
    report = read(landing, "microsoft_ads", "campaign_performance_daily_report")
    history = read(landing, "microsoft_ads", "campaign_history")
    deleted = set(report.campaign_id) - set(history.id)
    assert len(deleted) == 1
    mine = report[report.campaign_id.isin(deleted)]
    assert set(mine.account_id) == {world.spec.market("DE").accounts["microsoft_ads"]}
    assert set(mine.currency_code) == {"EUR"}


def test_microsoft_splits_a_day_by_segments_and_leaves_conversions_empty_where_nobody_clicked(delivered: Delivered):
    _, landing = delivered
    report = read(landing, "microsoft_ads", "campaign_performance_daily_report")
    assert report.groupby(["campaign_id", "date"]).size().max() > 1
    assert set(report.ad_distribution) == {"Search"}
    clicked = report.clicks > 0
    assert report.conversions[~clicked].isna().all()
    assert report.conversions[clicked].notna().all()
    assert (report.conversions[clicked] == report.conversions_qualified[clicked].round()).all()
    accounts = read(landing, "microsoft_ads", "account_history")
    assert set(accounts.time_zone) == {"EasternTimeUSCanada", "AmsterdamBerlinBernRomeStockholmVienna"}
    assert accounts.last_modified_time.str.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z").all()


def test_pinterests_history_begins_with_a_mark_and_its_moments_end_in_an_offset(delivered: Delivered):
    _, landing = delivered
    [file] = (landing / "pinterest_ads/campaign_history").iterdir()
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert read(landing, "pinterest_ads", "campaign_history").created_time.str.endswith(".000 +0000").all()
    report = read(landing, "pinterest_ads", "campaign_report")
    assert (report.impression_2 < report.impression_1).all()


def test_linkedin_writes_days_as_midnights_and_cost_in_two_currencies(delivered: Delivered):
    world, landing = delivered
    report = read(landing, "linkedin_ads", "ad_analytics_by_campaign")
    assert report.day.str.endswith(" 00:00:00").all()
    assert report.external_website_conversions.isna().any()
    campaigns = read(landing, "linkedin_ads", "campaign_history").drop_duplicates("id").set_index("id")
    german = report[
        report.campaign_id.map(campaigns.account_id) == world.spec.market("DE").accounts["linkedin_ads"]
    ].drop_duplicates("day", keep="last")
    rate = world.daily.fx_rate.sel(market="DE").to_series()[pd.to_datetime(german.day)].to_numpy()
    np.testing.assert_allclose(german.cost_in_usd, german.cost_in_local_currency * rate, atol=0.0051)
    assert not np.allclose(german.cost_in_usd, german.cost_in_local_currency)


def test_snapchat_has_uuids_and_a_history_row_a_sync(delivered: Delivered):
    _, landing = delivered
    history = read(landing, "snapchat_ads", "campaign_history")
    assert {UUID(name).version for name in history.id} == {4}
    assert (history.groupby("id")._fivetran_synced.nunique() > 1).all()
    for table in ("campaign_history", "ad_account_history"):
        assert (landing / f"snapchat_ads/{table}/{table}.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")


def test_a_market_without_an_account_on_a_used_platform_is_refused():
    lacking = replace(US, accounts={"google_ads": 1})
    with pytest.raises(ValueError, match=r"'US' has no account on \['facebook_ads', 'microsoft_ads'\]; add them"):
        replace(small_retailer(), markets=(lacking,))


def test_a_time_zone_that_microsoft_is_not_known_to_name_is_refused():
    with pytest.raises(ValueError, match="no Microsoft name for time zone 'Asia/Tokyo'; add it"):
        time_zone(replace(US, timezone="Asia/Tokyo"))
