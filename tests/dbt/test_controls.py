"""The exports of docs/controls.md, delivered as they stand there, and a revision a day later: what the marts say."""

import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import REPOSITORY, DbtProject, insert
from warehouse.as_of import restore
from warehouse.connection import Warehouse
from warehouse.landing import land_all
from warehouse.public_holidays import Place, write_holidays

TABLES = (
    "fred/observations",
    "weather/station_daily",
    "competitors/media_spend",
    "promotions/promotion",
    "prices/price",
)
FIRST, SECOND = datetime(2040, 1, 1, tzinfo=UTC), datetime(2040, 1, 2, tzinfo=UTC)
REVISION = """series_id,date,value,realtime_start,realtime_end
UMCSENT,2024-02-01,79.6,2024-02-16,2024-02-29
UMCSENT,2024-02-01,76.9,2024-03-01,9999-12-31
"""
MARTS = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "cautious", "--select")


def deliver(project: DbtProject, files: dict[str, str], at: datetime) -> None:
    for name, text in files.items():
        path = project.folder / "landing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    reports = land_all(Warehouse(project.database), str(project.folder / "landing"), settle_seconds=0, now=at)
    assert [report.messages for report in reports if report.messages] == []


def build(project: DbtProject) -> None:
    """The marts of controls; weeks are those of a weekly file of the first quarter."""
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("delete from raw_weekly_csv.observations")
        for market in ("US", "DE"):
            for week in range(13):
                monday = {"dataset": "shop", "week_start": date(2024, 1, 1) + timedelta(weeks=week), "market": market}
                series = {"role": "outcome", "name": "revenue", "value": 1.0, "currency": "USD"}
                insert(connection, "raw_weekly_csv.observations", monday | series)
    done = project.run(*MARTS, "+fct_controls_weekly", "+fct_figure_vintages", "fct_macro_vintages")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> DbtProject:
    project = DbtProject(tmp_path_factory.mktemp("controls"))
    examples = re.findall(r"```csv\n(.*?)```", (REPOSITORY / "docs" / "controls.md").read_text(), flags=re.DOTALL)
    rates = "date,currency,reporting_currency,rate\n" + "".join(
        f"{date(2024, 1, 1) + timedelta(days=day)},EUR,USD,{1.25 if day < 10 else 1.5}\n" for day in range(31)
    )
    write_holidays(str(project.folder / "landing"), [Place("US", "US"), Place("DE", "DE")], range(2023, 2025))
    files = {f"{table}/1.csv": text for table, text in zip(TABLES, examples, strict=True)}
    deliver(project, files | {"fx/rates/1.csv": rates}, FIRST)
    build(project)
    deliver(project, {"fred/observations/2.csv": REVISION}, SECOND)
    build(project)
    return project


def rows(project: DbtProject, query: str, database: Path | None = None) -> list[tuple]:
    with duckdb.connect(str(database or project.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def days(project: DbtProject, market: str, control: str) -> list[tuple]:
    """(first day, last day, value) of each run of days at one value."""
    return rows(
        project,
        "with numbered as (select date_day, round(value, 4) as value, "
        "date_day - cast(row_number() over (partition by round(value, 4) order by date_day) as integer) as run "
        f"from intermediate.int_controls__daily_spread where market = '{market}' and control = '{control}') "
        "select min(date_day)::varchar, max(date_day)::varchar, value from numbered group by value, run order by 1",
    )


def test_a_figure_holds_for_its_month_and_a_dot_leaves_the_next_unknown(project):
    assert days(project, "US", "consumer_confidence") == [
        ("2024-01-01", "2024-01-31", 79.0),
        ("2024-02-01", "2024-02-29", 76.9),
    ]
    complete = rows(
        project,
        "select max(week_start)::varchar from fct_controls_weekly "
        "where control = 'consumer_confidence' and is_complete",
    )
    assert complete == [("2024-02-19",)]  # that of 26 February has three days of March


def test_what_was_known_on_a_day_can_be_asked(project):
    known = (
        "select first_day::varchar, value from fct_macro_vintages "
        "where known_from <= '{0}' and coalesce(known_until, '{0}') >= '{0}' order by 1"
    )
    assert rows(project, known.format("2024-02-01")) == [("2024-01-01", 78.8)]
    assert rows(project, known.format("2024-02-02")) == [("2024-01-01", 79.0)]
    assert rows(project, known.format("2024-02-29")) == [("2024-01-01", 79.0), ("2024-02-01", 79.6)]
    assert rows(project, known.format("2024-03-20")) == [
        ("2024-01-01", 79.0), ("2024-02-01", 76.9), ("2024-03-01", None),
    ]  # fmt: skip


def test_a_revision_is_a_vintage_of_the_weekly_figure_and_the_load_before_it_can_be_restored(project, tmp_path):
    changed = rows(
        project,
        "select count(*), min(week_start)::varchar, max(week_start)::varchar, min(round(change, 4)) "
        "from fct_figure_vintages where vintage_at = timestamp '2040-01-02' and source = 'fred' and value is not null "
        "and previous_value is not null and date_part('month', week_start) = 2",
    )
    assert changed == [(4, "2024-02-05", "2024-02-26", -2.7)]
    past = tmp_path / "mixhouse.duckdb"
    restore(Warehouse(project.database), FIRST.replace(hour=1, tzinfo=None), past)
    newest = "select max_by(value, realtime_start) from raw_fred.observations where date = '2024-02-01'"
    assert rows(project, newest, past) == [(79.6,)]
    assert rows(project, newest) == [(76.9,)]


def test_holidays_are_counted_by_week(project):
    weeks = rows(
        project,
        "select market, week_start::varchar, value from fct_controls_weekly where control = 'holidays' and value > 0",
    )
    assert sorted(weeks) == [
        ("DE", "2024-01-01", 1), ("DE", "2024-03-25", 1),
        ("US", "2024-01-01", 1), ("US", "2024-01-15", 1), ("US", "2024-02-19", 1),
    ]  # fmt: skip


def test_a_market_has_the_weighted_weather_of_the_stations_that_tell_it(project):
    assert days(project, "DE", "temperature") == [
        ("2024-01-01", "2024-01-01", round((3.7 * 4 - 1.9 * 2) / 5.6, 4)),
        ("2024-01-02", "2024-01-02", 3),
    ]
    assert days(project, "DE", "precipitation") == [("2024-01-01", "2024-01-01", 6), ("2024-01-02", "2024-01-02", 0)]
    assert days(project, "DE", "sunshine") == [("2024-01-01", "2024-01-01", 7.5), ("2024-01-02", "2024-01-02", 0)]


def test_competitors_are_spread_converted_by_day_and_added_up(project):
    assert days(project, "DE", "competitor_spend") == [
        ("2024-01-01", "2024-01-07", 1250),
        ("2024-01-08", "2024-01-10", 1375),
        ("2024-01-11", "2024-01-14", 1650),
        ("2024-01-15", "2024-01-31", 1500),
    ]


def test_overlapping_promotions_are_the_deepest_and_other_days_are_zero(project):
    assert days(project, "US", "promotion") == [("2024-01-01", "2024-01-04", 0.2), ("2024-01-05", "2024-01-10", 0.35)]
    weeks = rows(
        project,
        "select round(value, 4), is_complete from fct_controls_weekly where control = 'promotion' order by week_start",
    )
    assert weeks[:3] == [(round((4 * 0.2 + 3 * 0.35) / 7, 4), True), (round(3 * 0.35 / 7, 4), True), (0, True)]


def test_the_price_of_the_basket_is_that_of_its_products_against_their_first_year(project):
    sofa, chair_paid = (14 * 1000 + 14 * 1100) / 28, (27 * 100 + 90) / 28
    low, high = 0.6 * 1000 / sofa + 0.4, 0.6 * 1100 / sofa + 0.4
    assert days(project, "US", "price_index") == [
        ("2024-01-01", "2024-01-14", round(low, 4)),
        ("2024-01-15", "2024-01-28", round(high, 4)),
    ]
    paid = days(project, "US", "paid_price_index")
    assert paid[-1] == ("2024-01-28", "2024-01-28", round(0.6 * 1100 / sofa + 0.4 * 90 / chair_paid, 4))


def test_of_two_sources_of_a_control_the_seed_says_which_counts(project, tmp_path):
    copied = tmp_path / project.database.name  # views store the catalog's name
    shutil.copy(project.database, copied)
    sources = (
        "select distinct source from intermediate.int_controls__daily_unioned where control = 'holidays' order by 1"
    )
    with duckdb.connect(str(copied)) as connection:
        twice = {"date": "2024-01-01", "market": "US", "control": "holidays", "value": 1.0}
        insert(connection, "raw_controls.control_values", twice)
        assert connection.execute(sources).fetchall() == [("controls",), ("holidays",)]
        connection.execute("update seeds.control_definitions set source = 'holidays' where control = 'holidays'")
        assert connection.execute(sources).fetchall() == [("holidays",)]
