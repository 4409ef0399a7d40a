"""A file that has been landed is not read again while it looks the same: history grows, a landing does not."""

import os

import pytest

from warehouse.landing.discover import LandingFolder

RATES = "fx/rates"
HEADER = "date,currency,reporting_currency,rate\n"
VALUES = "select rate from raw_fx.rates order by date"


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The names of the files that landings read from now on."""
    names = []
    copy = LandingFolder.copy

    def noted(self, file, folder):
        names.append(file.name)
        return copy(self, file, folder)

    monkeypatch.setattr(LandingFolder, "copy", noted)
    return names


def test_only_new_files_are_read(landing, read):
    landing.put(f"{RATES}/1.csv", HEADER + "2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    landing.put(f"{RATES}/2.csv", HEADER + "2024-03-05,EUR,USD,1.10\n")
    read.clear()
    report = landing.land("fx")
    assert read == [f"{RATES}/2.csv"]
    assert (report.loaded, report.skipped) == ([f"{RATES}/2.csv"], [f"{RATES}/1.csv"])
    assert landing.rows(VALUES) == [(1.09,), (1.10,)]


def test_a_file_that_is_written_again_is_read_again_also_with_as_many_bytes(landing):
    path = landing.put(f"{RATES}/1.csv", HEADER + "2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    before = path.stat().st_mtime_ns
    landing.put(f"{RATES}/1.csv", HEADER + "2024-03-04,EUR,USD,1.08\n")
    os.utime(path, ns=(before, before + 1_000_000))
    assert landing.land("fx").loaded == [f"{RATES}/1.csv"]
    assert landing.rows(VALUES) == [(1.08,)]


def test_a_copy_under_another_name_is_read_once_and_loaded_never(landing, read):
    landing.put(f"{RATES}/1.csv", HEADER + "2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    landing.put(f"{RATES}/again.csv", HEADER + "2024-03-04,EUR,USD,1.09\n")
    read.clear()
    assert landing.land("fx").loaded == []
    assert landing.land("fx").loaded == []
    assert read == [f"{RATES}/again.csv"]


def test_a_refused_file_is_tried_again(landing, read):
    landing.put(f"{RATES}/1.csv", "day,rate\n")
    assert landing.land("fx").rejected == [f"{RATES}/1.csv"]
    read.clear()
    assert landing.land("fx").rejected == read == [f"{RATES}/1.csv"]


def test_what_the_load_log_has_lost_is_read_and_landed_again(landing):
    landing.put(f"{RATES}/1.csv", HEADER + "2024-03-04,EUR,USD,1.09\n")
    landing.land("fx")
    with landing.warehouse.write() as con:
        con.execute("delete from raw_meta.loads; delete from raw_fx.rates")
    assert landing.land("fx").loaded == [f"{RATES}/1.csv"]
    assert landing.rows(VALUES) == [(1.09,)]
