"""Files that are as they should be: typed, merged on their key, newest version first, loaded once."""

import datetime as dt
import gzip
import os

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS
from warehouse.landing import land_all, land_source

BASIC_AD = "facebook_ads/basic_ad"
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced\n"
SPENDS = "select ad_id, spend from raw_facebook_ads.basic_ad order by all"


def test_figures_are_typed_and_long_ids_keep_their_digits(landing):
    landing.put(
        f"{BASIC_AD}/a.csv",
        "ad_id,date,account_id,impressions,inline_link_clicks,spend\n"
        "17002522602238151,2024-03-04,1700252260223815,1000.0,7,12.5\n",
    )
    report = landing.land("facebook_ads", "basic_ad")
    assert landing.rows("select * exclude (_loaded_at, _batch_id) from raw_facebook_ads.basic_ad") == [
        (
            *("17002522602238151", dt.date(2024, 3, 4), "1700252260223815", 1000, 7, 12.5),
            *[None] * 7,
            f"{BASIC_AD}/a.csv",
        )
    ]
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (1, 1, 0)
    assert (report.min_date, report.max_date) == (dt.date(2024, 3, 4), dt.date(2024, 3, 4))
    assert report.is_clean
    assert report.changed


def test_upper_case_headers_dashes_and_single_digit_hours_of_tiktok_are_read(landing):
    landing.put(
        "tiktok_ads/campaign_report_hourly/a.csv",
        "CAMPAIGN_ID,STAT_TIME_HOUR,SPEND,IMPRESSIONS,CLICKS,CONVERSION,CPC,_FIVETRAN_SYNCED\n"
        "1,2021-09-15 5:00:00,2.35,-,7,-,-,2021-09-15 15:58:05.904\n",
    )
    landing.land("tiktok_ads")
    assert landing.rows(
        "select stat_time_hour, spend, impressions, clicks, conversion from raw_tiktok_ads.campaign_report_hourly"
    ) == [(dt.datetime(2021, 9, 15, 5), 2.35, None, 7, None)]
    assert landing.quarantine() == []


@pytest.mark.parametrize(
    "written",
    ["2024-05-01 08:00:00", "2024-05-01T08:00:00.000", "2024-05-01T08:00:00Z", "2024-05-01 10:00:00+02:00"],
)
def test_timestamps_of_several_formats_become_utc(landing, written):
    landing.put("shopify/refund/a.csv", f"id,order_id,created_at\n1,2,{written} \n")
    landing.land("shopify", "refund")
    assert landing.rows("select created_at from raw_shopify.refund") == [(dt.datetime(2024, 5, 1, 8),)]


def test_byte_order_mark_semicolons_and_quotes_are_read(landing):
    landing.put(
        f"{BASIC_AD}/a.csv",
        '\ufeffad_id;date;account_id;impressions;inline_link_clicks;spend;ad_name\n1;2024-03-04;9;10;1;2.5;"a; b"\n',
    )
    landing.land("facebook_ads")
    assert landing.rows("select spend, ad_name from raw_facebook_ads.basic_ad") == [(2.5, "a; b")]


def test_personal_columns_of_an_order_leave_no_trace(landing):
    landing.put(
        "shopify/order/a.csv",
        "id,email,shipping_address_phone,created_at,processed_at,updated_at,currency,total_price,subtotal_price,"
        "test,taxes_included\n"
        "1,jo@example.org,555,2024-05-01,2024-05-01,2024-05-01,USD,-1,9,FALSE,TRUE\n",
    )
    report = landing.land("shopify", "order")
    assert report.rows_quarantined == 1
    [(row_json,)] = landing.rows("select row_json from raw_quarantine.rows")
    assert "jo@example.org" not in row_json
    assert "555" not in row_json


def test_parquet_and_gzip_load_like_csv(landing):
    synced = dt.datetime(2024, 3, 5)
    table = pa.table(
        {
            "AD_ID": pa.array([17002522602238151], pa.int64()),
            "date": pa.array([dt.date(2024, 3, 4)]),
            "account_id": ["9"],
            "impressions": pa.array([float("nan")]),
            "inline_link_clicks": pa.array([3]),
            "spend": pa.array([0.1]),
            "_fivetran_synced": pa.array([synced]),
        }
    )
    landing.put(f"{BASIC_AD}/a.parquet", b"")
    pq.write_table(table, landing.folder / BASIC_AD / "a.parquet")
    landing.put(f"{BASIC_AD}/b.csv.gz", gzip.compress((HEADER + "2,2024-03-04,9,10,1,2.5,2024-03-05\n").encode()))
    landing.land("facebook_ads")
    assert landing.rows(
        "select ad_id, spend, impressions, _fivetran_synced from raw_facebook_ads.basic_ad order by ad_id"
    ) == [("17002522602238151", 0.1, None, synced), ("2", 2.5, 10, synced)]


def test_restated_day_replaces_the_earlier_figure(landing):
    landing.put(
        f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n2,2024-03-04,9,10,1,1.0,2024-03-05\n"
    )
    landing.land("facebook_ads")
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-04,9,10,1,2.75,2024-03-06\n")
    report = landing.land("facebook_ads")
    assert landing.rows(SPENDS) == [("1", 2.75), ("2", 1.0)]
    assert (report.rows_merged, report.loaded, report.skipped) == (1, [f"{BASIC_AD}/2.csv"], [f"{BASIC_AD}/1.csv"])


def test_older_version_that_arrives_late_does_not_undo_the_newer_one(landing):
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-04,9,10,1,2.75,2024-03-06\n")
    landing.land("facebook_ads")
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n")
    report = landing.land("facebook_ads")
    assert landing.rows(SPENDS) == [("1", 2.75)]
    assert (report.rows_read, report.rows_merged, report.rows_older) == (1, 0, 1)


def test_of_equal_versions_the_later_file_wins(landing):
    for position, spend in enumerate(("2.5", "2.75")):
        path = landing.put(f"{BASIC_AD}/{position}.csv", HEADER + f"1,2024-03-04,9,10,1,{spend},2024-03-05\n")
        os.utime(path, (1_700_000_000 + position, 1_700_000_000 + position))
    landing.land("facebook_ads")
    assert landing.rows(SPENDS) == [("1", 2.75)]


def test_newest_version_inside_one_file_wins(landing):
    landing.put(
        f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-04,9,10,1,2.75,2024-03-06\n1,2024-03-04,9,10,1,2.5,2024-03-05\n"
    )
    report = landing.land("facebook_ads")
    assert landing.rows(SPENDS) == [("1", 2.75)]
    assert (report.rows_read, report.rows_merged, report.rows_older, report.rows_quarantined) == (2, 1, 1, 0)


def test_redelivery_under_another_name_changes_nothing_not_even_the_load_stamp(landing):
    content = HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n"
    landing.put(f"{BASIC_AD}/1.csv", content)
    landing.land("facebook_ads")
    everything = "select * from raw_facebook_ads.basic_ad", "select * from raw_meta.loads"
    before = [landing.rows(sql) for sql in everything]
    landing.put(f"{BASIC_AD}/again.csv", content)
    report = landing.land("facebook_ads")
    assert [landing.rows(sql) for sql in everything] == before
    assert report.skipped == [f"{BASIC_AD}/1.csv", f"{BASIC_AD}/again.csv"]
    assert not report.changed


def test_every_raw_table_exists_after_the_first_landing_of_anything(landing):
    land_all(landing.warehouse, str(landing.folder))
    present = landing.rows("select table_schema, table_name from information_schema.tables")
    assert {(contract.raw_schema, contract.table) for contract in CONTRACTS.values()} <= set(present)


def test_column_gained_by_a_contract_is_added_to_an_older_table(landing):
    with landing.warehouse.write() as con:
        con.execute("create schema raw_fx")
        con.execute(
            "create table raw_fx.rates (date date, currency varchar, reporting_currency varchar, "
            "_source_file varchar, _batch_id varchar, _loaded_at timestamp)"
        )
    landing.put("fx/rates/a.csv", "date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    assert landing.rows("select currency, rate from raw_fx.rates") == [("EUR", 1.09)]


def test_any_fsspec_location_can_be_landed(tmp_path):
    files = fsspec.filesystem("memory")
    files.pipe("/landed-here/fx/rates/a.csv", b"date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")
    files.pipe("/landed-here/fx/_SUCCESS", b"")
    warehouse = Warehouse(tmp_path / "mixhouse.duckdb")
    [report] = land_source(warehouse, "memory://landed-here", "fx", settle_seconds=0)
    assert report.loaded == ["fx/rates/a.csv"]
    with warehouse.read() as con:
        assert con.execute("select rate, _source_file from raw_fx.rates").fetchall() == [(1.09, "fx/rates/a.csv")]
    files.rm("/landed-here", recursive=True)


def test_land_all_lands_every_source_and_names_folders_without_contracts(landing):
    landing.put("fx/rates/a.csv", "date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")
    landing.put("shopfy/order/a.csv", "id\n1\n")
    landing.put("shopify/ordr/a.csv", "id\n1\n")
    landing.put("fx/rates.csv", "date\n")
    landing.put("weekly_csv/weeks.csv", "date\n")
    reports = {(r.source, r.table): r for r in land_all(landing.warehouse, str(landing.folder), settle_seconds=0)}
    assert reports["fx", "rates"].rows_merged == 1
    assert "Did you mean 'shopify'?" in reports["shopfy", ""].messages[0]
    assert "Did you mean 'order'?" in reports["shopify", "ordr"].messages[0]
    assert reports["fx", ""].messages == ["fx/rates.csv: lies outside a folder; move it to fx/rates/rates.csv."]
    assert "weekly_csv/<data set>/weeks.csv" in reports["weekly_csv", ""].messages[0]


def test_lines_stay_exact_when_the_csv_is_read_in_parallel(landing):
    rows = [f"{ad},2024-03-04,9,10,1,2.5,2024-03-05 {'x' * 60}" for ad in range(60_000)]
    clean = [row[: row.index(" x")] for row in rows]
    clean[54_321] = clean[54_321].replace("2.5", "oops")
    landing.put(f"{BASIC_AD}/big.csv", HEADER + "\n".join(clean) + "\n")
    report = landing.land("facebook_ads")
    assert [(line, value) for line, _, value, *_ in landing.quarantine()] == [(54_323, "oops")]
    assert (report.rows_merged, report.rows_quarantined) == (59_999, 1)


def test_killed_in_the_middle_of_a_merge_the_next_run_gives_the_same_tables(landing, monkeypatch):
    landing.put(
        f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n1,2024-03-04,9,10,1,oops,2024-03-05\n"
    )
    from warehouse.landing import load_log

    log_load = load_log.log_load
    monkeypatch.setattr(load_log, "log_load", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        landing.land("facebook_ads")
    assert landing.rows(SPENDS) == []
    assert landing.quarantine() == []
    monkeypatch.setattr(load_log, "log_load", log_load)
    landing.land("facebook_ads")
    assert landing.rows(SPENDS) == [("1", 2.5)]
    assert len(landing.quarantine()) == 1


def test_the_account_of_a_file_adds_up_against_the_raw_table(landing):
    landing.put(
        f"{BASIC_AD}/1.csv",
        HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n"
        "1,2024-03-04,9,10,1,2.6,2024-03-06\n"  # newer version
        "2,2024-03-04,9,10,1,-1,2024-03-05\n"  # negative
        "3,2024-03-04,9,10\n"  # cut off
        "4,2024-03-04,9,10,1,1.0,2024-03-05\n"
        "4,2024-03-04,9,10,1,1.0,2024-03-05\n",  # exact copy
    )
    report = landing.land("facebook_ads")
    assert (report.rows_read, report.rows_merged, report.rows_older, report.rows_quarantined) == (6, 2, 1, 3)
    assert landing.rows("select count(*) from raw_facebook_ads.basic_ad") == [(2,)]
    assert landing.rows("select rows_read, rows_merged, rows_older, rows_quarantined from raw_meta.loads") == [
        (6, 2, 1, 3)
    ]


def test_duckdb_file_written_by_landing_opens_without_mixhouse(landing):
    landing.put("fx/rates/a.csv", "date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    with duckdb.connect(str(landing.warehouse.database), read_only=True) as con:
        assert con.execute("select count(*) from raw_fx.rates").fetchone() == (1,)
