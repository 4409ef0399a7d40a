"""Lands the files of a source: discover, read, validate, merge, one file after the other in order of arrival."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import duckdb

from warehouse.connection import MissingWarehouseError, Warehouse
from warehouse.contracts import SOURCES, TableContract, contracts_for
from warehouse.errors import FileRejectedError, did_you_mean
from warehouse.landing import load_log, merge, seen
from warehouse.landing.discover import LandedFile, LandingFolder
from warehouse.landing.report import LoadReport
from warehouse.landing.writes import Writes

if TYPE_CHECKING:
    from warehouse.databases import Database

SETTLE_SECONDS = 2.0


def land_all(
    warehouse: Warehouse,
    landing_url: str,
    *,
    databases: Sequence[Database] = (),
    settle_seconds: float = SETTLE_SECONDS,
    now: dt.datetime | None = None,
) -> list[LoadReport]:
    """Land every source; a folder that no contract knows is named in a report of its own."""
    prepare_raw_tables(warehouse)
    reports = []
    for source in SOURCES:
        reports += land_source(
            warehouse, landing_url, source, databases=databases, settle_seconds=settle_seconds, now=now
        )
    for folder in LandingFolder.at(landing_url).folders():
        if folder not in SOURCES:
            message = f"{folder}: no source of that name has contracts; its files are left alone. "
            reports.append(LoadReport(folder, "", messages=[message + did_you_mean(folder, SOURCES)]))
    return reports


def prepare_raw_tables(warehouse: Warehouse) -> None:
    """Make every raw table that is missing, of all sources: dbt builds on tables that nothing has landed in, too."""
    with warehouse.write() as con:
        merge.ensure_raw_tables(con)


def land_source(
    warehouse: Warehouse,
    landing_url: str | None,
    source: str,
    *,
    only: Collection[str] | None = None,
    databases: Sequence[Database] = (),
    settle_seconds: float = SETTLE_SECONDS,
    now: dt.datetime | None = None,
) -> list[LoadReport]:
    """Merge what has arrived under `<landing_url>/<source>/<table>/` into `raw_<source>.<table>`.

    Returns one report a table, in the order of the contracts; `only` names the tables
    to land, where not all of the source's are wanted. `databases` are read for tables of this source; a landing URL of
    None leaves it at those. Files younger than `settle_seconds`, or with a
    suffix of unfinished downloads, wait. The warehouse is open only for short transactions, of one large file or of
    several small ones, and not at all where nothing lies.

    Raises:
        ContractError: The source is unknown.
        WarehouseError: The warehouse file cannot be opened.
        UnreachableError: The landing URL cannot be reached; nothing has been landed.
    """
    contracts = [contract for contract in contracts_for(source) if only is None or contract.table in only]
    now = now or dt.datetime.now(dt.UTC)
    folder = LandingFolder.at(landing_url) if landing_url else None
    if source == "weekly_csv":
        return _land_weekly_csv(warehouse, folder, landing_url, settle_seconds, now) if folder and landing_url else []
    found = {
        contract.table: folder.list(source, contract.table, settle_seconds=settle_seconds, now=now) if folder else []
        for contract in contracts
    }
    asked = {contract.table: [each for each in databases if each.reads(contract)] for contract in contracts}
    known = _known(warehouse, [each for each in contracts if found[each.table] or asked[each.table]])
    reports = [LoadReport(source, contract.table) for contract in contracts]
    for contract, report in zip(contracts, reports, strict=True):
        if contract.table not in known:
            continue
        contents, stamps = known[contract.table]
        with Writes(warehouse, contract, contents, report, now) as writes:
            if asked[contract.table]:
                from warehouse.databases.land import land_tables

                land_tables(asked[contract.table], writes)
            for file in found[contract.table]:
                if file.stamp in stamps:
                    report.skipped.append(file.name)
                else:
                    _land_file(folder, file, writes)
    if folder is None:
        return reports
    tables = [contract.table for contract in contracts_for(source)]
    for name in folder.folders(source):
        if name not in tables:
            message = f"{source}/{name}: no contract for that table; its files are left alone. "
            reports.append(LoadReport(source, name, messages=[message + did_you_mean(name, tables)]))
    return reports + _misplaced(folder, source, tables[0])


def _known(warehouse: Warehouse, contracts: Sequence[TableContract]) -> dict[str, tuple[set[str], set[str]]]:
    """Of each table the contents that it has and the stamps of their files; nothing is opened where nothing lies."""
    if not contracts:
        return {}
    try:
        return _read_known(warehouse, contracts)
    except (MissingWarehouseError, duckdb.CatalogException):  # nothing has landed here yet
        prepare_raw_tables(warehouse)
        return _read_known(warehouse, contracts)


def _read_known(warehouse: Warehouse, contracts: Sequence[TableContract]) -> dict[str, tuple[set[str], set[str]]]:
    with warehouse.read() as con:
        return {
            contract.table: (load_log.loaded_hashes(con, contract), seen.seen_stamps(con, contract))
            for contract in contracts
        }


def _land_weekly_csv(
    warehouse: Warehouse, folder: LandingFolder, landing_url: str, settle_seconds: float, now: dt.datetime
) -> list[LoadReport]:
    if not folder.folders("weekly_csv"):
        return _misplaced(folder, "weekly_csv", "<data set>")
    from warehouse.weekly_csv import land_weekly_csv

    with warehouse.write() as con:
        merge.ensure_raw_tables(con)
        at = load_log.next_moment(con, now)
    report = land_weekly_csv(warehouse, landing_url, settle_seconds=settle_seconds, now=now, at=at)
    return [report, *_misplaced(folder, "weekly_csv", "<data set>")]


def _misplaced(folder: LandingFolder, source: str, example: str) -> list[LoadReport]:
    """A report for each file that lies beside the folders in which files are looked for."""
    return [
        LoadReport(
            source, "", messages=[f"{source}/{name}: lies outside a folder; move it to {source}/{example}/{name}."]
        )
        for name in folder.loose_files(source)
    ]


def _land_file(folder: LandingFolder, file: LandedFile, writes: Writes) -> None:
    if not file.is_settled:
        writes.report.waiting.append(file.name)
        return
    try:
        format_name = file.readable_format()
        copy = folder.copy_unless_changed(file, writes.scratch())
    except FileRejectedError as error:
        writes.refuse(file.name, f"{file.size}", error)
        return
    if copy is None:
        writes.report.waiting.append(file.name)
        return
    # Without a time of change a file of the same size may be another one.
    writes.add(file.name, copy, format_name, stamp=file.stamp if file.modified else None)
