"""Parquet snapshots of a mart, named by their content: what a model reads, so that it never holds the database."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
from fsspec import AbstractFileSystem

from warehouse import remote
from warehouse.errors import WarehouseError

_HASH_IN_NAME = 12


class SnapshotError(WarehouseError):
    """A snapshot is missing, damaged, or cannot be made; names the path and the remedy."""


@dataclass(frozen=True)
class Snapshot:
    """One snapshot: `content_hash` is the sha256 of its rows, `path` a local path or URL."""

    path: str
    content_hash: str
    rows: int


@dataclass(frozen=True)
class Vintage:
    """When a content became current, in UTC. A content that comes back is a vintage of its own."""

    loaded_at: datetime
    snapshot: Snapshot


def write_snapshot(frame: pd.DataFrame, folder: str, name: str, *, is_current: bool = True) -> Snapshot:
    """Write the rows to `<folder>/<name>/<first 12 of hash>.parquet`, and note the vintage if the content changed.

    The file is put in place whole; one with that hash already there is left as it is. `folder` may be any fsspec URL.
    Rows are stored sorted by all columns, so equal content gives an equal order. Rows of a past moment (not
    `is_current`) are no new vintage.
    Raises SnapshotError for an empty frame or a column whose type has no canonical form, UnreachableError for a URL
    that cannot be written to.
    """
    if frame.empty:
        raise SnapshotError(
            f"Snapshot {name!r} would have no rows. Check that the mart holds the model's markets and outcome."
        )
    ordered = _canonical_order(frame)
    content_hash = _hash_ordered(ordered)
    files, root = remote.open_place(f"{folder}/{name}")
    path = f"{root}/{content_hash[:_HASH_IN_NAME]}.parquet"
    with remote.reaching(folder):
        remote.make_folder(files, root)
        if not files.exists(path):
            buffer = io.BytesIO()
            ordered.to_parquet(buffer, index=False)
            remote.put_whole(files, path, buffer.getvalue())
    snapshot = Snapshot(_address(files, path), content_hash, len(ordered))
    if not is_current:
        return snapshot
    current = latest_snapshot(folder, name)
    if current is None or current.content_hash != content_hash:
        with remote.reaching(folder):
            _note_vintage(files, root, snapshot)
    return snapshot


def read_snapshot(path: str) -> pd.DataFrame:
    """The rows of a snapshot, verified against the hash in its name.

    Raises SnapshotError if the file is missing, unreadable, or holds other rows than its name says, UnreachableError
    if its URL cannot be reached.
    """
    files, stripped = remote.open_place(path)
    with remote.reaching(path):
        if not files.exists(stripped):
            raise SnapshotError(f"There is no snapshot at {path}. Materialise the model's snapshot asset again.")
        content = files.cat_file(stripped)
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:  # pyarrow's errors for a damaged file are ValueErrors or OSErrors
        raise SnapshotError(
            f"The snapshot {path} cannot be read: {error}. Delete it and materialise the snapshot asset again."
        ) from error
    expected = stripped.rsplit("/", 1)[-1].removesuffix(".parquet")
    found = content_hash(frame)[:_HASH_IN_NAME]
    if found != expected:
        raise SnapshotError(
            f"The snapshot {path} holds rows with hash {found}, not {expected}: it was changed or cut short. "
            "Delete it and materialise the snapshot asset again."
        )
    return frame


def vintages(folder: str, name: str) -> list[Vintage]:
    """Every change of content, oldest first; the answer to which data a model saw when."""
    files, root = remote.open_place(f"{folder}/{name}")
    with remote.reaching(folder):
        return [_read_vintage(files, root, note) for note in _notes(files, root)]


def latest_snapshot(folder: str, name: str) -> Snapshot | None:
    """The snapshot of the newest vintage, None before the first one."""
    files, root = remote.open_place(f"{folder}/{name}")
    with remote.reaching(folder):
        notes = _notes(files, root)
        return _read_vintage(files, root, notes[-1]).snapshot if notes else None


def content_hash(frame: pd.DataFrame) -> str:
    """Sha256 of the content: the same for any order of rows or columns and any way of storing them.

    A date equals the midnight it stands for, -0.0 equals 0.0, and every missing value is the same.
    """
    return _hash_ordered(_canonical_order(frame))


def _canonical_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Keys first in the sort (text, dates), measures last; ties then are rows that are equal in every column."""
    canonical = pd.DataFrame({str(name): _canonical(str(name), frame[name]) for name in frame.columns})
    measures = [name for name in canonical if pd.api.types.is_float_dtype(canonical[name])]
    keys = [name for name in canonical if name not in measures]
    return canonical.sort_values(sorted(keys) + sorted(measures), kind="stable", ignore_index=True)


def _canonical(name: str, values: pd.Series) -> pd.Series:
    """Each column in one of five types: bool, int64, float64, datetime64[us], text (object)."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_integer_dtype(values):
        if values.isna().any():
            return values.astype("float64")
        return values.astype("bool" if pd.api.types.is_bool_dtype(values) else "int64")
    if pd.api.types.is_float_dtype(values):
        return values.astype("float64") + 0.0  # turns -0.0 into 0.0
    if pd.api.types.is_datetime64_any_dtype(values):
        in_utc = values.dt.tz_convert("UTC").dt.tz_localize(None) if values.dt.tz is not None else values
        return in_utc.astype("datetime64[us]")
    present = values[values.notna()]
    if len(present) and all(isinstance(value, date) for value in present):
        return pd.to_datetime(values).astype("datetime64[us]")
    if all(isinstance(value, str) for value in present):
        return values.astype(object).where(values.notna(), None)
    stranger = next(value for value in present if not isinstance(value, str))
    raise SnapshotError(
        f"Snapshot column {name!r} holds {stranger!r} ({type(stranger).__name__}); "
        "it may hold text, numbers, booleans, dates or timestamps."
    )


def _hash_ordered(ordered: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name in sorted(ordered.columns):
        values = ordered[name]
        digest.update(f"{name}\0{values.dtype}\0{len(values)}\0".encode())
        for block in _blocks(values):
            digest.update(block)
    return digest.hexdigest()


def _blocks(values: pd.Series) -> Iterable[bytes]:
    if values.dtype == object:
        encoded = [None if value is None else value.encode() for value in values]
        # Lengths first: without them ("ab", "c") and ("a", "bc") would be one content.
        yield np.array([-1 if text is None else len(text) for text in encoded], dtype="<i8").tobytes()
        yield b"".join(text for text in encoded if text is not None)
    elif values.dtype == "float64":
        numbers = values.to_numpy(dtype="<f8", copy=True)
        numbers[np.isnan(numbers)] = np.nan  # NaNs can differ in their bits
        yield numbers.tobytes()
    elif values.dtype == "bool":
        yield values.to_numpy().tobytes()
    else:
        yield values.to_numpy().astype("<i8").tobytes()


def _notes(files: AbstractFileSystem, root: str) -> list[str]:
    return sorted(files.glob(f"{root}/vintages/*.json"))


def _note_vintage(files: AbstractFileSystem, root: str, snapshot: Snapshot) -> None:
    """One small file a change, because object stores cannot append; its name sorts by time."""
    now = datetime.now(UTC)
    remote.make_folder(files, f"{root}/vintages")
    note = {
        "loaded_at": now.isoformat(),
        "content_hash": snapshot.content_hash,
        "rows": snapshot.rows,
    }
    short = snapshot.content_hash[:_HASH_IN_NAME]
    remote.put_whole(files, f"{root}/vintages/{now:%Y%m%dT%H%M%S%fZ}-{short}.json", json.dumps(note).encode())


def _read_vintage(files: AbstractFileSystem, root: str, note_path: str) -> Vintage:
    note = json.loads(files.cat_file(note_path))
    path = f"{root}/{note['content_hash'][:_HASH_IN_NAME]}.parquet"
    snapshot = Snapshot(_address(files, path), note["content_hash"], note["rows"])
    return Vintage(datetime.fromisoformat(note["loaded_at"]), snapshot)


def _address(files: AbstractFileSystem, path: str) -> str:
    """A plain path for local files, a URL for anything else."""
    return path if "file" in _protocols(files) else str(files.unstrip_protocol(path))


def _protocols(files: AbstractFileSystem) -> Iterator[str]:
    yield from ((files.protocol,) if isinstance(files.protocol, str) else files.protocol)
