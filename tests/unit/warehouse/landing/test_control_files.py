"""Exports of controls with the headers and the oddities that they really have."""

from pathlib import Path

import duckdb

from warehouse.connection import Warehouse
from warehouse.landing import land_source
from warehouse.landing.check import FileCheck, check_file

FRED = """series_id,date,value,realtime_start,realtime_end
UMCSENT,1952-11-01,86.2,1998-07-31,9999-12-31
UMCSENT,1952-12-01,.,1998-07-31,9999-12-31
"""
METEOSTAT = """time,market,station,tavg,tmin,tmax,prcp,snow,wdir,wspd,wpgt,pres,tsun
2024-01-01 00:00:00,DE,10384,-3.5,-5.0,1.2,0.4,,,12.6,,1015.1,90
"""
OPEN_METEO = """time,market,station,temperature_2m_mean (°C),precipitation_sum (mm),sunshine_duration (s)
2024-01-01,DE,berlin,-3.5,0.40,5400.00
"""


def checked(tmp_path: Path, table: str, text: str) -> FileCheck:
    file = tmp_path / "export.csv"
    file.write_text(text, encoding="utf-8")
    return check_file(file, table)


def raw(tmp_path: Path, source: str, table: str, text: str, columns: str) -> list[tuple]:
    """The columns of the raw table after landing the file."""
    file = tmp_path / "landing" / source / table / "export.csv"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    (report,) = land_source(
        Warehouse(tmp_path / "mixhouse.duckdb"), str(tmp_path / "landing"), source, settle_seconds=0
    )
    assert report.messages == []
    with duckdb.connect(str(tmp_path / "mixhouse.duckdb"), read_only=True) as connection:
        return connection.execute(f"select {columns} from raw_{source}.{table} order by all").fetchall()


def test_a_dot_of_fred_is_no_figure_and_history_before_2000_is_no_mistake(tmp_path):
    found = raw(tmp_path, "fred", "observations", FRED, "date::varchar, value")
    assert found == [("1952-11-01", 86.2), ("1952-12-01", None)]


def test_headers_of_meteostat_and_of_open_meteo_are_the_columns_of_weather(tmp_path):
    columns = "temperature_mean, precipitation, sunshine_minutes, sunshine_seconds"
    assert raw(tmp_path / "a", "weather", "station_daily", METEOSTAT, columns) == [(-3.5, 0.4, 90, None)]
    assert raw(tmp_path / "b", "weather", "station_daily", OPEN_METEO, columns) == [(-3.5, 0.4, None, 5400)]


def test_temperatures_in_fahrenheit_or_in_tenths_are_refused(tmp_path):
    header = "date,market,station,temperature_mean\n"
    found = checked(tmp_path, "weather.station_daily", header + "2024-07-01,US,jfk,86\n2024-07-02,US,jfk,301\n")
    assert [problem.reason for problem in found.problems] == [
        "temperature_mean is 86, must be at most 60.",
        "temperature_mean is 301, must be at most 60.",
    ]


def test_a_discount_in_percent_is_refused(tmp_path):
    header = "promotion_id,market,start_date,end_date,discount\n"
    found = checked(tmp_path, "promotions.promotion", header + "spring,US,2024-03-01,2024-03-07,20\n")
    assert [problem.reason for problem in found.problems] == ["discount is 20, must be at most 1."]


def test_a_promotion_that_ends_before_it_begins_is_refused(tmp_path):
    header = "promotion_id,market,first_day,last_day,discount\n"
    found = checked(tmp_path, "promotions.promotion", header + "spring,US,2024-03-08,2024-03-07,0.2\n")
    assert [problem.reason for problem in found.problems] == ["first_day is after last_day 2024-03-07."]
