"""A company small enough to add up by hand, and a real `dbt build` of it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from tests.dbt.dbt_process import run_dbt
from warehouse.landing.merge import ensure_raw_tables

REPOSITORY = Path(__file__).parents[2]
DBT = REPOSITORY / "dbt"
US, DE = "4410327788", "4410327799"  # google_ads accounts of seeds/map_accounts.csv
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(23)]  # three weeks from a Monday, and two days more


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Insert rows by column name; what is left out is null, but for the load metadata."""
    for row in rows:
        filled = {"_source_file": "t", "_batch_id": "b", "_loaded_at": "2024-02-01"} | row
        if table == "raw_meta.loads":
            filled = row
        names, marks = ", ".join(f'"{name}"' for name in filled), ", ".join("?" for _ in filled)
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(filled.values()))


def loaded(source: str, table: str, first: str, last: str, file: str = "one.csv") -> dict[str, Any]:
    """One line of the load log."""
    return {
        "batch_id": f"{source}-{table}",
        "source": source,
        "table_name": table,
        "source_file": file,
        "min_date": first,
        "max_date": last,
        "loaded_at": "2024-02-01",
    }


def google_day(account: str, campaign: str, day: date | str, money: float) -> dict[str, Any]:
    """One day of a Google campaign; `money` in the account's currency."""
    key = {"customer_id": account, "id": campaign, "date": day, "device": "MOBILE", "ad_network_type": "SEARCH"}
    return key | {"cost_micros": round(money * 1e6), "impressions": 100, "clicks": 10, "conversions": 0.5}


def order(number: int, country: str, currency: str, at: str, total: float, **more: Any) -> dict[str, Any]:
    """One order; `at` is UTC."""
    row = {"id": str(number), "created_at": at, "processed_at": at, "updated_at": at, "currency": currency}
    placed = {"total_price": total, "customer_id": f"c{number}", "shipping_address_country_code": country}
    return row | placed | more


def write_company(connection: duckdb.DuckDBPyConnection) -> None:
    """Search in two markets, one hour of TikTok, one TV flight, an order a day and market, and a weekly file."""
    ensure_raw_tables(connection)
    second_week = set(DAYS[7:14])
    for account, campaign, currency in ((US, "us-search", "USD"), (DE, "de-search", "EUR")):
        insert(
            connection,
            "raw_google_ads.account_history",
            {"id": account, "updated_at": "2023-12-01", "currency_code": currency, "time_zone": None},
        )
        for name, at in (("new campaign", "2023-12-01"), (campaign, "2023-12-02")):
            row = {"id": campaign, "customer_id": account, "name": name, "updated_at": at}
            insert(connection, "raw_google_ads.campaign_history", row | {"advertising_channel_type": "SEARCH"})
        on_air = [day for day in DAYS if currency == "EUR" or day not in second_week]
        insert(connection, "raw_google_ads.campaign_stats", *(google_day(account, campaign, d, 10) for d in on_air))
    tiktok_account = "7031244187650012001"
    insert(
        connection,
        "raw_tiktok_ads.advertiser",
        {"id": tiktok_account, "currency": "USD", "timezone": "America/New_York"},
    )
    insert(
        connection,
        "raw_tiktok_ads.campaign_history",
        {"campaign_id": "tt", "advertiser_id": tiktok_account, "campaign_name": "tt", "updated_at": "2023-12-01"},
    )
    insert(
        connection,
        "raw_tiktok_ads.campaign_report_hourly",
        {"campaign_id": "tt", "stat_time_hour": "2024-01-15 03:00:00", "spend": 7.0, "impressions": 70},
    )
    flight = {"flight_id": "f1", "channel": "tv", "market": "US", "flight_start": "2024-01-06"}
    cost = {"flight_end": "2024-01-08", "grps": 60, "net_cost": 300.0, "currency": "USD"}
    insert(connection, "raw_offline.media_flights", flight | cost | {"status": "actual", "updated_at": "2024-01-09"})
    for number, day in enumerate(DAYS):
        noon = f"{day} 12:00:00"
        insert(connection, 'raw_shopify."order"', order(1000 + number, "US", "USD", noon, 100.0))
        insert(connection, 'raw_shopify."order"', order(2000 + number, "DE", "EUR", noon, 50.0))
        rate = {"date": day, "currency": "EUR", "reporting_currency": "USD", "rate": 1.1}
        insert(connection, "raw_fx.rates", rate)
    insert(connection, 'raw_shopify."order"', order(1, "US", "USD", "2024-01-03 12:00:00", 999.0, test=True))
    insert(connection, "raw_shopify.refund", {"id": "r", "order_id": "1001", "created_at": "2024-01-20 09:00:00"})
    insert(
        connection,
        "raw_shopify.order_line_refund",
        {"id": "rl", "refund_id": "r", "subtotal": 28.0, "total_tax": 2.0},
    )
    for market in ("US", "DE"):
        for control, value in (("holidays", 1.0), ("consumer_confidence", 99.0)):
            row = {"date": "2024-01-01", "market": market, "control": control, "value": value}
            insert(connection, "raw_controls.control_values", row)
    for week in DAYS[0:15:7]:
        for role, name, value in (("outcome", "revenue", 500.0), ("spend", "flyers", 40.0), ("exposure", "mail", 3.0)):
            key = {"dataset": "fr", "week_start": week, "market": "FR", "role": role, "name": name}
            insert(connection, "raw_weekly_csv.observations", key | {"value": value, "currency": "EUR"})
    for source, table in (
        ("google_ads", "campaign_stats"),
        ("tiktok_ads", "campaign_report_hourly"),
        ("shopify", "order"),
        ("controls", "control_values"),
    ):
        insert(connection, "raw_meta.loads", loaded(source, table, "2024-01-01", "2024-01-23"))


@dataclass(frozen=True)
class Build:
    """What one or more dbt commands left behind."""

    returncode: int
    output: str
    results: dict[str, str]  # node name -> status of the last command that ran it
    database: Path
    compiled: Path  # folder of the SQL that ran

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the built warehouse."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def messages(self, test: str) -> list[str]:
        """The messages that a failed test stored."""
        return [row[0] for row in self.rows(f"select message from dbt_test_failures.{test} order by 1")]


@dataclass(frozen=True)
class DbtProject:
    """Runs dbt with everything it writes in a folder of its own."""

    folder: Path

    @property
    def database(self) -> Path:
        """The file that dbt builds."""
        return self.folder / "mixhouse.duckdb"

    def run(self, *arguments: str, target: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one dbt command; what one project has parsed serves all whose environment is the same."""
        home = Path(os.environ["MIXHOUSE_HOME"])
        # dbt parses anew when what its profile reads changes, so that every file is found under one path.
        here = home / "dbt_project"
        here.unlink(missing_ok=True)
        here.symlink_to(self.folder, target_is_directory=True)
        target = target or self.folder / "target"
        parsed, shared = target / "partial_parse.msgpack", home / "parsed.msgpack"
        if not parsed.exists() and shared.exists():
            target.mkdir(exist_ok=True)
            shutil.copy(shared, parsed)
        places = {"project-dir": DBT, "profiles-dir": DBT, "log-path": self.folder, "target-path": target}
        done = run_dbt(
            [*arguments, *(f"--{name}={place}" for name, place in places.items())],
            environment=os.environ
            | {"MIXHOUSE_DATABASE": str(here / self.database.name), "MIXHOUSE_DBT_TARGET": "duckdb"}
            | environment,
        )
        if parsed.exists() and not shared.exists():
            shutil.copy(parsed, shared)
        return done

    def build(self, keep_as: Path, change: Callable[[duckdb.DuckDBPyConnection], None], *commands: list[str]) -> Build:
        """Write the company, change it, run the commands on it and keep the file."""
        self.database.unlink(missing_ok=True)
        with duckdb.connect(str(self.database)) as connection:
            write_company(connection)
            change(connection)
        returncode, output, results = 0, "", {}
        for command in commands:
            done = self.run(*command)
            returncode, output = max(returncode, done.returncode), output + done.stdout + done.stderr
            ran = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
            results |= {result["unique_id"].split(".")[2]: result["status"] for result in ran}
        shutil.copy(self.database, keep_as)
        compiled = self.folder / "target" / "compiled"
        if compiled.exists():
            shutil.copytree(compiled, keep_as.with_name("compiled"), dirs_exist_ok=True)
        return Build(returncode, output, results, keep_as, keep_as.with_name("compiled"))


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    return DbtProject(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def manifest(dbt: DbtProject) -> dict[str, Any]:
    done = dbt.run("parse")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((dbt.folder / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def company(dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Build:
    """The company as it is, built whole: seeds, models, unit tests and data tests; once for all workers of a run."""
    is_worker = hasattr(request.config, "workerinput")
    folder = tmp_path_factory.getbasetemp().parent if is_worker else tmp_path_factory.mktemp("company")
    kept = folder / "company" / "build.pickle"
    with FileLock(folder / "company.lock"):
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            request.getfixturevalue("manifest")
            built = dbt.build(kept.with_name("mixhouse.duckdb"), lambda connection: None, ["build"])
            kept.write_bytes(pickle.dumps(built))
    return pickle.loads(kept.read_bytes())
