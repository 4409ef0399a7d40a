"""The published file: marts and results, built beside and put in place by one rename while analysts read."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.connection import Warehouse
from warehouse.errors import WarehouseError
from warehouse.results import RESULT_TABLES, ensure_results
from warehouse.results.ddl import quote

_SOURCE = "working_file"
_TEMPORARY = ".publish-"
_STALE_SECONDS = 24 * 3600
# Readers share the published file. DuckDB locks everybody else out of a file that one program opens for writing,
# so the file itself says that it is for reading.
_READ_ONLY_MODE = 0o444

_QUARANTINE_SUMMARY = f"""
create table meta.quarantine_summary as
select
    source, table_name, source_file, column_name,
    count(*) as rows_rejected, min(quarantined_at) as first_at, max(quarantined_at) as last_at
from {_SOURCE}.raw_quarantine.rows
group by all order by all
"""


# A question that needs a window over the vintages and is asked too often to be written each time.
_VINTAGES = "main.fct_figure_vintages"
_WHAT_CHANGED = f"""
create macro main.what_changed(since, until) as table
select
    source, role, market, name, week_start,
    first(previous_value order by vintage_at, recorded_at) as value_before,
    last(value order by vintage_at, recorded_at) as value_after,
    sum(change) as change
from {_VINTAGES}
where vintage_at > since::timestamp and vintage_at <= until::timestamp
group by all
having abs(sum(change)) > 1e-9 * greatest(1, max(abs(value)))
"""


class PublishError(WarehouseError):
    """Publication failed and the old published file is untouched; names file, cause and remedy."""


@dataclass(frozen=True)
class PublishReport:
    """What was published: `tables` maps `schema.table` to its rows; `bytes` is the size of the file."""

    path: Path
    tables: dict[str, int]
    bytes: int
    seconds: float


def publish(warehouse: Warehouse, target: Path, *, schemas: Sequence[str] = ("main", "results")) -> PublishReport:
    """Replace `target` by a new file with the tables of `schemas`, their comments and the champion views.

    The load log comes along as `meta.loads` and the quarantine as counts in `meta.quarantine_summary`; raw rows stay
    behind (size, personal data), and so do views of `schemas`, which may read tables that are not published.
    Readers keep the file they have open; the next to open sees the new one, never a half-written one. The working
    file is held only while its tables are copied. `target` needs the working file's stem, which views may name.

    Raises PublishError (the old file stays as it was) and what `Warehouse.read` raises.
    """
    if target.stem != warehouse.database.stem:
        raise PublishError(
            f"The published file must be called {warehouse.database.stem}.duckdb like the working file, because views "
            f"store that name; got {target.name}. Change its folder instead."
        )
    started = time.monotonic()
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    with _folder_beside(target) as folder:
        new = folder / target.name
        tables = _build(warehouse, new, schemas)
        size = new.stat().st_size
        _put_in_place(new, target)
    return PublishReport(target, tables, size, time.monotonic() - started)


def _build(warehouse: Warehouse, new: Path, schemas: Sequence[str]) -> dict[str, int]:
    connection = duckdb.connect(str(new))
    try:
        with warehouse.attached(connection, _SOURCE), _transaction(connection):
            tables = {}
            for schema in schemas:
                if schema == "results":
                    tables |= _copy_results(connection)
                else:
                    tables |= _copy_schema(connection, schema)
            tables |= _copy_meta(connection)
            if _VINTAGES in tables:
                connection.execute(_WHAT_CHANGED)
        connection.execute("checkpoint")
        return tables
    finally:
        connection.close()


def _copy_schema(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, int]:
    connection.execute(f'create schema if not exists "{schema}"')
    copied = {}
    for table, comment in _source_tables(connection, schema).items():
        qualified = f'"{schema}"."{table}"'
        connection.execute(f"create table {qualified} as select * from {_SOURCE}.{qualified}")
        if comment is not None:
            connection.execute(f"comment on table {qualified} is {quote(comment)}")
        for column, text in _source_column_comments(connection, schema, table):
            connection.execute(f'comment on column {qualified}."{column}" is {quote(text)}')
        copied[f"{schema}.{table}"] = _count(connection, qualified)
    return copied


def _copy_results(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    ensure_results(connection)
    stored = _source_tables(connection, "results")
    copied = {}
    for name in RESULT_TABLES:
        if name in stored:
            connection.execute(f"insert into results.{name} by name select * from {_SOURCE}.results.{name}")
        copied[f"results.{name}"] = _count(connection, f"results.{name}")
    return copied


def _copy_meta(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    connection.execute("create schema meta")
    copied = {}
    if "loads" in _source_tables(connection, "raw_meta"):
        connection.execute(f"create table meta.loads as select * from {_SOURCE}.raw_meta.loads")
        connection.execute("comment on table meta.loads is 'Load log: one row per file and table loaded.'")
        copied["meta.loads"] = _count(connection, "meta.loads")
    if "rows" in _source_tables(connection, "raw_quarantine"):
        connection.execute(_QUARANTINE_SUMMARY)
        connection.execute(
            "comment on table meta.quarantine_summary is "
            "'Rejected rows by file and column; the rows and reasons are in the working file, raw_quarantine.rows.'"
        )
        copied["meta.quarantine_summary"] = _count(connection, "meta.quarantine_summary")
    return copied


def _source_tables(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, str | None]:
    """Tables of the working file with their comments, without what a running or broken dbt leaves behind."""
    found = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = ? and schema_name = ? "
        "and not regexp_matches(table_name, '__dbt_(tmp|backup)') order by table_name",
        [_SOURCE, schema],
    )
    return dict(found.fetchall())


def _source_column_comments(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select column_name, comment from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ? and comment is not null",
        [_SOURCE, schema, table],
    ).fetchall()


def _count(connection: duckdb.DuckDBPyConnection, qualified: str) -> int:
    row = connection.execute(f"select count(*) from {qualified}").fetchone()
    return int(row[0]) if row else 0


@contextlib.contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        # A full disk may have ended the transaction already; the first error is the one to show.
        with contextlib.suppress(duckdb.Error):
            connection.rollback()
        raise


@contextlib.contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A folder on the target's own file system, so that the rename is atomic; gone afterwards, come what may."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY}{os.getpid()}-", dir=target.parent))
        yield folder
    except (duckdb.Error, OSError) as error:
        raise _explained(error, target, folder) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(new: Path, target: Path) -> None:
    new.chmod(_READ_ONLY_MODE)
    _sync(new)
    # The log of somebody who opened the old file for writing would not match the new one.
    target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
    new.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_stale(parent: Path) -> None:
    """Folders of runs that were killed: their process is gone, or they are too old for it to be the same one."""
    for folder in parent.glob(f"{_TEMPORARY}*"):
        pid = folder.name.removeprefix(_TEMPORARY).split("-")[0]
        with contextlib.suppress(FileNotFoundError):  # another publisher cleans up as well
            age = time.time() - folder.stat().st_mtime
            if age > _STALE_SECONDS or (pid.isdigit() and not _is_running(int(pid))):
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _explained(error: Exception, target: Path, folder: Path | None) -> PublishError:
    """The error in words, made while the unfinished file is still there to be measured."""
    old = "The old file is untouched" if target.exists() else "Nothing was published"
    if not _is_disk_full(error):
        return PublishError(f"Could not publish {target}: {error}. {old}.")
    parts = [path.stat() for path in folder.rglob("*")] if folder is not None else []
    written = sum(part.st_size for part in parts)
    # What the unfinished file takes up is free again once it is removed.
    free = shutil.disk_usage(target.parent).free + sum(part.st_blocks * 512 for part in parts)
    return PublishError(
        f"No room to publish {target}: the new file needs more than the {written:,} bytes it had reached, beside "
        f"the old one, and {free:,} bytes are free in {target.parent}. {old}. Free some space there, lift the quota, "
        f"or set MIXHOUSE_PUBLISHED to a folder on a larger disk, and publish again. ({error})"
    )


def _is_disk_full(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    causes = ("No space left", "File too large", "Disk quota exceeded")
    return any(cause in str(error) for cause in causes)
