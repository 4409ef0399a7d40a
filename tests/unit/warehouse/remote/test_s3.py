"""Landing and snapshots on S3: a real server, real HTTP, the address from the environment."""

import datetime as dt
import gzip
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.servers.fixtures import AWS_SECRET
from warehouse.landing.discover import LandingFolder
from warehouse.remote import UnreachableError
from warehouse.snapshots import latest_snapshot, read_snapshot, vintages, write_snapshot
from warehouse.weekly_csv import deliver

FOLDER = "exports/landing/fx/rates"
HEADER = "date,currency,reporting_currency,rate\n"
RATES = "select currency, rate, _source_file from raw_fx.rates order by all"


def listed(url: str = "s3://exports/landing", settle_seconds: float = 0):
    """The one file of rates, as landing lists it."""
    now = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    folder = LandingFolder.at(url)
    [file] = folder.list("fx", "rates", settle_seconds=settle_seconds, now=now)
    return folder, file


def test_csv_gzip_and_parquet_land(s3, on_s3):
    s3.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.09\n".encode())
    s3.pipe_file(f"{FOLDER}/2024/b.csv.gz", gzip.compress(f"{HEADER}2024-03-04,GBP,USD,1.27\n".encode()))
    parquet = io.BytesIO()
    pq.write_table(
        pa.table({"date": [dt.date(2024, 3, 4)], "currency": ["CHF"], "reporting_currency": ["USD"], "rate": [1.13]}),
        parquet,
    )
    s3.pipe_file(f"{FOLDER}/c.parquet", parquet.getvalue())
    report = on_s3.land("fx", "rates")
    assert (report.rows_merged, report.rejected) == (3, [])
    assert on_s3.rows(RATES) == [
        ("CHF", 1.13, "fx/rates/c.parquet"),
        ("EUR", 1.09, "fx/rates/a.csv"),
        ("GBP", 1.27, "fx/rates/2024/b.csv.gz"),
    ]


def test_the_same_bytes_land_once_and_a_restated_file_replaces(s3, on_s3):
    s3.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.09\n".encode())
    on_s3.land("fx", "rates")
    s3.pipe_file(f"{FOLDER}/again.csv", f"{HEADER}2024-03-04,EUR,USD,1.09\n".encode())
    report = on_s3.land("fx", "rates")
    assert (report.loaded, report.skipped) == ([], ["fx/rates/a.csv", "fx/rates/again.csv"])
    s3.pipe_file(f"{FOLDER}/again.csv", f"{HEADER}2024-03-04,EUR,USD,1.10\n".encode())
    assert on_s3.land("fx", "rates").loaded == ["fx/rates/again.csv"]
    assert on_s3.rows(RATES) == [("EUR", 1.1, "fx/rates/again.csv")]


def test_unfinished_and_hidden_files_wait_and_folders_without_a_contract_are_named(s3, on_s3):
    s3.pipe_file(f"{FOLDER}/a.csv.part", b"date")
    s3.pipe_file(f"{FOLDER}/.b.csv", b"date")
    s3.pipe_file("exports/landing/fx/ratse/a.csv", b"date")
    s3.pipe_file("exports/landing/fx/loose.csv", b"date")
    assert on_s3.land("fx", "rates").waiting == ["fx/rates/a.csv.part"]
    assert "Did you mean 'rates'?" in on_s3.land("fx", "ratse").messages[0]
    assert on_s3.land("fx", "").messages == ["fx/loose.csv: lies outside a folder; move it to fx/rates/loose.csv."]


def test_file_younger_than_the_settling_time_waits(s3, on_s3):
    s3.pipe_file(f"{FOLDER}/a.csv", HEADER.encode())
    assert on_s3.land("fx", "rates", settle_seconds=60).waiting == ["fx/rates/a.csv"]


def test_file_replaced_while_it_is_read_waits(s3, on_s3, monkeypatch):
    first, second = (f"{HEADER}2024-03-04,EUR,USD,1.0{digit}\n".encode() for digit in (1, 2))
    s3.pipe_file(f"{FOLDER}/a.csv", first)
    copy = LandingFolder.copy

    def replaced_meanwhile(*arguments):
        copied = copy(*arguments)
        # By somebody else: what fsspec remembers of the listing stays as it was. Same size, same second.
        s3.call_s3("put_object", Bucket="exports", Key="landing/fx/rates/a.csv", Body=second)
        return copied

    with monkeypatch.context() as patched:
        patched.setattr(LandingFolder, "copy", replaced_meanwhile)
        assert on_s3.land("fx", "rates").waiting == ["fx/rates/a.csv"]
    assert on_s3.land("fx", "rates").loaded == ["fx/rates/a.csv"]
    assert on_s3.rows(RATES)[0][1] == 1.02


def test_file_replaced_between_two_blocks_of_a_read_waits(s3, on_s3, tmp_path):
    rows = "".join(f"2024-03-04,EUR,USD,1.{number:06}\n" for number in range(100_000))
    s3.pipe_file(f"{FOLDER}/a.csv", (HEADER + rows).encode())
    folder, file = listed()
    open_file = folder.files.open

    class Replaced:
        """A file of S3 whose object somebody replaces after the first block."""

        def __init__(self, *arguments, **options):
            self.stream = open_file(*arguments, block_size=1_000_000, **options)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.stream.close()

        def read(self, _):
            block = self.stream.read(1_000_000)
            s3.call_s3("put_object", Bucket="exports", Key="landing/fx/rates/a.csv", Body=b"other")
            return block

    folder.files.open = Replaced
    try:
        assert folder.copy_unless_changed(file, tmp_path) is None
    finally:
        folder.files.open = open_file


def test_file_that_vanishes_while_it_is_read_waits(s3, on_s3, tmp_path):
    s3.pipe_file(f"{FOLDER}/a.csv", HEADER.encode())
    folder, file = listed()
    s3.call_s3("delete_object", Bucket="exports", Key="landing/fx/rates/a.csv")
    assert folder.copy_unless_changed(file, tmp_path) is None


def test_damaged_gzip_is_rejected_and_the_others_land(s3, on_s3):
    s3.pipe_file(f"{FOLDER}/a.csv.gz", gzip.compress(HEADER.encode() * 100)[:-10])
    s3.pipe_file(f"{FOLDER}/b.csv.gz", b"no gzip at all")
    s3.pipe_file(f"{FOLDER}/c.csv", f"{HEADER}2024-03-04,EUR,USD,1.09\n".encode())
    report = on_s3.land("fx", "rates")
    assert report.rejected == ["fx/rates/a.csv.gz", "fx/rates/b.csv.gz"]
    assert report.rows_merged == 1


def test_weekly_csv_is_delivered_to_s3_and_lands(s3, on_s3, tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("date: week\nmarket: US\ncurrency: USD\noutcome: {revenue: sales}\nspend: {tv: cost}\n")
    csv = tmp_path / "march.csv"
    csv.write_text("week,sales,cost\n2024-03-04,100,5\n2024-03-11,110,0\n")
    delivered = deliver(csv, mapping, "shop", on_s3.url)
    assert delivered == "s3://exports/landing/weekly_csv/shop/march.csv"
    assert sorted(s3.find("exports")) == [
        "exports/landing/weekly_csv/shop/mapping.yaml",
        "exports/landing/weekly_csv/shop/march.csv",
    ]
    assert on_s3.land("weekly_csv", "observations").rows_merged == 4
    assert deliver(csv, mapping, "shop", on_s3.url) == delivered  # again: replaces the file of that name


def test_snapshots_are_written_to_s3_and_read_back(s3):
    folder = "s3://exports/snapshots"
    first = write_snapshot(pd.DataFrame({"market": ["US"], "value": [1.0]}), folder, "retail")
    second = write_snapshot(pd.DataFrame({"market": ["US"], "value": [2.0]}), folder, "retail")
    assert first.path == f"s3://exports/snapshots/retail/{first.content_hash[:12]}.parquet"
    assert read_snapshot(first.path)["value"].tolist() == [1.0]
    assert [vintage.snapshot for vintage in vintages(folder, "retail")] == [first, second]
    # A vintage that another process noted is seen, although this one has listed the folder.
    note = next(path for path in s3.find("exports/snapshots/retail/vintages"))
    body = s3.cat_file(note)
    s3.call_s3("put_object", Bucket="exports", Key="snapshots/retail/vintages/99990101T000000000000Z-x.json", Body=body)
    assert latest_snapshot(folder, "retail") == first


def unreachable(url: str) -> str:
    with pytest.raises(UnreachableError) as error:
        LandingFolder.at(url).folders()
    assert error.value.__cause__ is None
    assert AWS_SECRET not in str(error.value)
    return str(error.value)


def test_empty_folder_is_no_failure_and_a_missing_bucket_is_one(s3):
    assert LandingFolder.at("s3://exports/nothing/yet").folders() == []
    assert LandingFolder.at("s3://exports").folders() == []
    told = unreachable("s3://exprots/landing")
    assert told.startswith("s3://exprots/landing cannot be reached: FileNotFoundError: ")
    assert told.endswith("Check the bucket's name; Mixhouse makes none.")


def test_no_bucket_is_ever_made(s3):
    with pytest.raises(UnreachableError, match="cannot be reached"):
        write_snapshot(pd.DataFrame({"value": [1.0]}), "s3://exprots/snapshots", "retail")
    assert s3.ls("") == ["exports"]


def test_missing_credentials_are_told_with_the_variables(s3, monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    s3.clear_instance_cache()
    told = unreachable("s3://exports/landing")
    assert "Unable to locate credentials. Give Mixhouse and its daemon credentials: set AWS_ACCESS_KEY_ID or" in told


def test_wrong_credentials_are_told_as_such(s3, s3_server):
    s3_server.post("/moto-api/reset-auth", b"0")
    try:
        assert "lack the right to list, read and write there" in unreachable("s3://exports/landing")
    finally:
        s3_server.post("/moto-api/reset-auth", b"inf")


def test_server_that_is_down_is_told_with_the_address(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    s3.clear_instance_cache()
    told = unreachable("s3://exports/landing")
    assert "EndpointConnectionError" in told
    assert "AWS_ENDPOINT_URL" in told
