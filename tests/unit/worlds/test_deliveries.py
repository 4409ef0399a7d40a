import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from mmm_models.worlds.retailer import SEED, small_retailer
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Dirt, WorldSpec
from mmm_models.worlds.write import deliver_lift_test, deliver_restatement, write_world

KEY = ["customer_id", "id", "date", "device", "ad_network_type"]


def digests(folder: Path) -> dict[str, str]:
    files = [f for f in folder.rglob("*") if f.is_file()]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path):
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_world(small_retailer(), tmp_path / name / "landing", tmp_path / name / "truth", seed)
    one, other = digests(tmp_path / "one"), digests(tmp_path / "other")
    assert one == digests(tmp_path / "two")
    assert {name for name in one if one[name] == other.get(name)} <= {
        # set-up tables hold no random figure
        f"landing/{table}"
        for table in (
            "google_ads/account_history/account_history.csv",
            "google_ads/campaign_history/campaign_history.csv",
            "microsoft_ads/account_history/account_history.csv",
            "microsoft_ads/campaign_history/campaign_history.csv",
            "facebook_ads/account_history/account_history.csv",
            "facebook_ads/campaign_history/campaign_history.csv",
            "facebook_ads/ad_history/ad_history.csv",
            "shopify/shop/shop.csv",
        )
    }


def test_files_look_delivered_long_ago_and_none_is_half_written(delivered: tuple[World, Path]):
    world, landing = delivered
    files = [f for f in landing.rglob("*") if f.is_file()]
    assert {f.suffix for f in files} == {".csv", ".parquet"}
    expected = pd.Timestamp(world.spec.end) + pd.Timedelta(days=1, hours=7)
    assert {datetime.fromtimestamp(f.stat().st_mtime) for f in files} == {datetime.fromtimestamp(expected.timestamp())}


def test_a_restated_day_comes_again_newer_and_higher(delivered: tuple[World, Path]):
    _, landing = delivered
    first, second = (
        pd.read_csv(landing / f"google_ads/campaign_stats/campaign_stats_{year}.csv") for year in (2023, 2024)
    )
    both = first.merge(second, on=KEY, suffixes=("_early", "_late"))
    assert sorted(both.date.unique()) == ["2023-12-29", "2023-12-30", "2023-12-31"]
    assert (both._fivetran_synced_late > both._fivetran_synced_early).all()
    assert (both.cost_micros_late > both.cost_micros_early).all()
    assert not first.duplicated(KEY).any()
    assert not second.duplicated(KEY).any()


@pytest.mark.parametrize(
    ("table", "day", "key", "spend"),
    [
        (
            "microsoft_ads/campaign_performance_daily_report",
            "date",
            ["account_id", "campaign_id", "device_os", "device_type", "network"],
            "spend",
        ),
        ("facebook_ads/basic_ad", "date", ["ad_id"], "spend"),
        ("pinterest_ads/campaign_report", "date", ["campaign_id"], "spend_in_micro_dollar"),
        ("linkedin_ads/ad_analytics_by_campaign", "day", ["campaign_id"], "cost_in_local_currency"),
        ("snapchat_ads/campaign_hourly_report", "date", ["campaign_id"], "spend"),
    ],
)
def test_every_platform_settles_the_last_three_days_of_a_year_later(
    delivered: tuple[World, Path], table: str, day: str, key: list[str], spend: str
):
    _, landing = delivered
    first, second = (pd.read_csv(landing / table / f"{table.split('/')[1]}_{year}.csv") for year in (2023, 2024))
    both = first.merge(second, on=[day, *key], suffixes=("_early", "_late"), validate="one_to_one")
    assert sorted(both[day].str.slice(0, 10).unique()) == ["2023-12-29", "2023-12-30", "2023-12-31"]
    assert (both._fivetran_synced_late > both._fivetran_synced_early).all()
    assert (both[f"{spend}_late"] >= both[f"{spend}_early"]).all()
    assert 0.85 < both[f"{spend}_early"].sum() / both[f"{spend}_late"].sum() < 0.97


def test_one_file_comes_twice_with_the_same_bytes(delivered: tuple[World, Path]):
    _, landing = delivered
    folder = landing / "google_ads/campaign_stats"
    first, again = folder / "campaign_stats_2023.csv", folder / "campaign_stats_2023_redelivered.csv"
    assert first.read_bytes() == again.read_bytes()


def test_orders_are_edited_after_their_first_delivery(delivered: tuple[World, Path]):
    _, landing = delivered
    folder = landing / "shopify/order"
    update = pd.read_parquet(folder / "order_updates.parquet").set_index("id")
    first = pd.concat(pd.read_parquet(f) for f in folder.glob("order_20*.parquet")).set_index("id")
    assert len(update) == 200
    assert not first.index.duplicated().any()
    assert (first.financial_status.loc[update.index] == "pending").all()
    assert (first.total_price.loc[update.index] > update.total_price).all()
    assert (first._fivetran_synced.loc[update.index] < update._fivetran_synced).all()


def test_tiktok_files_have_the_connectors_headers_and_dashes(delivered: tuple[World, Path]):
    _, landing = delivered
    rows = pd.read_csv(landing / "tiktok_ads/campaign_report_hourly/campaign_report_hourly_2023.csv")
    assert all(column == column.upper() for column in rows.columns)
    assert (rows.CONVERSION == "-").any()
    assert (rows.SECONDARY_GOAL_RESULT == "-").all()


def test_a_world_without_dirt_delivers_every_row_once(tmp_path: Path):
    spec = replace(small_retailer(), dirt=Dirt(0, deliver_twice=False, deleted_campaign=False, unsettled_orders=0))
    write_world(spec, tmp_path / "landing", tmp_path / "truth", SEED)
    stats = pd.concat(pd.read_csv(f) for f in (tmp_path / "landing/google_ads/campaign_stats").iterdir())
    orders = pd.read_parquet(tmp_path / "landing/shopify/order")
    report = "microsoft_ads/campaign_performance_daily_report"
    reported = pd.concat(pd.read_csv(f) for f in (tmp_path / "landing" / report).iterdir())
    history = pd.read_csv(tmp_path / "landing/microsoft_ads/campaign_history/campaign_history.csv")
    assert not stats.duplicated(KEY).any()
    assert not orders.id.duplicated().any()
    assert set(reported.campaign_id) == set(history.id)


def test_a_restatement_touches_one_account_in_the_last_complete_week(
    every_channel: WorldSpec, delivered, tmp_path: Path
):
    world, landing = delivered
    path = deliver_restatement(every_channel, tmp_path, SEED, market="DE", days=2, change=1.1)
    assert path.relative_to(tmp_path) == Path("google_ads/campaign_stats/campaign_stats_restated_de_001.csv")
    restated = pd.read_csv(path)
    before = pd.read_csv(landing / "google_ads/campaign_stats/campaign_stats_2024.csv")
    both = restated.merge(before, on=KEY, suffixes=("_new", "_old"))
    last_sunday = world.week_starts[-1] + pd.Timedelta(days=6)
    assert len(both) == len(restated)
    assert set(restated.customer_id) == {world.spec.market("DE").accounts["google_ads"]}
    assert restated.date.max() == f"{last_sunday:%Y-%m-%d}"
    assert restated.date.nunique() == 2
    assert both.cost_micros_new.sum() == pytest.approx(1.1 * both.cost_micros_old.sum(), rel=1e-6)
    assert (both._fivetran_synced_new > both._fivetran_synced_old).all()


@pytest.mark.parametrize(
    "source", ["microsoft_ads", "facebook_ads", "pinterest_ads", "linkedin_ads", "tiktok_ads", "snapchat_ads"]
)
def test_every_ad_platform_can_be_restated_again_and_again(every_channel: WorldSpec, tmp_path: Path, source: str):
    first = deliver_restatement(every_channel, tmp_path, SEED, source=source)
    second = deliver_restatement(every_channel, tmp_path, SEED, source=source, revision=2)
    stamp = "_FIVETRAN_SYNCED" if source == "tiktok_ads" else "_fivetran_synced"
    assert pd.read_csv(second)[stamp].min() > pd.read_csv(first)[stamp].max()


def test_a_source_that_cannot_be_restated_is_refused(tmp_path: Path):
    with pytest.raises(
        ValueError,
        match=r"'offline' cannot be restated .* use one of \['google_ads', 'microsoft_ads', 'facebook_ads'\]",
    ):
        deliver_restatement(small_retailer(), tmp_path, SEED, source="offline")


def test_a_new_lift_test_is_one_approved_row_in_a_file_of_its_own(every_channel: WorldSpec, tmp_path: Path):
    path = deliver_lift_test(every_channel, tmp_path, SEED)
    row = pd.read_csv(path)
    assert path.relative_to(tmp_path) == Path("experiments/lift_tests/lift_tests_lt-101-display-us.csv")
    assert row[["test_id", "channel", "market", "status"]].to_numpy().tolist() == [
        ["lt-101-display-us", "display", "US", "approved"]
    ]
