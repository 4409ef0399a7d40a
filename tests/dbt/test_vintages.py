"""Each load is a vintage: the model's table can be made again as of any of them, and what changed is a table."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.dbt.conftest import DAYS, US, DbtProject
from warehouse.as_of import AsOfError, parse_moment, restore
from warehouse.connection import Warehouse
from warehouse.home import Home
from warehouse.landing import land_all
from warehouse.publish import publish

ACCOUNTS = "id,currency_code,time_zone,updated_at\n4410327788,USD,America/New_York,2023-12-01\n"
CAMPAIGNS = f"id,customer_id,name,advertising_channel_type,updated_at\nc,{US},US search,SEARCH,2023-12-01\n"
STATS = "customer_id,id,date,device,ad_network_type,cost_micros,clicks,impressions,conversions,_fivetran_synced\n"
ORDERS = (
    "id,created_at,processed_at,updated_at,currency,total_price,subtotal_price,customer_id,"
    "shipping_address_country_code\n"
)
JANUARY, FEBRUARY = datetime(2040, 1, 15, 6, tzinfo=UTC), datetime(2040, 2, 1, 6, tzinfo=UTC)


def stats(days, money: float, synced: str) -> str:
    return STATS + "".join(f"{US},c,{day},MOBILE,SEARCH,{money * 1e6:.0f},1,10,0,{synced}\n" for day in days)


def orders(days, worth: float, updated: str, first: int = 0) -> str:
    return ORDERS + "".join(
        f"o{first + n},{day} 17:00:00,{day} 17:00:00,{updated},USD,{worth},{worth},c{n},US\n"
        for n, day in enumerate(days)
    )


def deliver(home: Home, files: dict[str, str], at: datetime) -> None:
    for name, text in files.items():
        path = Path(home.landing) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    reports = land_all(Warehouse(home.database), home.landing, settle_seconds=0, now=at)
    assert [report.messages for report in reports if report.messages] == []


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """Two weeks in January; in February one of their days is restated, an order is, and a third week comes."""
    home = Home(tmp_path_factory.mktemp("vintages")).ensure()
    project = DbtProject(home.root)
    first, second = DAYS[:14], DAYS[14:21]
    deliver(
        home,
        {
            "google_ads/account_history/a.csv": ACCOUNTS,
            "google_ads/campaign_history/a.csv": CAMPAIGNS,
            "google_ads/campaign_stats/a.csv": stats(first, 10, "2024-01-15"),
            "shopify/order/a.csv": orders(first, 100, "2024-01-15"),
        },
        JANUARY,
    )
    build(project)
    with duckdb.connect(str(home.database)) as con:
        con.execute("create schema kept; create table kept.january as select * from main.mmm_input_weekly")
    deliver(
        home,
        {
            "google_ads/campaign_stats/b.csv": stats(first[:1], 17, "2024-02-01"),
            "google_ads/campaign_stats/c.csv": stats(second, 10, "2024-02-01"),
            "shopify/order/b.csv": orders(first[3:4], 60, "2024-02-01", first=3),
            "shopify/order/c.csv": orders(second, 100, "2024-02-01", first=14),
        },
        FEBRUARY,
    )
    build(project)
    build(project)  # a build that finds nothing new notes nothing
    return home


def build(project: DbtProject) -> None:
    done = project.run("build", "--exclude-resource-type", "test", "unit_test")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def query(home: Home, sql: str) -> list[tuple]:
    with duckdb.connect(str(home.database), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_what_changed_between_two_vintages_stands_by_source_week_and_channel(home):
    changes = query(
        home,
        "select source, week_start::varchar, role, name, previous_value, value, change from fct_figure_vintages "
        "where vintage_at > timestamp '2040-01-31' and name in ('search', 'revenue') order by all",
    )
    assert changes == [
        ("google_ads", "2024-01-01", "spend", "search", 70, 77, 7),
        ("google_ads", "2024-01-15", "spend", "search", None, 70, 70),
        ("shopify", "2024-01-01", "outcome", "revenue", 700, 660, -40),
        ("shopify", "2024-01-15", "outcome", "revenue", None, 700, 700),
    ]


def test_an_analyst_asks_what_changed_between_two_days(home, tmp_path):
    published = tmp_path / "mixhouse.duckdb"
    publish(Warehouse(home.database), published)
    figures = "source, name, week_start::varchar, value_before, value_after, change"

    def changed(since: str, until: str) -> list[tuple]:
        with duckdb.connect(str(published), read_only=True) as con:
            return con.execute(f"select {figures} from what_changed('{since}', '{until}') order by all").fetchall()

    assert changed("2040-01-01", "2040-01-31")[:2] == [
        ("google_ads", "search", "2024-01-01", None, 70, 70),
        ("google_ads", "search", "2024-01-08", None, 70, 70),
    ]
    february = changed("2040-01-31", "2040-02-29")
    assert ("google_ads", "search", "2024-01-01", 70, 77, 7) in february
    assert ("shopify", "revenue", "2024-01-01", 700, 660, -40) in february
    assert changed("2040-02-02", "2040-02-29") == []


def test_a_build_without_new_data_is_no_vintage(home):
    assert query(home, "select count(distinct recorded_at) from fct_figure_vintages") == [(2,)]


@pytest.fixture
def snapshot(home, monkeypatch, tmp_path):
    """Runs `mixhouse snapshot` on the company's home."""
    from dagster_project.cli import app

    monkeypatch.setenv("MIXHOUSE_HOME", str(home.root))

    def run(*arguments: str):
        result = CliRunner().invoke(app, ["snapshot", *arguments, "--out", str(tmp_path)], env={"COLUMNS": "200"})
        written = list(tmp_path.rglob("*.parquet"))
        return result, pd.read_parquet(written[0]) if written else None

    return run


def test_the_models_table_is_made_again_as_of_a_past_day(home, snapshot):
    result, past = snapshot("--as-of", "2040-01-20")
    assert result.exit_code == 0, result.output
    with duckdb.connect(str(home.database), read_only=True) as con:
        kept = con.execute("select * from kept.january").df()
    keys = ["week_start", "market", "role", "name"]
    pd.testing.assert_frame_equal(
        past.sort_values(keys, ignore_index=True), kept.sort_values(keys, ignore_index=True), check_dtype=False
    )
    assert "google_ads" in result.output
    assert "+77.00" in result.output  # 7 restated and 70 new
    assert not (home.root / "as_of").exists()


def test_as_of_now_it_is_what_stands_there(home, snapshot):
    result, past = snapshot("--as-of", "2040-02-01T06:00:01")
    assert result.exit_code == 0, result.output
    assert "Nothing has changed since." in result.output
    assert len(past) == query(home, "select count(*) from mmm_input_weekly")[0][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as-of", "2039-12-31"], "Nothing had been landed by 2039-12-31 23:59 UTC; the first load is of 2040-01-15"),
        (["--as-of", "last tuesday"], "'last tuesday' is no day and no moment. Write YYYY-MM-DD"),
        (["--as-of", "2040-01-20", "--model", "retial"], "did you mean 'retail'?"),
    ],
)
def test_a_moment_or_model_that_is_none_is_refused_with_what_there_is(snapshot, arguments, said):
    result, written = snapshot(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert written is None


def test_a_day_means_its_end_and_a_moment_with_a_zone_is_utc():
    assert parse_moment("2024-03-04") == datetime(2024, 3, 4, 23, 59, 59, 999999)
    assert parse_moment("2024-03-04T10:00:00+02:00") == datetime(2024, 3, 4, 8)
    assert parse_moment("2024-03-04 08:00") == datetime(2024, 3, 4, 8)


def test_the_raw_tables_of_a_moment_add_up(home, tmp_path):
    rows = restore(Warehouse(home.database), datetime(2040, 1, 20), tmp_path / "mixhouse.duckdb")
    assert rows["google_ads.campaign_stats"] == 14
    assert rows["shopify.order"] == 14
    assert rows["raw_meta.loads"] == 4
    with pytest.raises(AsOfError, match="Nothing had been landed"):
        restore(Warehouse(home.database), datetime(2039, 1, 1), tmp_path / "mixhouse.duckdb")
