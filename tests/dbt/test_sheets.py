"""The sheets of docs/sheets.md, delivered as they stand there: what becomes of each row, to the cent."""

import re
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from tests.dbt.conftest import REPOSITORY, DbtProject, insert
from warehouse.connection import Warehouse
from warehouse.landing import land_source

PLAN = """flight_id,channel,market,status,flight_start,flight_end,on_sale_date,net_cost,currency,circulation,updated_at
print-01,print,DE,planned,2024-03-01,2024-03-31,2024-02-22,12090,EUR,240000,2024-01-10
print-02,print,DE,booked,2024-03-01,2024-03-31,,3100,EUR,,2024-01-10
"""
WITHDRAWN = """flight_id,channel,market,status,flight_start,flight_end,net_cost,currency,updated_at
print-02,print,DE,cancelled,2024-03-01,2024-03-31,0,EUR,2024-03-14
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> DbtProject:
    """A plan, a day later the sheets of the document, and a day later one flight more that will not run."""
    project = DbtProject(tmp_path_factory.mktemp("sheets"))
    flights, posts, waves = re.findall(
        r"```csv\n(.*?)```", (REPOSITORY / "docs" / "sheets.md").read_text(), flags=re.DOTALL
    )
    loads = [
        {"offline/media_flights/1.csv": PLAN},
        {"offline/media_flights/2.csv": flights, "influencer/posts/2.csv": posts, "brand_survey/waves/2.csv": waves},
        {"offline/media_flights/3.csv": WITHDRAWN},
    ]
    landing = project.folder / "landing"
    for number, files in enumerate(loads):
        for name, text in files.items():
            (landing / name).parent.mkdir(parents=True, exist_ok=True)
            (landing / name).write_text(text)
        at = datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=number)
        for source in ("offline", "influencer", "brand_survey"):
            for report in land_source(Warehouse(project.database), str(landing), source, settle_seconds=0, now=at):
                assert report.is_clean, report.messages
    with duckdb.connect(str(project.database)) as connection:
        for day in range(200):
            key = {"date": datetime(2023, 12, 1) + timedelta(days=day), "currency": "EUR", "reporting_currency": "USD"}
            insert(connection, "raw_fx.rates", key | {"rate": 1.25})
    done = project.run("build", "--exclude-resource-type", "unit_test")
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return project


def rows(project: DbtProject, query: str) -> list[tuple]:
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_each_row_is_spent_on_the_days_that_the_document_says(project):
    found = rows(
        project,
        "select campaign_id, channel, min(date_day)::varchar, max(date_day)::varchar, round(sum(spend_local), 2), "
        "round(max(spend_local), 2) from intermediate.int_media__daily_converted where spend_local > 0 "
        "group by all order by all",
    )
    assert found == [
        ("instagram 3301", "influencer", "2024-03-04", "2024-03-04", 540, 540),
        ("instagram retainer-2024-q1", "influencer", "2024-01-01", "2024-03-31", 9100, 100),
        ("ooh-01", "ooh", "2024-01-31", "2024-03-01", 9900, 320.69),
        ("print-01", "print", "2024-02-15", "2024-03-16", 12400, 400),
        ("radio-01", "radio", "2024-03-07", "2024-03-16", 4500, 1125),
        ("tiktok 7340011223344556677", "influencer", "2024-03-19", "2024-03-19", 300, 300),
        ("tv-01", "tv", "2024-01-29", "2024-02-25", 85000, 3035.71),
        ("youtube k7Zq", "influencer", "2024-03-05", "2024-03-05", 300, 300),
        ("youtube k7Zr", "influencer", "2024-03-12", "2024-03-12", 300, 300),
    ]


def test_euros_of_a_sheet_are_dollars_in_the_mart_and_copies_are_impressions(project):
    spend, impressions = rows(
        project,
        "select round(sum(spend), 2), round(sum(impressions)) from fct_media_weekly where channel = 'print'",
    )[0]
    assert (spend, impressions) == (15_500, 250_000)  # 12,400 EUR at 1.25


def test_planned_and_actual_of_a_flight_can_be_compared_and_an_open_plan_is_seen(project):
    flights = rows(
        project,
        "select flight_id, status, is_open, round(sum(planned_spend), 2), round(sum(spend), 2), "
        "round(sum(planned_impressions)), round(sum(impressions)), min(week_start)::varchar from fct_flights_weekly "
        "where flight_id in ('print-01', 'print-02', 'tv-02') group by all order by all",
    )
    assert flights == [
        # The issue was planned for the week after the one in which it came out.
        ("print-01", "actual", False, 15_112.5, 15_500, 240_000, 250_000, "2024-02-12"),
        ("print-02", "cancelled", False, 3_875, None, None, None, "2024-02-26"),
        ("tv-02", "booked", True, 60_000, None, None, None, "2024-04-01"),
    ]


def test_days_of_a_plan_stay_open_until_it_is_actual_or_cancelled(project):
    open_days = rows(
        project, "select market, min(date_day)::varchar, count(*) from intermediate.int_feed_days__open group by 1"
    )
    assert open_days == [("US", "2024-04-01", 28)]


def test_waves_stand_in_the_week_of_their_middle_pooled_and_nowhere_between(project):
    waves = rows(
        project,
        "select market, metric, wave_week::varchar, round(value, 6), sample_size from fct_brand_weekly order by all",
    )
    assert waves == [
        ("DE", "awareness", "2024-03-11", 0.305, 800),
        ("DE", "awareness", "2024-09-09", 0.33, 800),
        ("US", "awareness", "2024-03-04", 0.43, 1000),
        ("US", "consideration", "2024-03-04", 0.18, 900),
    ]
