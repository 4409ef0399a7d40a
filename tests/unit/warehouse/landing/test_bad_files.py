"""Bad input: each case names file, line, column, value and remedy, and the rest is loaded."""

import datetime as dt
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BASIC_AD = "facebook_ads/basic_ad"
FILE = f"{BASIC_AD}/a.csv"
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend\n"
GOOD = "1,2024-03-04,9,10,1,2.5\n"


def refused(landing, source="facebook_ads"):
    """The one problem that landing finds, and the report."""
    report = landing.land(source)
    [problem] = landing.quarantine()
    return problem, report


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        ("2,2024-03-04,9,10,1,oops", "spend", "oops", "spend 'oops' is not a number."),
        ('2,2024-03-04,9,10,1,"1,234.5"', "spend", "1,234.5", "spend '1,234.5' is not a number."),
        ("2,2024-03-04,9,10,1,inf", "spend", "inf", "spend 'inf' is not a number."),
        ("2,2024-03-04,9,10.5,1,2.5", "impressions", "10.5", "impressions '10.5' is not a whole number."),
        ("2,04/03/2024,9,10,1,2.5", "date", "04/03/2024", "date '04/03/2024' is not a date."),
        ("2,2024-03-04 13:00:00,9,10,1,2.5", "date", "2024-03-04 13:00:00", "is not a date."),
        ("2,0204-03-04,9,10,1,2.5", "date", "0204-03-04", "lies outside 2000-01-01 to 2049-12-31."),
        ("2,2024-03-04,9,10,1,-3", "spend", "-3", "spend is negative: -3."),
        ("2,2024-03-04,9,10,1,", "spend", None, "spend is missing."),
        ("2,2024-03-04,9,10,1,NaN", "spend", "NaN", "spend is missing ('NaN' stands for no value)."),
        ("1.7002E+16,2024-03-04,9,10,1,2.5", "ad_id", "1.7002E+16", "scientific notation, so its digits are lost."),
        (",2024-03-04,9,10,1,2.5", "ad_id", None, "ad_id is missing."),
    ],
)
def test_bad_value_is_quarantined_with_line_column_value_and_remedy(landing, row, column, value, reason):
    landing.put(FILE, HEADER + GOOD + row + "\n")
    (line, named, delivered, why, remedy), report = refused(landing)
    assert (line, named, delivered) == (3, column, value)
    assert why.endswith(reason)
    assert remedy
    assert report.messages[0].startswith(f"{FILE} line 3 column '{column}': ")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (2, 1, 1)


def test_every_problem_of_a_row_is_told_at_once_and_the_row_counts_once(landing):
    landing.put(FILE, HEADER + "2,yesterday,9,-10,1,-3\n")
    report = landing.land("facebook_ads")
    assert sorted(column for _, column, *_ in landing.quarantine()) == ["date", "impressions", "spend"]
    assert report.rows_quarantined == 1


def test_nan_outcome_is_refused(landing):
    landing.put(
        "shopify/order/a.csv",
        "id,created_at,processed_at,updated_at,currency,total_price,subtotal_price,test,taxes_included\n"
        "1,2024-05-01,2024-05-01,2024-05-01,USD,nan,9,FALSE,TRUE\n",
    )
    (line, column, value, reason, _), _ = refused(landing, "shopify")
    assert (line, column, value) == (2, "total_price", "nan")
    assert reason == "total_price is missing ('nan' stands for no value)."


def test_unknown_currency_is_refused_with_the_nearest_code(landing):
    landing.put("tiktok_ads/advertiser/a.csv", "id,currency,timezone\n1,USD,UTC\n2,CAN,UTC\n")
    reports = landing.land("tiktok_ads", "advertiser")
    assert landing.quarantine() == [
        (3, "currency", "CAN", "currency 'CAN' is not a known ISO 4217 currency.", "Did you mean 'CAD'?")
    ]
    assert reports.rows_merged == 1


def test_flight_that_ends_before_it_starts_is_refused(landing):
    landing.put(
        "offline/media_flights/a.csv",
        "flight_id,channel,market,flight_start,flight_end,net_cost,currency,status,updated_at\n"
        "f1,tv,US,2024-03-10,2024-03-04,100,USD,actual,2024-04-01\n"
        "f2,tv,US,2024-03-04,2024-03-10,100,USD,guessed,2024-04-01\n",
    )
    landing.land("offline")
    assert [(line, column, reason) for line, column, _, reason, _ in landing.quarantine()] == [
        (2, "flight_start", "flight_start is after flight_end 2024-03-04."),
        (3, "status", "status 'guessed' is not a known flight status."),
    ]


def test_flight_of_unknown_cost_is_refused_and_gross_with_its_commission_is_enough(landing):
    landing.put(
        "offline/media_flights/a.csv",
        "flight_id,channel,market,flight_start,flight_end,gross_cost,commission_rate,currency,status,updated_at\n"
        "f1,tv,US,2024-03-04,2024-03-10,100,0.15,USD,actual,2024-04-01\n"
        "f2,tv,US,2024-03-04,2024-03-10,100,,USD,actual,2024-04-01\n"
        "f3,tv,US,2024-03-04,2024-03-10,100,15,USD,actual,2024-04-01\n",
    )
    landing.land("offline")
    assert [(line, column, reason, remedy) for line, column, _, reason, remedy in landing.quarantine()] == [
        (
            3,
            "net_cost",
            "neither net_cost nor gross_cost with commission_rate is filled.",
            "Fill either net_cost or gross_cost with commission_rate; write 0 where the figure truly is zero.",
        ),
        (
            4,
            "commission_rate",
            "commission_rate is 15, must be at most 1.",
            "Correct commission_rate in the source, its unit above all, and deliver the row again.",
        ),
    ]
    assert landing.rows("select flight_id from raw_offline.media_flights") == [("f1",)]


def test_unknown_column_is_left_out_and_named_with_the_nearest_known_one(landing):
    landing.put(FILE, HEADER.replace("\n", ",frequncy\n") + "1,2024-03-04,9,10,1,2.5,3\n")
    (line, column, value, reason, remedy), report = refused(landing)
    assert (line, column, value) == (1, "frequncy", None)
    assert reason == "unknown column in facebook_ads.basic_ad; the file was loaded without it."
    assert remedy.startswith("Did you mean 'frequency'?")
    assert (report.rows_merged, report.rows_quarantined) == (1, 0)


def test_missing_column_rejects_the_file_names_the_look_alike_and_the_rest_goes_on(landing):
    landing.put(FILE, HEADER.replace("spend", "spent") + GOOD)
    landing.put(f"{BASIC_AD}/b.csv", HEADER + GOOD)
    (line, column, _, reason, remedy), report = refused(landing)
    assert (line, column) == (None, "spend")
    assert reason == "required column is missing: spend."
    assert "'spend' may be 'spent'" in remedy
    assert (report.rejected, report.loaded) == ([FILE], [f"{BASIC_AD}/b.csv"])


def test_exact_copy_of_a_row_is_kept_once(landing):
    landing.put(FILE, HEADER + GOOD + GOOD)
    (line, column, value, reason, _), report = refused(landing)
    assert (line, column, value) == (3, "ad_id, date", "1, 2024-03-04")
    assert reason == "duplicate key (1, 2024-03-04): an exact copy of line 2, which was loaded."
    assert report.rows_merged == 1


def test_rows_that_contradict_each_other_are_all_refused(landing):
    landing.put(FILE, HEADER + GOOD + "2,2024-03-04,9,10,1,1.0\n" + GOOD.replace("2.5", "3.5"))
    report = landing.land("facebook_ads")
    assert [(line, value) for line, _, value, *_ in landing.quarantine()] == [
        (2, "1, 2024-03-04"),
        (4, "1, 2024-03-04"),
    ]
    assert landing.rows("select ad_id from raw_facebook_ads.basic_ad") == [("2",)]
    assert (report.rows_merged, report.rows_quarantined) == (1, 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes)."),
        (HEADER.encode(), "the export has a header and no rows."),
        (HEADER.encode() + b'1,2024-03-04,"9,10,1,2.5\n', "is not readable as CSV: unexpected end of data."),
        (HEADER.encode() + b"1,2024-03-04,9,10,1,\xff\n", "is not UTF-8 text (byte 0xff)."),
        (b"ad_id,spend," + HEADER.encode() + b"1,1," + GOOD.encode(), "the header names ad_id, spend twice."),
    ],
)
def test_unusable_csv_is_rejected_whole(landing, content, reason):
    landing.put(FILE, content)
    (_, _, _, why, remedy), report = refused(landing)
    assert why == reason
    assert remedy
    assert report.rejected == [FILE]
    assert landing.rows("select count(*) from raw_meta.loads") == [(0,)]


def test_corrupt_parquet_is_rejected_and_replaced_by_a_sound_one_it_loads(landing):
    path = landing.put(f"{BASIC_AD}/a.parquet", b"PAR1 this is not parquet")
    (_, _, _, reason, remedy), report = refused(landing)
    assert reason.startswith("is not readable as Parquet: ")
    assert str(landing.folder) not in reason
    assert remedy == "Deliver the file again."
    assert report.rejected == [f"{BASIC_AD}/a.parquet"]
    columns = dict(zip(HEADER.strip().split(","), ["1", dt.date(2024, 3, 4), "9", 10, 1, 2.5], strict=True))
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), path)
    assert landing.land("facebook_ads").rows_merged == 1


def test_parquet_with_ids_as_floats_is_rejected_because_digits_are_lost(landing):
    path = landing.put(f"{BASIC_AD}/a.parquet", b"")
    columns = dict(
        zip(HEADER.strip().split(","), [1.7002522602238151e16, dt.date(2024, 3, 4), "9", 1, 1, 2.5], strict=True)
    )
    pq.write_table(pa.table({name: [value] for name, value in columns.items()}), path)
    (line, column, value, reason, _), _ = refused(landing)
    assert (line, column, value) == (None, "ad_id", "DOUBLE")
    assert "loses digits" in reason


def test_parquet_without_rows_is_rejected(landing):
    path = landing.put(f"{BASIC_AD}/a.parquet", b"")
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in HEADER.strip().split(",")}), path)
    (_, _, _, reason, _), _ = refused(landing)
    assert reason == "the export has no rows."


def test_broken_gzip_and_other_formats_are_rejected_with_the_formats_that_work(landing):
    landing.put(f"{BASIC_AD}/a.csv.gz", b"not gzip")
    landing.put(f"{BASIC_AD}/b.xlsx", b"PK")
    report = landing.land("facebook_ads")
    assert report.rejected == [f"{BASIC_AD}/a.csv.gz", f"{BASIC_AD}/b.xlsx"]
    reasons = [(reason, remedy) for *_, reason, remedy in landing.quarantine()]
    assert reasons[0][0].startswith("cannot be read: BadGzipFile")
    assert reasons[1] == (
        "the format is not one that can be read.",
        "Deliver one of: .csv, .csv.gz, .parquet, .yaml, .yml.",
    )


def test_rejection_is_told_again_each_run_but_recorded_once(landing):
    landing.put(FILE, "")
    assert landing.land("facebook_ads").rejected == [FILE]
    assert landing.land("facebook_ads").rejected == [FILE]
    assert len(landing.quarantine()) == 1


def test_line_numbers_are_those_of_the_file_with_quoted_line_ends_and_blank_lines(landing):
    landing.put(
        FILE,
        HEADER.replace("\n", ",ad_name\n")
        + '1,2024-03-04,9,10,1,2.5,"two\nlines"\n\n2,2024-03-04,9,10,1,bad,x\n3,2024-03-04,9\n',
    )
    report = landing.land("facebook_ads")
    assert [(line, value) for line, _, value, *_ in landing.quarantine()] == [(5, "bad"), (6, "3 fields")]
    assert landing.rows("select ad_name from raw_facebook_ads.basic_ad") == [("two\nlines",)]
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (3, 1, 2)


def test_file_with_only_cut_off_lines_keeps_nothing_and_loses_nothing(landing):
    landing.put(FILE, HEADER + "1,2024\n")
    report = landing.land("facebook_ads")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (1, 0, 1)


def test_many_problems_are_summarised_in_the_report_and_kept_in_full(landing):
    landing.put(FILE, HEADER + "".join(f"{ad},2024-03-04,9,10,1,-1\n" for ad in range(20)))
    report = landing.land("facebook_ads")
    assert len(landing.quarantine()) == 20
    assert report.messages[-1] == f"{FILE}: 15 more problems, see raw_quarantine.rows."


@pytest.mark.parametrize("suffix", [".part", ".tmp", ".crdownload"])
def test_unfinished_download_is_left_alone(landing, suffix):
    landing.put(FILE + suffix, HEADER + GOOD)
    report = landing.land("facebook_ads")
    assert (report.waiting, report.files_seen) == ([FILE + suffix], 1)
    assert landing.quarantine() == []


def test_file_that_changed_a_moment_ago_waits_and_loads_once_it_has_settled(landing):
    path = landing.put(FILE, HEADER + GOOD)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    changed = dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)
    early = landing.land("facebook_ads", settle_seconds=5, now=changed + dt.timedelta(seconds=4))
    assert (early.waiting, early.rows_read) == ([FILE], 0)
    later = landing.land("facebook_ads", settle_seconds=5, now=changed + dt.timedelta(seconds=5))
    assert (later.loaded, later.waiting) == ([FILE], [])


def test_file_that_grows_while_it_is_copied_waits(landing, monkeypatch):
    landing.put(FILE, HEADER + GOOD)
    from warehouse.landing.discover import LandingFolder

    copy = LandingFolder.copy

    def copy_while_another_row_arrives(self, file, folder):
        copied = copy(self, file, folder)
        landing.put(FILE, HEADER + GOOD + "2,2024-03-04,9,10,1,2.5\n")
        return copied

    monkeypatch.setattr(LandingFolder, "copy", copy_while_another_row_arrives)
    assert landing.land("facebook_ads").waiting == [FILE]
    monkeypatch.setattr(LandingFolder, "copy", copy)
    assert landing.land("facebook_ads").rows_merged == 2
