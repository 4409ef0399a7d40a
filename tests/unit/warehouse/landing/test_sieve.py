"""The sieve's SQL and pandera must judge alike: what passes the sieve is never shown to pandera."""

import datetime as dt
import math

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.contracts.base import Column, TableContract
from warehouse.contracts.checks import (
    CURRENCY,
    NOT_NEGATIVE,
    PLAUSIBLE_DATE,
    POSITIVE,
    WHOLE_IDENTIFIER,
    AtMost,
    Matches,
)
from warehouse.contracts.row_checks import InOrder, OneGroupFilled
from warehouse.contracts.schemas import ARROW_TYPES
from warehouse.landing import sieve as sieving
from warehouse.landing.discover import LocalCopy
from warehouse.landing.prepare import prepare_file
from warehouse.landing.stage import Staged

COLUMNS = (
    Column("id", "varchar", "Id.", nullable=False, checks=(WHOLE_IDENTIFIER,)),
    Column("spend", "double", "Spend.", nullable=False, checks=(NOT_NEGATIVE,)),
    Column("clicks", "bigint", "Clicks.", checks=(NOT_NEGATIVE,)),
    Column("rate", "double", "Rate.", checks=(POSITIVE, AtMost(1))),
    Column("currency", "varchar", "Currency.", checks=(CURRENCY,)),
    Column("month", "varchar", "Month.", checks=(Matches("[0-9]{4}-(0[1-9]|1[0-2])", "month"),)),
    Column("first_day", "date", "First day.", checks=(PLAUSIBLE_DATE,)),
    Column("last_day", "date", "Last day.", checks=(PLAUSIBLE_DATE,)),
)
ROW_CHECKS = (InOrder("first_day", "last_day"), OneGroupFilled((("clicks",), ("rate", "currency"))))
CONTRACT = TableContract("x", "t", "T.", COLUMNS, ("id",), row_checks=ROW_CHECKS)

numbers = st.one_of(st.none(), st.sampled_from([0.0, -0.0, -1.5, 1e-9, 2.0]), st.floats(-1e6, 1e6))
days = st.one_of(
    st.none(),
    st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)),
    st.sampled_from([dt.date(2000, 1, 1), dt.date(1999, 12, 31), dt.date(2049, 12, 31), dt.date(2050, 1, 1)]),
)
rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from([None, "1", "17002522602238151", "1.7002E+16", "1e5", "e5", "1.E+5x", "12E12"]),
        "spend": numbers,
        "clicks": st.one_of(st.none(), st.integers(-3, 3)),
        "rate": numbers,
        "currency": st.sampled_from([None, "EUR", "CAN", "eur", "USD "]),
        "month": st.sampled_from([None, "2024-01", "2024-13", "2024-01-01", "", " 2024-01", "2024-01\n", "it's"]),
        "first_day": days,
        "last_day": days,
    }
)


def caught_by_sql(lines: list[dict]) -> set[int]:
    """Positions of the rows that the sieve's questions catch."""
    table = pa.table(
        {
            column.name: pa.array(
                [row[column.name] for row in lines],
                pa.date32() if column.dtype == "date" else ARROW_TYPES[column.dtype],
            )
            for column in COLUMNS
        }
    )
    staged = Staged(
        CONTRACT, path=None, delivered={column.name: (column.name, "") for column in COLUMNS}, line="", problems=[]
    )
    condition = " or ".join(sieving.questions(staged).values())
    with duckdb.connect() as con:
        con.register("given", table)
        flags = ", ".join(f'false as "{column.name}?"' for column in COLUMNS if column.dtype != "varchar")
        numbered = f"select *, row_number() over () - 1 as position, {flags} from given"
        found = con.execute(f"select position from ({numbered}) where {condition}").fetchall()
    return {position for (position,) in found}


def caught_by_pandera(lines: list[dict]) -> set[int]:
    import pandera.errors

    frame = pd.DataFrame(
        {
            column.name: pd.array(
                [pd.Timestamp(v) if isinstance(v, dt.date) else v for v in (row[column.name] for row in lines)],
                dtype=pd.ArrowDtype(ARROW_TYPES[column.dtype]),
            )
            for column in COLUMNS
        }
    )
    try:
        CONTRACT.schema().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return set(errors.failure_cases["index"].astype(int))
    return set()


@given(st.lists(rows, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_sql_and_pandera_catch_the_same_rows(lines):
    assert caught_by_sql(lines) == caught_by_pandera(lines)


@pytest.fixture
def parquet(tmp_path):
    """Writes columns as Parquet and prepares them against the contract of one Parquet-typed column."""

    def prepare(column: Column, values: pa.Array):
        path = tmp_path / "landed"
        pq.write_table(pa.table({"id": pa.array([str(n) for n in range(len(values))]), column.name: values}), path)
        contract = TableContract("x", "t", "T.", (COLUMNS[0], column), ("id",))
        prepared = prepare_file(contract, LocalCopy(path, "s", path.stat().st_size, 0), "parquet")
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            good = [value for (value,) in con.execute(f'select "{column.name}" from ({prepared.good})').fetchall()]
        return good, [problem.reason for problem in prepared.problems]

    return prepare


@pytest.mark.parametrize(
    ("dtype", "values", "good", "reasons"),
    [
        ("bigint", pa.array([1, 2**40], pa.int64()), [1, 2**40], []),
        ("bigint", pa.array([7], pa.uint8()), [7], []),
        ("bigint", pa.array([2**63], pa.uint64()), [], ["x '9223372036854775808' is not a whole number."]),
        ("bigint", pa.array([49.0, 49.6, math.nan]), [49, None], ["x '49.6' is not a whole number."]),
        ("bigint", pa.array(["12", "12.0", "1e3"]), [12, 12], ["x '1e3' is not a whole number."]),
        ("double", pa.array([0.1, math.inf, None, math.nan]), [0.1, None, None], ["x 'inf' is not a number."]),
        ("double", pa.array([3], pa.int32()), [3.0], []),
        ("date", pa.array([dt.date(2024, 3, 4)]), [dt.date(2024, 3, 4)], []),
        (
            "date",
            pa.array([dt.datetime(2024, 3, 4), dt.datetime(2024, 3, 4, 13)]),
            [dt.date(2024, 3, 4)],
            ["x '2024-03-04 13:00:00' is not a date."],
        ),
        ("timestamp", pa.array([dt.datetime(2024, 3, 4, 1)]), [dt.datetime(2024, 3, 4, 1)], []),
        (
            "timestamp",
            pa.array([dt.datetime(2024, 3, 4, 1)], pa.timestamp("us", "Europe/Berlin")),
            [dt.datetime(2024, 3, 4, 1)],
            [],
        ),
        ("boolean", pa.array([True, None]), [True, None], []),
        ("boolean", pa.array([1, 0]), [True, False], []),
        ("varchar", pa.array([17002522602238151]), ["17002522602238151"], []),
        ("varchar", pa.array([" a ", ""]), ["a", None], []),
    ],
)
def test_types_of_parquet_are_used_as_they_are_and_never_rounded(parquet, dtype, values, good, reasons):
    assert parquet(Column("x", dtype, "X."), values) == (good, reasons)


def test_decimals_of_parquet_become_numbers(parquet):
    from decimal import Decimal

    assert parquet(Column("x", "double", "X."), pa.array([Decimal("12.34")])) == ([12.34], [])


def test_export_that_is_wrong_as_a_whole_is_refused_with_the_column_that_is_wrong(landing, monkeypatch):
    monkeypatch.setattr(sieving, "MOST_SUSPECTS", 3)
    header = "ad_id,date,account_id,impressions,inline_link_clicks,spend\n"
    landing.put("facebook_ads/basic_ad/a.csv", header + "".join(f"{ad},2024-03-04,9,10,1,-1\n" for ad in range(5)))
    report = landing.land("facebook_ads")
    assert report.rejected == ["facebook_ads/basic_ad/a.csv"]
    [(_, column, _, reason, _)] = landing.quarantine()
    assert (column, reason) == ("spend", "5 of 5 rows break the contract of facebook_ads.basic_ad; 5 in spend.")
