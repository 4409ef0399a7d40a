"""Landing and snapshots on GCS: the emulator of its protocol, real HTTP, the address from the environment."""

import gzip

import pandas as pd
import pytest

from warehouse.landing.discover import LandingFolder
from warehouse.remote import UnreachableError
from warehouse.snapshots import read_snapshot, vintages, write_snapshot
from warehouse.weekly_csv import deliver

FOLDER = "exports/landing/fx/rates"
HEADER = "date,currency,reporting_currency,rate\n"
RATES = "select currency, rate, _source_file from raw_fx.rates order by all"


@pytest.fixture(autouse=True)
def empty(gcs):
    yield
    for path in gcs.find("exports"):
        gcs.rm_file(path)


def test_files_land_once_and_a_replaced_one_again(gcs, on_gcs):
    gcs.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.09\n".encode())
    gcs.pipe_file(f"{FOLDER}/b.csv.gz", gzip.compress(f"{HEADER}2024-03-04,GBP,USD,1.27\n".encode()))
    gcs.pipe_file(f"{FOLDER}/c.csv.part", b"date")
    report = on_gcs.land("fx", "rates")
    assert (report.rows_merged, report.waiting) == (2, ["fx/rates/c.csv.part"])
    assert on_gcs.land("fx", "rates").loaded == []
    gcs.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.10\n".encode())
    assert on_gcs.land("fx", "rates").loaded == ["fx/rates/a.csv"]
    assert on_gcs.rows(RATES) == [("EUR", 1.1, "fx/rates/a.csv"), ("GBP", 1.27, "fx/rates/b.csv.gz")]


def test_file_replaced_while_it_is_read_waits(gcs, on_gcs, monkeypatch):
    gcs.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.01\n".encode())
    copy = LandingFolder.copy

    def replaced_meanwhile(*arguments):
        copied = copy(*arguments)
        gcs.pipe_file(f"{FOLDER}/a.csv", f"{HEADER}2024-03-04,EUR,USD,1.02\n".encode())
        return copied

    monkeypatch.setattr(LandingFolder, "copy", replaced_meanwhile)
    assert on_gcs.land("fx", "rates").waiting == ["fx/rates/a.csv"]


def test_snapshots_and_weekly_files_are_written(gcs, on_gcs, tmp_path):
    snapshot = write_snapshot(pd.DataFrame({"value": [1.0]}), "gs://exports/snapshots", "retail")
    assert snapshot.path.startswith("gs://exports/snapshots/retail/")
    assert read_snapshot(snapshot.path)["value"].tolist() == [1.0]
    assert len(vintages("gs://exports/snapshots", "retail")) == 1
    mapping, csv = tmp_path / "mapping.yaml", tmp_path / "march.csv"
    mapping.write_text("date: week\nmarket: US\ncurrency: USD\noutcome: {revenue: sales}\nspend: {tv: cost}\n")
    csv.write_text("week,sales,cost\n2024-03-04,100,5\n2024-03-11,110,0\n")
    assert deliver(csv, mapping, "shop", on_gcs.url) == "gs://exports/landing/weekly_csv/shop/march.csv"
    assert on_gcs.land("weekly_csv", "observations").rows_merged == 4


def test_empty_folder_is_no_failure_and_a_missing_bucket_is_one(gcs):
    assert LandingFolder.at("gs://exports/nothing/yet").folders() == []
    assert LandingFolder.at("gs://exports").folders() == []
    with pytest.raises(UnreachableError, match=r"gs://exprots/landing cannot be reached: .*Check the bucket's name"):
        LandingFolder.at("gs://exprots/landing")
