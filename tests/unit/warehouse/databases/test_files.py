"""Databases that are files: SQLite and DuckDB, read like a server's."""

import sqlite3

import duckdb
import pytest

from warehouse.connection import Warehouse
from warehouse.databases import Database
from warehouse.databases.attach import DatabaseError, attached
from warehouse.landing import land_source

DECLARATION = """
attach: {kind}
address: RATES_FILE
tables:
  - {{from: {table}, into: fx.rates{changed}}}
"""
ROWS = "insert into rates values ('2024-03-04', 'EUR', 'USD', 1.09, 1), ('2024-03-05', 'EUR', 'USD', 1.1, 2)"
TABLE = "create table rates (date date, currency varchar, reporting_currency varchar, rate double, number integer)"


def write(kind: str, path, *statements: str) -> None:
    with sqlite3.connect(path) if kind == "sqlite" else duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


def land(warehouse, kind, table="rates", changed=""):
    database = Database.from_yaml(DECLARATION.format(kind=kind, table=table, changed=changed), name="rates")
    [report] = land_source(warehouse, None, "fx", databases=[database])
    return report


@pytest.mark.parametrize(("kind", "table"), [("sqlite", "rates"), ("duckdb", "main.rates")])
def test_a_file_is_read_whole_once_and_again_when_it_changed(kind, table, tmp_path, monkeypatch):
    path, warehouse = str(tmp_path / "rates.db"), Warehouse(tmp_path / "mixhouse.duckdb")
    monkeypatch.setenv("RATES_FILE", path)
    write(kind, path, TABLE, ROWS)
    assert land(warehouse, kind, table).loaded == [f"rates:{table}@whole"]
    assert land(warehouse, kind, table).loaded == []
    write(kind, path, "update rates set rate = 1.2 where number = 2")
    assert land(warehouse, kind, table).rows_read == 2
    with warehouse.read() as con:
        assert con.execute("select rate from raw_fx.rates order by date").fetchall() == [(1.09,), (1.2,)]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_days_are_read_again_as_far_back_as_the_source_restates(kind, tmp_path, monkeypatch):
    path, warehouse = str(tmp_path / "rates.db"), Warehouse(tmp_path / "mixhouse.duckdb")
    monkeypatch.setenv("RATES_FILE", path)
    write(kind, path, TABLE, ROWS, "insert into rates values ('2023-01-02', 'EUR', 'USD', 1.07, 0)")
    changed = ", changed: date, lookback_days: 1"
    assert land(warehouse, kind, changed=changed).loaded == ["rates:rates@..2024-03-05"]
    write(kind, path, "insert into rates values ('2024-03-06', 'EUR', 'USD', 1.3, 3)")
    report = land(warehouse, kind, changed=changed)
    assert (report.loaded, report.rows_read) == (["rates:rates@2024-03-05..2024-03-06"], 3)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_missing_file_is_told_without_its_path(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("RATES_FILE", str(tmp_path / "canary.db"))
    [told] = land(Warehouse(tmp_path / "mixhouse.duckdb"), kind).unreachable
    assert told == "database rates: RATES_FILE names no file. Set it to the path of the database file."
    assert not (tmp_path / "canary.db").exists()


def test_a_file_of_another_kind_is_told(tmp_path, monkeypatch):
    path = tmp_path / "rates.db"
    path.write_bytes(b"not a database" * 1000)
    monkeypatch.setenv("RATES_FILE", str(path))
    [told] = land(Warehouse(tmp_path / "mixhouse.duckdb"), "duckdb").unreachable
    assert "does not let us in" in told


def test_an_extension_that_is_not_installed_is_named_with_its_version(tmp_path):
    database = Database.from_yaml(DECLARATION.format(kind="motherduck", table="rates", changed=""), name="rates")
    with (
        pytest.raises(DatabaseError, match=rf"duckdb-extension-motherduck=={duckdb.__version__} is not installed"),
        attached(database, tmp_path, {"RATES_FILE": "md:rates"}),
    ):
        pass
