"""What starts runs by itself: new files, new lift tests, the weekly fallback; and what a person hears of a failure."""

import json
import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.connectors.schedules import daily_databases
from dagster_project.defs.connectors.sensors import landing_sensor
from dagster_project.defs.evidence.sensors import lift_test_sensor
from dagster_project.defs.models.schedules import weekly_refresh
from dagster_project.defs.publication.sensors import run_failure_alert
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import contracts_for
from warehouse.home import Home
from warehouse.remote import UnreachableError


def deliver(home: Home, path: str, text: str = "a,b\n1,2\n", *, seconds_ago: float = 60) -> Path:
    file = Path(home.landing) / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, times=(time.time() - seconds_ago,) * 2)
    return file


def tick(sensor: dg.SensorDefinition, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    return sensor(dg.build_sensor_context(cursor=cursor, resources={"store": WarehouseResource()}))


def landed(result: dg.SensorResult | dg.SkipReason) -> set[str]:
    """The sources that the one run request of a tick lands, without the load log, which goes with each."""
    [request] = result.run_requests
    return {key.path[0] for key in request.asset_selection} - {"raw_meta"}


def test_a_new_file_starts_one_run_of_its_source_only(home):
    deliver(home, "google_ads/campaign_stats/2024.csv")
    result = tick(landing_sensor)
    [request] = result.run_requests
    asked = {key.to_user_string() for key in request.asset_selection}
    assert asked == {f"google_ads/{contract.table}" for contract in contracts_for("google_ads")} | {"raw_meta/loads"}
    assert request.tags == {"mixhouse/sources": "google_ads"}


def test_the_same_listing_starts_nothing_more(home):
    deliver(home, "google_ads/campaign_stats/2024.csv")
    first = tick(landing_sensor)
    again = tick(landing_sensor, first.cursor)
    assert isinstance(again, dg.SkipReason)
    assert "No new files" in again.skip_message


def test_an_empty_landing_folder_starts_nothing(home):
    assert isinstance(tick(landing_sensor), dg.SkipReason)


def test_a_file_that_changes_starts_a_run_with_another_key(home):
    deliver(home, "fx/rates/rates.csv")
    first = tick(landing_sensor)
    deliver(home, "fx/rates/rates.csv", "a,b\n1,2\n3,4\n")
    second = tick(landing_sensor, first.cursor)
    assert landed(second) == {"fx"}
    assert first.run_requests[0].run_key != second.run_requests[0].run_key


def test_files_of_two_sources_share_a_run(home):
    deliver(home, "fx/rates/rates.csv")
    deliver(home, "shopify/order/orders.csv")
    assert landed(tick(landing_sensor)) == {"fx", "shopify"}


def test_only_the_source_with_the_new_file_is_landed_next(home):
    deliver(home, "fx/rates/rates.csv")
    first = tick(landing_sensor)
    deliver(home, "shopify/order/orders.csv")
    assert landed(tick(landing_sensor, first.cursor)) == {"shopify"}


@pytest.mark.parametrize(
    ("name", "seconds_ago"),
    [("2024.csv.part", 600), ("2024.csv.crdownload", 600), ("2024.csv", 0)],
    ids=["unfinished suffix", "browser download", "written this moment"],
)
def test_a_file_still_being_written_waits(home, name, seconds_ago):
    deliver(home, f"google_ads/campaign_stats/{name}", seconds_ago=seconds_ago)
    assert isinstance(tick(landing_sensor), dg.SkipReason)


def test_files_on_s3_start_a_run_once_and_again_when_one_is_replaced(home, s3, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exports/landing")
    # The times of S3 are whole seconds, and nothing is settled within two.
    monkeypatch.setattr("dagster_project.defs.connectors.sensors.SETTLE_SECONDS", -1)
    s3.pipe_file("exports/landing/fx/rates/rates.csv", b"a,b\n1,2\n")
    s3.pipe_file("exports/landing/shopify/order/orders.csv.part", b"a,b\n1,2\n")
    first = tick(landing_sensor)
    assert landed(first) == {"fx"}
    assert isinstance(tick(landing_sensor, first.cursor), dg.SkipReason)
    s3.call_s3("put_object", Bucket="exports", Key="landing/fx/rates/rates.csv", Body=b"a,b\n1,3\n")
    assert landed(tick(landing_sensor, first.cursor)) == {"fx"}


def test_a_bucket_that_cannot_be_reached_fails_the_tick_with_address_and_remedy(home, s3, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exprots/landing")
    with pytest.raises(UnreachableError, match=r"s3://exprots/landing cannot be reached: .*Check the bucket's name"):
        tick(landing_sensor)


def test_databases_are_read_once_a_day(home):
    read = partial(daily_databases, dg.build_schedule_context(resources={"store": WarehouseResource()}))
    assert "No database is declared" in read().skip_message
    shop = (
        "attach: postgres\naddress: SHOP\ntables: [{from: orders, into: shopify.order}, {from: fx, into: fx.rates}]\n"
    )
    (home.databases / "shop.yaml").write_text(shop)
    request = read()
    assert {key.to_user_string() for key in request.asset_selection} == {"shopify/order", "fx/rates", "raw_meta/loads"}
    assert request.tags["mixhouse/databases"] == "shop"
    (home.databases / "shop.yaml").write_text(shop.replace("attach", "atach"))
    # Started all the same: the run fails and says what is wrong with the file.
    assert [key.to_user_string() for key in read().asset_selection] == ["raw_meta/loads"]


def test_a_lift_test_file_lands_the_sheet_and_nothing_else(home):
    deliver(home, "experiments/lift_tests/lift_tests.csv")
    assert isinstance(tick(landing_sensor), dg.SkipReason)
    result = tick(lift_test_sensor)
    [request] = result.run_requests
    assert [key.to_user_string() for key in request.asset_selection] == [
        "experiments/lift_tests",
        "experiments/decisions",
        "experiments/geo_panel",
        "experiments/geo_treatments",
        "experiments/geo_spend",
    ]
    assert isinstance(tick(lift_test_sensor, result.cursor), dg.SkipReason)


def test_a_decision_wakes_the_lift_test_sensor_again(home):
    deliver(home, "experiments/lift_tests/lift_tests.csv")
    first = tick(lift_test_sensor)
    deliver(home, "experiments/decisions/revoked.csv")
    [request] = tick(lift_test_sensor, first.cursor).run_requests
    assert request.run_key != first.run_requests[0].run_key
    assert dg.AssetKey(["experiments", "decisions"]) in request.asset_selection


def test_an_export_file_does_not_wake_the_lift_test_sensor(home):
    deliver(home, "google_ads/campaign_stats/2024.csv")
    assert isinstance(tick(lift_test_sensor), dg.SkipReason)


def test_once_a_week_all_sources_land_and_what_is_stale_is_made_again(loaded):
    repository = loaded.get_repository_def()
    tuesday = datetime(2024, 5, 7, 6, tzinfo=UTC)
    with dg.instance_for_test() as instance:
        request = weekly_refresh(
            dg.build_schedule_context(instance=instance, scheduled_execution_time=tuesday, repository_def=repository)
        )
    asked = {key.to_user_string() for key in request.asset_selection}
    # Nothing was ever made in this instance, so everything is.
    assert asked == {key.to_user_string() for key in repository.asset_graph.materializable_asset_keys}
    assert request.tags["mixhouse/reason"] == "weekly refresh"


@pytest.mark.parametrize("webhook", ["http://127.0.0.1:1/canary-T000", "canary-T000 is no address"])
def test_an_alert_that_cannot_be_posted_says_so_without_its_address(home, instance, monkeypatch, webhook):
    monkeypatch.setenv("MIXHOUSE_ALERT_WEBHOOK", webhook)
    with pytest.raises(dg.Failure, match="could not be posted") as failure:
        fail_and_alert(instance)
    assert "canary" not in str(failure.value.description)
    assert failure.value.__cause__ is None
    assert (home.root / "alerts.jsonl").exists()


def fail_and_alert(instance) -> str:
    """Fail a run for want of room, tell of it, and return the run's id."""

    @dg.op
    def publish():
        raise OSError("No space left on device")

    @dg.job
    def refresh():
        publish()

    done = refresh.execute_in_process(instance=instance, raise_on_error=False)
    [failure] = [event for event in done.all_events if event.event_type == dg.DagsterEventType.PIPELINE_FAILURE]
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failure_alert",
        dagster_event=failure,
        dagster_instance=instance,
        dagster_run=instance.get_run_by_id(done.run_id),
    ).for_run_failure()
    run_failure_alert(context)
    return done.run_id


def test_a_failed_run_leaves_an_alert_that_names_run_step_and_error(home, instance):
    run_id = fail_and_alert(instance)
    [alert] = [json.loads(line) for line in (home.root / "alerts.jsonl").read_text().splitlines()]
    assert (alert["run_id"], alert["job"]) == (run_id, "refresh")
    [step] = alert["steps"]
    assert step["step"] == "publish"
    assert "No space left on device" in step["error"]
