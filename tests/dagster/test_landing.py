"""The landing step: what cannot be reached is told once, and keeps nothing else out."""

import os
import sqlite3

import dagster as dg
import pytest

from dagster_project.defs.connectors.assets import land
from dagster_project.resources.warehouse import WarehouseResource

RATES = "attach: sqlite\naddress: RATES_FILE\ntables: [{from: rates, into: fx.rates}]\n"


@pytest.fixture
def rates_file(home, tmp_path, monkeypatch):
    """A SQLite file with one rate that the home reads."""
    path = str(tmp_path / "rates.db")
    with sqlite3.connect(path) as connection:
        connection.execute("create table rates (date date, currency text, reporting_currency text, rate real)")
        connection.execute("insert into rates values ('2024-03-04', 'EUR', 'USD', 1.09)")
    (home.databases / "rates.yaml").write_text(RATES)
    monkeypatch.setenv("RATES_FILE", path)
    return path


def run(instance) -> tuple[dict[str, int], str]:
    """Rows by table after landing everything, and why the step failed."""
    done = dg.materialize(
        [land], resources={"store": WarehouseResource()}, instance=instance, raise_on_error=False,
    )  # fmt: skip
    made = [event.materialization for event in done.get_asset_materialization_events()]
    rows = {event.asset_key.to_user_string(): event.metadata["dagster/row_count"].value for event in made}
    failures = [event.step_failure_data.user_failure_data.description for event in done.get_step_failure_events()]
    return {name: count for name, count in rows.items() if count}, "\n".join(failures)


@pytest.fixture(autouse=True)
def no_retries(monkeypatch):
    """A second try would wait for seconds."""
    monkeypatch.setattr("dagster._core.definitions.policy.RetryPolicy.calculate_delay", lambda *_: 0)


def test_a_database_lands_beside_the_files(home, rates_file, instance):
    folder = home.root / "landing" / "fx" / "rates"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("date,currency,reporting_currency,rate\n2024-03-04,GBP,USD,1.27\n")
    os.utime(folder / "a.csv", (1, 1))
    rows, failure = run(instance)
    assert (rows["fx/rates"], failure) == (2, "")


def test_an_unreachable_bucket_is_told_once_and_databases_are_read(home, rates_file, instance, s3, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exprots/landing")
    rows, failure = run(instance)
    assert rows["fx/rates"] == 1
    assert failure.count("s3://exprots/landing cannot be reached") == 1
    assert "Check the bucket's name" in failure


def test_an_unreachable_database_keeps_neither_files_nor_other_databases_out(home, rates_file, instance):
    (home.databases / "crm.yaml").write_text(
        RATES.replace("RATES_FILE", "CRM_FILE").replace("fx.rates", "shopify.shop")
    )
    (home.databases / "erp.yaml").write_text("attach: [")
    rows, failure = run(instance)
    assert rows["fx/rates"] == 1
    assert failure.splitlines() == [
        "erp.yaml is not valid YAML (line 1).",
        "database crm: the environment variable CRM_FILE is not set. Set it where Mixhouse and its daemon run: "
        "the path of the file.",
    ]
