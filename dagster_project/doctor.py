"""`mixhouse doctor`: what is wrong with an installation, and what to do about it. It changes nothing."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from warehouse.connection import Warehouse, WarehouseLockedError
from warehouse.contracts import CONNECTORS, SOURCES
from warehouse.databases import read_databases
from warehouse.errors import WarehouseError, did_you_mean
from warehouse.home import Home
from warehouse.redaction import redacted
from warehouse.remote import CREDENTIALS, protocol_of

LOCK_FILE = Path(__file__).parent.parent / "requirements.lock"
# Their versions decide what a file or a posterior means; the others may drift.
PINNED = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "mlflow", "jax", "blackjax", "pymc-marketing", "nutpie")
LITTLE_ROOM_BYTES = 5 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where all is well."""

    verdict: Literal["ok", "warning", "error"]
    what: str
    remedy: str = ""


def examine(home: Home, environ: Mapping[str, str] = os.environ, now: dt.datetime | None = None) -> list[Finding]:
    """Look at versions, folders, credentials, landing, locks and freshness."""
    now = now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions,
        lambda: _folders(home),
        lambda: _credentials(home, environ),
        lambda: _landing(home),
        lambda: _databases(home, environ),
        lambda: _working_file(home, now),
        lambda: _published_file(home),
    )
    return [finding for look in looks for finding in look()]


def _versions() -> Iterator[Finding]:
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ \\]+)", LOCK_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    other = [
        f"{name} {metadata.version(name)} instead of {locked[name]}"
        for name in PINNED
        if metadata.version(name) != locked[name]
    ]
    if other:
        yield Finding("error", f"installed: {', '.join(other)}", "Run `make setup`: it installs requirements.lock.")
    else:
        yield Finding("ok", f"Python {sys.version.split()[0]}, versions as in requirements.lock")


def _folders(home: Home) -> Iterator[Finding]:
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    if not os.access(folder, os.W_OK):
        yield Finding("error", f"{folder} cannot be written to", "Give yourself the right, or set MIXHOUSE_HOME.")
        return
    free = shutil.disk_usage(folder).free
    room = f"{home.root}: {free / 1024**3:.0f} GiB free"
    if free < LITTLE_ROOM_BYTES:
        yield Finding("warning", room, "Free space, or set MIXHOUSE_HOME to a larger disk.")
    else:
        yield Finding("ok", room)


def _credentials(home: Home, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Only whether something is set is told, never what."""
    for variable, place in (("MIXHOUSE_LANDING", home.landing), ("MIXHOUSE_SNAPSHOTS", home.snapshots)):
        protocol = protocol_of(place)
        needed = CREDENTIALS.get(protocol, ())
        if needed and not any(environ.get(name) for name in needed):
            yield Finding(
                "warning",
                f"{variable} is a {protocol} address and none of {', '.join(needed)} is set",
                "Set one of them in the environment, unless the machine's own role gives access.",
            )


def _landing(home: Home) -> Iterator[Finding]:
    from warehouse.landing.discover import LandingFolder

    try:
        folders = LandingFolder.at(home.landing).folders()
    except (OSError, WarehouseError) as error:
        yield Finding("error", f"landing cannot be read: {error}", "Mend address or access.")
        return
    for folder in folders:
        if folder not in SOURCES:
            yield Finding("warning", f"landing/{folder}: no connector of that name", did_you_mean(folder, SOURCES))
    known = [folder for folder in folders if folder in SOURCES]
    place = redacted(home.landing)
    if known:
        yield Finding("ok", f"landing {place}: {', '.join(known)}")
    else:
        yield Finding("warning", f"landing {place} holds no export", "`mixhouse connector list` says where files go.")


def _databases(home: Home, environ: Mapping[str, str]) -> Iterator[Finding]:
    from warehouse.databases.look import look_at

    databases, problems = read_databases(home.databases)
    for problem in problems:
        yield Finding("error", f"databases/{problem}", "Mend the file; docs/data.md explains its keys.")
    for database in databases:
        try:
            looks = look_at(database, Warehouse(home.database, timeout_seconds=2), environ)
        except WarehouseLockedError as error:
            yield Finding("warning", str(error), "While a run goes on this is as it should be.")
            continue
        except WarehouseError as error:
            yield Finding("error", str(error), f"Then try `mixhouse database check {database.name}`.")
            continue
        for look in looks:
            if look.problem:
                yield Finding("error", look.problem, f"Mend {home.databases / database.name}.yaml or the table.")
        if not any(look.problem for look in looks):
            yield Finding("ok", f"database {database.name}: {', '.join(look.read.place for look in looks)}")


def _working_file(home: Home, now: dt.datetime) -> Iterator[Finding]:
    if not home.database.exists():
        yield Finding("warning", "nothing has been landed yet", "Run `mixhouse run`, or `make demo` for sample data.")
        return
    try:
        with Warehouse(home.database, timeout_seconds=2).read() as connection:
            loads = connection.execute(
                "select source, max(loaded_at) from raw_meta.loads group by source order by source"
            ).fetchall()
            refused = connection.execute("select count(*) from raw_quarantine.rows").fetchone()[0]
    except WarehouseLockedError as error:
        yield Finding("warning", str(error), "While a run goes on this is as it should be.")
        return
    except WarehouseError as error:
        yield Finding("error", str(error), "See above.")
        return
    yield Finding("ok", f"{home.database.name} opens: nobody holds its lock")
    for source, loaded_at in loads:
        yield _freshness(source, (now - loaded_at).days)
    if refused:
        yield Finding(
            "warning",
            f"{refused:,} problems in raw_quarantine.rows",
            "Each has a reason and a remedy: docs/data.md shows the query.",
        )


def _freshness(source: str, age: int) -> Finding:
    freshness = CONNECTORS[source].freshness if source in CONNECTORS else None
    told = f"{source}: newest file {age} days ago"
    if freshness and age > freshness.warn_days:
        late = f"{told}, expected within {freshness.warn_days}"
        verdict = "error" if age > freshness.error_days else "warning"
        return Finding(verdict, late, f"Look at the export of {source}; new files go to landing/{source}/.")
    return Finding("ok", told)


def _published_file(home: Home) -> Iterator[Finding]:
    if home.published.exists():
        size = home.published.stat().st_size / 1024**2
        yield Finding("ok", f"published file: {home.published} ({size:.0f} MiB)")
    else:
        yield Finding("warning", "nothing is published yet", "`mixhouse run` publishes when the models are fitted.")
