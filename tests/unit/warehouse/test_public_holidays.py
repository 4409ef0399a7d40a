"""`mixhouse holidays write`: the list, what it refuses, and whether it is the one that Robyn's users know."""

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS
from warehouse.landing import land_source
from warehouse.landing.check import check_file
from warehouse.public_holidays import HolidayError, Place, holiday_rows, places, write_holidays

US, DE, BAVARIA = Place("US", "US"), Place("DE", "DE"), Place("DACH", "DE", "BY")
ROBYN = Path(__file__).parents[4] / "shared" / "data" / "weekly" / "robyn_dt_prophet_holidays.csv"


def days(where: Place, years: range) -> dict[str, set[str]]:
    """Days of each country or region code."""
    found: dict[str, set[str]] = {}
    for code, day, _, _ in holiday_rows([where], years):
        found.setdefault(code, set()).add(day)
    return found


def test_the_list_of_a_year_has_the_days_that_everybody_knows():
    assert days(DE, range(2024, 2025)) == {
        "DE": {
            "2024-01-01", "2024-03-29", "2024-04-01", "2024-05-01", "2024-05-09", "2024-05-20", "2024-10-03",
            "2024-12-25", "2024-12-26",
        }
    }  # fmt: skip


def test_a_region_adds_only_the_days_that_the_country_does_not_keep():
    found = days(BAVARIA, range(2024, 2025))
    assert found["DE-BY"] == {"2024-01-06", "2024-05-30", "2024-11-01"}
    assert found["DE"] == days(DE, range(2024, 2025))["DE"]


def test_a_holiday_on_a_weekend_is_listed_with_the_day_off_that_stands_in_for_it():
    assert {"2021-07-04", "2021-07-05"} <= days(US, range(2021, 2022))["US"]


def test_writing_again_gives_the_same_bytes_and_loads_nothing_new(tmp_path):
    landing, warehouse = tmp_path / "landing", Warehouse(tmp_path / "mixhouse.duckdb")
    at, merged = dt.datetime(2040, 1, 1, tzinfo=dt.UTC), []
    contents = set()
    for _ in range(2):
        path = Path(write_holidays(str(landing), [US, BAVARIA], range(2023, 2026)))
        contents.add(path.read_bytes())
        reports = land_source(warehouse, str(landing), "holidays", settle_seconds=0, now=at)
        assert all(report.is_clean for report in reports)
        merged.append(sum(report.rows_merged for report in reports))
    assert len(contents) == 1
    assert merged == [len(holiday_rows([US, BAVARIA], range(2023, 2026))), 0]


def test_a_country_a_region_or_a_year_without_a_list_is_refused_with_the_markets_name():
    for place, years, said in (
        (Place("Moon", "XX"), range(2024, 2025), "Market Moon: the package holidays has no list of XX. Correct"),
        (Place("South", "DE", "ZZ"), range(2024, 2025), "Market South: the package holidays has no list of DE-ZZ."),
        (
            Place("India", "IN"),
            range(2024, 2041),
            "Market India: .* no whole list of IN from 2024 to 2040: .* 2035",
        ),
    ):
        with pytest.raises(HolidayError, match=said):
            holiday_rows([place], years)


def test_places_are_those_of_the_seed_and_a_market_without_a_country_has_none(tmp_path):
    seed = tmp_path / "markets.csv"
    seed.write_text("market,country_code,subdivision\nDACH,DE,BY\nUS,US,\nweb,,\n")
    assert places(seed) == (BAVARIA, US)
    seed.write_text("market,country_code\nweb,\n")
    with pytest.raises(HolidayError, match="no market has a country_code"):
        places(seed)


def test_robyns_list_lands_as_it_is(tmp_path):
    list_of_robyn = tmp_path / "holidays.csv"
    list_of_robyn.write_text('"ds","holiday","country","year"\n"1995-01-01","New Year\'s Day","AD",1995\n')
    found = check_file(list_of_robyn, "holidays.public_holiday")
    assert (found.contract, found.rows_good, found.is_clean) == (CONTRACTS["holidays", "public_holiday"], 1, True)


@pytest.mark.skipif(not ROBYN.exists(), reason="Robyn's list is not on this machine")
@pytest.mark.parametrize("place", [US, DE], ids=["US", "DE"])
def test_every_week_has_as_many_holidays_as_in_robyns_list(place: Place):
    years = range(2000, 2045)
    with ROBYN.open(encoding="utf-8") as file:
        theirs = {row["ds"] for row in csv.DictReader(file) if row["country"] == place.country}
    theirs = {day for day in theirs if int(day[:4]) in years}
    assert weekly(theirs) == weekly(days(place, years)[place.country])


def weekly(found: set[str]) -> Counter[dt.date]:
    """Number of the days by Monday."""
    dates = [dt.date.fromisoformat(day) for day in found]
    return Counter(day - dt.timedelta(days=day.weekday()) for day in dates)
