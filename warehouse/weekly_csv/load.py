"""Lands the data sets below `landing/weekly_csv/`: a folder each, with `mapping.yaml` and one or more CSVs.

The folder is the whole truth about its data set. It is loaded in one transaction or, with any problem, not at
all (a model cannot use half a panel): what was loaded before then stays.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa

from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS
from warehouse.errors import FileRejectedError, MappingError, WarehouseError
from warehouse.landing import quarantine, superseded
from warehouse.landing.discover import LandedFile, LandingFolder
from warehouse.landing.load_log import log_load
from warehouse.landing.origin import Origin, origin_of
from warehouse.landing.quarantine import Problem
from warehouse.landing.report import FileResult, LoadReport
from warehouse.weekly_csv.mapping import WeeklyMapping
from warehouse.weekly_csv.rows import WeekRow, event_controls, missing_weeks, monday_of, read_weekly_file

SOURCE = "weekly_csv"
OBSERVATIONS = CONTRACTS[SOURCE, "observations"]
MAPPING_FILES = ("mapping.yaml", "mapping.yml")
_UNMAPPED_NAMED = 8


@dataclass(frozen=True)
class Dataset:
    """A folder that can be loaded: its rows by file name, later files last."""

    name: str
    mapping: WeeklyMapping
    rows: dict[str, list[WeekRow]]
    notes: list[str]


class DatasetRejectedError(WarehouseError):
    """Nothing of a data set is loaded; `problems` by file."""

    def __init__(self, problems: dict[str, list[Problem]]) -> None:
        super().__init__(f"{sum(map(len, problems.values()))} problems")
        self.problems = problems


def land_weekly_csv(
    warehouse: Warehouse, landing_url: str, *, settle_seconds: float, now: dt.datetime, at: dt.datetime
) -> LoadReport:
    """Load every data set whose folder has changed into `raw_weekly_csv.observations`; files are named by folder.

    `now` tells which files have settled, `at` stamps the rows.
    """
    folder = LandingFolder.at(landing_url)
    report = LoadReport(SOURCE, OBSERVATIONS.table)
    for name in folder.folders(SOURCE):
        files = folder.list(SOURCE, name, settle_seconds=settle_seconds, now=now)
        if waiting := [file.name for file in files if not file.is_settled]:
            report.waiting += waiting
        elif files:
            _land_dataset(warehouse, folder, name, files, report, at)
    return report


def _land_dataset(
    warehouse: Warehouse,
    folder: LandingFolder,
    name: str,
    files: list[LandedFile],
    report: LoadReport,
    at: dt.datetime,
) -> None:
    place = f"{SOURCE}/{name}"
    with tempfile.TemporaryDirectory(prefix="mixhouse-landing-") as scratch:
        copies, hashes = {}, []
        try:
            for position, file in enumerate(files):
                target = Path(scratch) / str(position)
                target.mkdir()
                copy = folder.copy(file, target)
                copies[file.name] = copy.path
                hashes.append(copy.sha256)
        except FileRejectedError as error:
            origin = origin_of(OBSERVATIONS, place, str(error), at)
            _reject(warehouse, origin, {error.file: [Problem.of_file(error)]}, report)
            return
        if not all(folder.is_unchanged(file) for file in files):
            report.waiting.append(place)
            return
        sha256 = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
        origin = origin_of(OBSERVATIONS, place, sha256, at)
        with warehouse.read() as con:
            if _latest_hash(con, place) == sha256:
                report.skipped.append(place)
                return
        try:
            dataset = read_dataset(name, copies)
        except DatasetRejectedError as rejected:
            _reject(warehouse, origin, rejected.problems, report)
            return
    with warehouse.write() as con:
        result = _merge(con, origin, sha256, dataset)
    report.count(result)
    report.messages += [f"{place}: {note}" for note in dataset.notes]


def read_dataset(name: str, copies: dict[str, Path]) -> Dataset:
    """Read the local copies of a data set's files, by file name and in order of arrival.

    Raises:
        DatasetRejectedError: no mapping or no CSV, an unreadable file or cell, or weeks missing between the first
            and the last.
    """
    mapping_file = next((file for file in copies if PurePosixPath(file).name in MAPPING_FILES), None)
    place = f"{SOURCE}/{name}"
    if mapping_file is None:
        remedy = "Write one beside the CSV; examples/weekly_csv holds two to start from."
        raise DatasetRejectedError({place: [Problem(None, None, None, "mapping.yaml is missing.", remedy)]})
    try:
        mapping = WeeklyMapping.from_yaml(copies[mapping_file].read_text(encoding="utf-8"), file=mapping_file)
    except (MappingError, UnicodeDecodeError) as error:
        problem = Problem(None, None, None, str(error), "Correct mapping.yaml.")
        raise DatasetRejectedError({mapping_file: [problem]}) from error
    problems: dict[str, list[Problem]] = {}
    rows: dict[str, list[WeekRow]] = {}
    notes = []
    for file, path in copies.items():
        if file == mapping_file:
            continue
        try:
            if not file.lower().endswith((".csv", ".csv.gz")):
                raise FileRejectedError("the format is not one that can be read.", remedy="Deliver .csv or .csv.gz.")
            content = read_weekly_file(path, mapping)
        except FileRejectedError as error:
            problems[file] = [Problem.of_file(error)]
            continue
        if content.problems:
            problems[file] = content.problems
        rows[file] = content.rows
        if content.unmapped:
            shown = ", ".join(content.unmapped[:_UNMAPPED_NAMED])
            more = len(content.unmapped) - _UNMAPPED_NAMED
            notes.append(f"columns left out by the mapping: {shown}{f' and {more} more' if more > 0 else ''}.")
    if not copies.keys() - {mapping_file}:
        problems[place] = [Problem(None, None, None, "there is no CSV beside mapping.yaml.", "Deliver one.")]
    every = [row for file_rows in rows.values() for row in file_rows]
    # Holes are only meaningful once every delivered row could be read.
    if not problems and (holes := missing_weeks(every, mapping)):
        problems[place] = holes
    if problems:
        raise DatasetRejectedError(problems)
    if mapping.week_starts_on != "monday":
        shift = (monday_of(every[0].start) - every[0].start).days
        turn = f"{abs(shift)} day{'s' if abs(shift) > 1 else ''} {'later' if shift > 0 else 'earlier'}"
        notes.append(f"weeks start on {mapping.week_starts_on}; each is labelled by the nearest Monday, {turn}.")
    return Dataset(name, mapping, rows, notes)


def _merge(con: duckdb.DuckDBPyConnection, origin: Origin, sha256: str, dataset: Dataset) -> FileResult:
    """Make the raw rows of the data set equal to the folder; rows whose figure stays keep their load stamp."""
    incoming = _observations(dataset)
    keys = " and ".join(f'held."{name}" = incoming."{name}"' for name in OBSERVATIONS.key)
    columns = ", ".join(f'"{name}"' for name in OBSERVATIONS.column_names)
    con.register("incoming", incoming)
    con.execute(
        f"""
        create or replace temp table gone as
        select held.rowid as held from {OBSERVATIONS.raw_name} as held
        where held.dataset = $dataset and not exists (
            select 1 from incoming
            where {keys} and held.value = incoming.value and held.currency is not distinct from incoming.currency
        )
        """,
        {"dataset": dataset.name},
    )
    superseded.supersede(con, OBSERVATIONS, "select held from gone", origin.at)
    [merged] = con.execute(
        f"""
        insert into {OBSERVATIONS.raw_name} ({columns}, _source_file, _batch_id, _loaded_at)
        select {columns}, source_file, $batch_id, $at from incoming
        where not exists (select 1 from {OBSERVATIONS.raw_name} as held where {keys})
        """,
        {"batch_id": origin.batch_id, "at": origin.at},
    ).fetchone()
    con.execute("drop table gone")
    con.unregister("incoming")
    weeks = incoming.column("week_start").to_pylist()
    series = incoming.num_rows // _distinct_weeks(dataset)
    read = series * sum(len(rows) for rows in dataset.rows.values())
    result = FileResult(
        file=origin.file,
        rows_read=read,
        rows_merged=merged,
        rows_unchanged=incoming.num_rows - merged,
        rows_older=read - incoming.num_rows,
        rows_quarantined=0,
        min_date=min(weeks),
        max_date=max(weeks),
    )
    log_load(con, origin, sha256, result)
    return result


def _distinct_weeks(dataset: Dataset) -> int:
    return len({(row.start, row.market) for rows in dataset.rows.values() for row in rows})


def _observations(dataset: Dataset) -> pa.Table:
    """Long rows of the contract's columns plus `source_file`; of a week in several files the latest file counts."""
    mapping = dataset.mapping
    kept: dict[tuple[dt.date, str], tuple[str, WeekRow]] = {}
    for file, rows in dataset.rows.items():
        for row in rows:
            kept[row.start, row.market] = (file, row)
    files = {id(row): file for file, row in kept.values()}
    rows = [row for _, row in kept.values()]
    figures = [(row, role, name, value) for row in rows for (role, name), value in row.figures.items()]
    figures += [(row, "control", name, value) for row, name, value in event_controls(rows, mapping)]
    return pa.table(
        {
            "dataset": pa.array([dataset.name] * len(figures), pa.string()),
            "week_start": pa.array([monday_of(row.start) for row, *_ in figures], pa.date32()),
            "market": pa.array([row.market for row, *_ in figures], pa.string()),
            "role": pa.array([role for _, role, _, _ in figures], pa.string()),
            "name": pa.array([name for _, _, name, _ in figures], pa.string()),
            "value": pa.array([value for *_, value in figures], pa.float64()),
            "currency": pa.array([mapping.currency] * len(figures), pa.string()),
            "source_file": pa.array([files[id(row)] for row, *_ in figures], pa.string()),
        }
    )


def _latest_hash(con: duckdb.DuckDBPyConnection, place: str) -> str | None:
    row = con.execute(
        "select file_sha256 from raw_meta.loads where source = ? and source_file = ? "
        "order by loaded_at desc, rowid desc limit 1",
        [SOURCE, place],
    ).fetchone()
    return row[0] if row else None


def _reject(warehouse: Warehouse, origin: Origin, problems: dict[str, list[Problem]], report: LoadReport) -> None:
    with warehouse.write() as con:
        for file, of_file in problems.items():
            at_file = Origin(origin.source, origin.table, file, origin.batch_id, origin.at)
            quarantine.write_problems(con, at_file, of_file)
    report.rejected.append(origin.file)
    for file, of_file in problems.items():
        report.messages += quarantine.messages_of(of_file, file)
