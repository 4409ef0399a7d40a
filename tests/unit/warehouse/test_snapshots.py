"""Snapshots: named by content, verified when read, with the history of what was current when."""

import datetime as dt
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest

from warehouse.snapshots import (
    SnapshotError,
    content_hash,
    latest_snapshot,
    read_snapshot,
    vintages,
    write_snapshot,
)


def rows(value: float = 10.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week_start": [dt.date(2024, 1, 8), dt.date(2024, 1, 1), dt.date(2024, 1, 1)],
            "market": ["US", "US", "DE"],
            "value": [value, 2.0, np.nan],
            "unit": ["USD", None, "USD"],
        }
    )


def test_file_is_named_by_its_hash_and_reads_back_sorted_by_keys(tmp_path):
    snapshot = write_snapshot(rows(), str(tmp_path), "retail")
    assert snapshot.path == str(tmp_path / "retail" / f"{snapshot.content_hash[:12]}.parquet")
    assert snapshot.rows == 3
    frame = read_snapshot(snapshot.path)
    assert list(frame["market"]) == ["DE", "US", "US"]
    assert list(frame["value"].fillna(-1)) == [-1, 10.0, 2.0]  # market, then unit with missing last, then week


def test_hash_ignores_the_order_of_rows_and_columns_and_how_dates_are_stored():
    shuffled = rows().iloc[[2, 0, 1], [3, 1, 0, 2]]
    as_timestamps = rows().assign(week_start=pd.to_datetime(rows()["week_start"]))
    assert content_hash(shuffled) == content_hash(rows()) == content_hash(as_timestamps)


def test_hash_ignores_the_parquet_encoder(tmp_path):
    rows().to_parquet(tmp_path / "gzip.parquet", compression="gzip", use_dictionary=False)
    assert content_hash(pd.read_parquet(tmp_path / "gzip.parquet")) == content_hash(rows())


@pytest.mark.parametrize(
    "other",
    [
        rows(value=10.000001),
        rows().head(2),
        rows().assign(market=["US", "DE", "US"]),
        rows().rename(columns={"unit": "units"}),
        rows().assign(unit=["USD", "", "USD"]),
    ],
    ids=["value", "row", "swapped keys", "column name", "empty text for missing"],
)
def test_hash_sees_every_change_of_content(other):
    assert content_hash(other) != content_hash(rows())


def test_hash_tells_where_one_text_ends_and_the_next_begins():
    assert content_hash(pd.DataFrame({"a": ["ab", "c"]})) != content_hash(pd.DataFrame({"a": ["a", "bc"]}))


def test_column_without_any_value_has_a_hash(tmp_path):
    empty = rows().assign(unit=None)
    assert content_hash(empty) == content_hash(rows().assign(unit=np.nan).astype({"unit": object}))
    assert read_snapshot(write_snapshot(empty, str(tmp_path), "retail").path)["unit"].isna().all()


def test_minus_zero_is_zero():
    assert content_hash(pd.DataFrame({"a": [-0.0]})) == content_hash(pd.DataFrame({"a": [0.0]}))


def test_same_content_leaves_the_file_as_it_is(tmp_path):
    first = write_snapshot(rows(), str(tmp_path), "retail")
    before = Path(first.path).stat()
    assert write_snapshot(rows().iloc[::-1], str(tmp_path), "retail") == first
    assert Path(first.path).stat().st_mtime_ns == before.st_mtime_ns
    assert len(vintages(str(tmp_path), "retail")) == 1


def test_content_that_comes_back_is_the_latest_again(tmp_path):
    old = write_snapshot(rows(1), str(tmp_path), "retail")
    restated = write_snapshot(rows(2), str(tmp_path), "retail")
    assert latest_snapshot(str(tmp_path), "retail") == restated
    write_snapshot(rows(1), str(tmp_path), "retail")
    history = vintages(str(tmp_path), "retail")
    assert [vintage.snapshot for vintage in history] == [old, restated, old]
    assert history[0].loaded_at < history[1].loaded_at < history[2].loaded_at


def test_no_snapshot_yet_is_none(tmp_path):
    assert latest_snapshot(str(tmp_path), "retail") is None
    assert vintages(str(tmp_path), "retail") == []


def test_snapshots_live_on_any_file_system():
    folder = "memory://snapshots-test"
    snapshot = write_snapshot(rows(), folder, "retail")
    assert snapshot.path.startswith("memory://")
    assert len(read_snapshot(snapshot.path)) == 3
    assert latest_snapshot(folder, "retail") == snapshot
    assert not fsspec.filesystem("memory").glob("/snapshots-test/retail/*.part")


def test_damaged_snapshot_says_so(tmp_path):
    path = Path(write_snapshot(rows(), str(tmp_path), "retail").path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(SnapshotError, match=r"cannot be read.*Delete it and materialise"):
        read_snapshot(str(path))


def test_snapshot_with_other_rows_than_its_name_says_is_refused(tmp_path):
    path = write_snapshot(rows(), str(tmp_path), "retail").path
    rows(99).to_parquet(path)
    with pytest.raises(SnapshotError, match="changed or cut short"):
        read_snapshot(path)


def test_missing_snapshot_says_what_to_do(tmp_path):
    with pytest.raises(SnapshotError, match=r"no snapshot at .*gone\.parquet.*Materialise"):
        read_snapshot(str(tmp_path / "gone.parquet"))


def test_empty_frame_is_refused(tmp_path):
    with pytest.raises(SnapshotError, match="'retail' would have no rows"):
        write_snapshot(rows().head(0), str(tmp_path), "retail")


def test_column_without_canonical_form_is_named(tmp_path):
    with pytest.raises(SnapshotError, match=r"column 'value' holds \[1\] \(list\)"):
        write_snapshot(pd.DataFrame({"value": [[1]]}), str(tmp_path), "retail")


def test_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, path1, path2, **_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fsspec.implementations.local.LocalFileSystem.mv", full)
    with pytest.raises(OSError, match="No space left"):
        write_snapshot(rows(), str(tmp_path), "retail")
    assert list((tmp_path / "retail").iterdir()) == []
