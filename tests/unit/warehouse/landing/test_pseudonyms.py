"""A personal id enters as a hash that means nothing outside the column it is hashed with."""

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.landing.withhold import shape_of

EVENT = "ga4/event"
HEADER = "_fivetran_id,date,timestamp,user_pseudo_id,param_ga_session_id,param_gclid\n"
KEYS = "select user_pseudo_id from raw_ga4.event order by _fivetran_id"


def hashed(visitor: str, session: str) -> str:
    """The first 128 bits of SHA-256 of visitor and session."""
    return hashlib.sha256(f"{visitor} {session}".encode()).hexdigest()[:32]


def test_a_visitor_is_the_same_within_a_session_and_another_in_the_next(landing):
    landing.put(
        f"{EVENT}/a.csv",
        HEADER + "1,2024-01-08,2024-01-08 09:00:00,123.456,1704704400,\n"
        "2,2024-01-08,2024-01-08 09:01:00, 123.456 ,1704704400,\n"
        "3,2024-01-09,2024-01-09 09:00:00,123.456,1704790800,\n"
        "4,2024-01-09,2024-01-09 09:00:00,777.456,1704790800,\n",
    )
    landing.land("ga4")
    first, again, next_day, other = (key for (key,) in landing.rows(KEYS))
    assert first == again == hashed("123.456", "1704704400")
    assert next_day == hashed("123.456", "1704790800") != other


def test_without_a_visitor_or_a_session_there_is_no_pseudonym(landing):
    landing.put(
        f"{EVENT}/a.csv",
        HEADER + "1,2024-01-08,2024-01-08 09:00:00,123.456,,\n2,2024-01-08,2024-01-08 09:00:00,,1704704400,abc\n",
    )
    assert landing.land("ga4").is_clean
    assert landing.rows("select user_pseudo_id, param_gclid from raw_ga4.event order by _fivetran_id") == [
        (None, None),
        (None, hashed("abc", "1704704400")),
    ]


def test_parquet_and_csv_give_the_same_pseudonym(landing):
    table = pa.table(
        {
            "_fivetran_id": ["1"],
            "date": ["2024-01-08"],
            "timestamp": ["2024-01-08 09:00:00"],
            "user_pseudo_id": ["123.456"],
            "param_ga_session_id": pa.array([1704704400], pa.int64()),
        }
    )
    landing.put(f"{EVENT}/a.parquet", b"")
    pq.write_table(table, landing.folder / EVENT / "a.parquet")
    landing.land("ga4")
    assert landing.rows(KEYS) == [(hashed("123.456", "1704704400"),)]


def test_a_refused_row_shows_the_shape_of_a_pseudonym_and_nothing_of_the_id(landing):
    landing.put(f"{EVENT}/a.csv", HEADER + "1,yesterday,2024-01-08 09:00:00,123.456,1704704400,abc\n")
    assert landing.land("ga4").rows_quarantined == 1
    [(row_json,)] = landing.rows("select row_json from raw_quarantine.rows")
    assert shape_of(hashed("123.456", "1704704400")) in row_json
    assert "123.456" not in row_json
    assert "abc" not in row_json


def test_a_column_that_is_not_taken_may_stand_in_the_header_twice(landing):
    header = HEADER.strip().replace(",param_gclid", ",param_session_engaged,param_gclid,param_session_engaged\n")
    landing.put(f"{EVENT}/a.csv", header + "1,2024-01-08,2024-01-08 09:00:00,123.456,1704704400,true,,1\n")
    report = landing.land("ga4")
    assert (report.is_clean, report.rows_merged, report.messages) == (True, 1, [])
