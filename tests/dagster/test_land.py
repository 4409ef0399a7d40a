"""The landing step: what it shows of each table, and what stops the chain behind it."""

import os
import time
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.connectors.assets import land
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.connection import Warehouse
from warehouse.home import Home
from warehouse.landing.volume import accept_load

BASIC_AD, AD_HISTORY = dg.AssetKey(["facebook_ads", "basic_ad"]), dg.AssetKey(["facebook_ads", "ad_history"])
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend\n"
MONDAY = date(2024, 3, 4)


def deliver(home: Home, name: str, first: date, rows_a_day: int) -> None:
    """A week of a Facebook export."""
    path = Path(home.landing) / "facebook_ads" / "basic_ad" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    days = [first + timedelta(days=day) for day in range(7)]
    path.write_text(HEADER + "".join(f"{ad},{day},9,10,1,2.5\n" for day in days for ad in range(rows_a_day)))
    os.utime(path, times=(time.time() - 60,) * 2)


@pytest.fixture
def landed(home: Home, instance: dg.DagsterInstance):
    """Runs the landing of two tables."""

    def run() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [land],
            selection=[BASIC_AD, AD_HISTORY],
            resources={"store": WarehouseResource()},
            instance=instance,
            raise_on_error=False,
        )

    return run


def made(result: dg.ExecuteInProcessResult) -> set[dg.AssetKey]:
    return {event.asset_key for event in result.get_asset_materialization_events()}


def verdict(result: dg.ExecuteInProcessResult, check: str) -> tuple[bool, str | None]:
    [found] = [
        evaluation
        for evaluation in result.get_asset_check_evaluations()
        if (evaluation.asset_key, evaluation.check_name) == (BASIC_AD, check)
    ]
    return found.passed, found.description


def test_a_table_that_nothing_happened_to_is_shown_once_and_then_left_alone(home, landed):
    deliver(home, "ads_2024-03-04.csv", MONDAY, 20)
    assert made(landed()) == {BASIC_AD, AD_HISTORY}
    again = landed()
    assert again.success
    assert made(again) == set()
    deliver(home, "ads_2024-03-11.csv", MONDAY + timedelta(days=7), 20)
    assert made(landed()) == {BASIC_AD}


def test_a_load_with_a_third_of_its_rows_missing_stops_the_chain_until_it_is_whole_or_accepted(home, landed):
    deliver(home, "ads_2024-03-04.csv", MONDAY, 30)
    landed()
    deliver(home, "ads_2024-03-11.csv", MONDAY + timedelta(days=7), 20)
    short = landed()
    assert not short.success
    passed, said = verdict(short, "row_count_holds")
    assert not passed
    assert "ads_2024-03-11.csv holds 140 rows over 7 days, 33% fewer a day" in said
    # Nothing new arrives, and it is still said: the chain does not go on by itself.
    assert not landed().success

    batch = said.rsplit("accept ", 1)[1].rstrip("`.")
    with Warehouse(home.database).write() as connection:
        accept_load(connection, batch)
    accepted = landed()
    assert accepted.success
    assert verdict(accepted, "row_count_holds") == (True, None)


def test_a_rejected_file_is_told_until_it_is_gone(home, landed):
    deliver(home, "ads.csv", MONDAY, 20)
    path = Path(home.landing) / "facebook_ads" / "basic_ad" / "ads.csv"
    path.write_text(path.read_text().replace("spend", "spent", 1))
    os.utime(path, times=(time.time() - 60,) * 2)
    for _ in range(2):
        passed, said = verdict(landed(), "no_rejected_files")
        assert not passed
        assert "'spend' may be 'spent'" in said
    path.unlink()
    assert verdict(landed(), "no_rejected_files") == (True, None)
    assert made(landed()) == set()
