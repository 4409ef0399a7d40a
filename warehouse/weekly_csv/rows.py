"""Reads wide weekly CSVs by their mapping: every cell is checked, and every problem is told at once."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.errors import FileRejectedError, did_you_mean
from warehouse.landing.csv_rows import read_csv_rows
from warehouse.landing.quarantine import Problem
from warehouse.weekly_csv.mapping import WEEKDAYS, MarketColumn, WeeklyMapping, snake_case

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_NOT_NEGATIVE = ("spend", "exposure")
_WEEK = dt.timedelta(days=7)
_NAMED_AT_MOST = 10


@dataclass(frozen=True)
class WeekRow:
    """One line of a wide CSV: figures by (role, name), texts of event columns by dummy name."""

    line: int
    start: dt.date
    market: str
    figures: dict[tuple[str, str], float]
    events: dict[str, str | None]


@dataclass
class WeeklyFile:
    """What one CSV holds."""

    rows: list[WeekRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


def read_weekly_file(path: Path, mapping: WeeklyMapping) -> WeeklyFile:
    """Read one CSV; `rows` are only complete when `problems` is empty.

    Raises:
        FileRejectedError: Empty, not CSV, or without a column that the mapping names.
    """
    records = read_csv_rows(path)
    _, header = next(records, (0, []))
    if not header:
        raise FileRejectedError("the file is empty.", remedy="Export again.")
    headers = [name.strip() for name in header]
    _require_columns(headers, mapping)
    used = {column for _, column in mapping.columns}
    file = WeeklyFile(unmapped=[name for name in headers if name not in used])
    for line, fields in records:
        if len(fields) != len(headers):
            file.problems.append(
                Problem(
                    line=line,
                    column=None,
                    value=f"{len(fields)} fields",
                    reason=f"the row has {len(fields)} fields, the header has {len(headers)}.",
                    remedy="Quote values that hold the delimiter, and check whether the line was cut off.",
                )
            )
            continue
        cells = dict(zip(headers, (text.strip() for text in fields), strict=True))
        row, problems = _read_row(line, cells, mapping)
        file.problems += problems
        if row is not None:
            file.rows.append(row)
    if not file.rows and not file.problems:
        raise FileRejectedError("the file has a header and no rows.", remedy="Export again.")
    file.problems += _duplicates(file.rows, mapping) + _wrong_weekdays(file.rows, mapping)
    file.problems.sort(key=lambda problem: problem.line or 0)
    return file


def missing_weeks(rows: list[WeekRow], mapping: WeeklyMapping) -> list[Problem]:
    """A problem for each market whose weeks have a hole between the first and the last."""
    starts: dict[str, set[dt.date]] = defaultdict(set)
    for row in rows:
        starts[row.market].add(row.start)
    problems = []
    for market, held in sorted(starts.items()):
        first, last = min(held), max(held)
        expected = (first + _WEEK * step for step in range((last - first).days // 7 + 1))
        if missing := [week for week in expected if week not in held]:
            named = ", ".join(map(str, missing[:_NAMED_AT_MOST]))
            named += f" and {len(missing) - _NAMED_AT_MOST} more" if len(missing) > _NAMED_AT_MOST else ""
            problems.append(
                Problem(
                    line=None,
                    column=mapping.date,
                    value=named,
                    reason=f"market {market} lacks {len(missing)} of its weeks between {first} and {last}: {named}.",
                    remedy="Add the missing weeks; a week without spend is a row with 0, not a missing row.",
                )
            )
    return problems


def monday_of(start: dt.date) -> dt.date:
    """The Monday nearest to the start of a week: a Sunday week is labelled by the next day."""
    days = start.weekday()
    return start - dt.timedelta(days=days) if days <= 3 else start + dt.timedelta(days=7 - days)


def event_controls(rows: list[WeekRow], mapping: WeeklyMapping) -> list[tuple[WeekRow, str, float]]:
    """(row, control, 0 or 1) for each distinct event of each dummy; the control is `<dummy>_<event>`."""
    result = []
    for dummy in mapping.dummies:
        events = sorted({event for row in rows if (event := row.events[dummy]) is not None})
        for event in events:
            name = f"{dummy}_{snake_case(event)}"
            result += [(row, name, float(row.events[dummy] == event)) for row in rows]
    return result


def _require_columns(headers: list[str], mapping: WeeklyMapping) -> None:
    missing = [(key, column) for key, column in mapping.columns if column not in headers]
    if missing:
        told = " ".join(f"{key} names column {column!r}. {did_you_mean(column, headers)}" for key, column in missing)
        raise FileRejectedError(
            f"columns of the mapping are missing: {told}",
            remedy="Correct mapping.yaml or the export.",
            column=", ".join(column for _, column in missing),
        )
    if twice := sorted({column for _, column in mapping.columns if headers.count(column) > 1}):
        raise FileRejectedError(
            f"the header names {', '.join(twice)} twice.", remedy="Keep one of them.", column=", ".join(twice)
        )


def _read_row(line: int, cells: dict[str, str], mapping: WeeklyMapping) -> tuple[WeekRow | None, list[Problem]]:
    problems: list[Problem] = []
    start = parse_date(cells[mapping.date], mapping.date_format)
    if start is None:
        shape = mapping.date_format or "YYYY-MM-DD"
        value = cells[mapping.date]
        problems.append(
            Problem(
                line,
                mapping.date,
                value,
                f"{value!r} is not a date of the form {shape}.",
                "Correct it, or set date_format in mapping.yaml (such as '%d/%m/%Y').",
            )
        )
    market = mapping.market
    if isinstance(market, MarketColumn):
        column, market = market.column, cells[market.column]
        if not market:
            problems.append(Problem(line, column, "", "the market is missing.", "Name the market of the row."))
    figures: dict[tuple[str, str], float] = {}
    for role, name, column in mapping.numbers:
        value, problem = _read_number(line, role, column, cells[column])
        if problem is not None:
            problems.append(problem)
        else:
            figures[role, name] = value
    if start is None or problems:
        return None, problems
    events = {
        name: text if (text := cells[dummy.column]) and text != dummy.none else None
        for name, dummy in mapping.dummies.items()
    }
    return WeekRow(line, start, market, figures, events), problems


def parse_date(text: str, date_format: str | None) -> dt.date | None:
    """A day, or None where the text is none; `date_format` as of `strptime`, None for ISO dates."""
    try:
        moment = dt.datetime.strptime(text, date_format) if date_format else dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.date() if moment.time() == dt.time() else None


def _read_number(line: int, role: str, column: str, text: str) -> tuple[float, Problem | None]:
    if not text or text.lower() in ("nan", "na", "null", "none"):
        reason = f"the {role} is missing{f' ({text!r})' if text else ''}."
        remedy = "Fill it in; write 0 where it truly is zero."
        return math.nan, Problem(line, column, text, reason, remedy)
    if not _NUMBER.fullmatch(text):
        remedy = "Write digits with a point, without thousands separators or units."
        if role == "control":
            remedy += " A column of names belongs under dummies."
        return math.nan, Problem(line, column, text, f"{text!r} is not a number.", remedy)
    value = float(text)
    if value < 0 and role in _NOT_NEGATIVE:
        remedy = "Correct it; book a credit in the week that it corrects."
        return math.nan, Problem(line, column, text, f"the {role} is negative: {text}.", remedy)
    return value, None


def _duplicates(rows: list[WeekRow], mapping: WeeklyMapping) -> list[Problem]:
    first: dict[tuple[dt.date, str], int] = {}
    problems = []
    for row in rows:
        seen = first.setdefault((row.start, row.market), row.line)
        if seen != row.line:
            reason = f"week {row.start} of market {row.market} stands on line {seen} already."
            problems.append(Problem(row.line, mapping.date, str(row.start), reason, "Keep one row a week and market."))
    return problems


def _wrong_weekdays(rows: list[WeekRow], mapping: WeeklyMapping) -> list[Problem]:
    wanted = WEEKDAYS.index(mapping.week_starts_on)
    wrong = [row for row in rows if row.start.weekday() != wanted]
    counted = Counter(row.start.weekday() for row in rows)
    if wrong and len(counted) == 1:
        is_day = WEEKDAYS[wrong[0].start.weekday()]
        return [
            Problem(
                wrong[0].line,
                mapping.date,
                str(wrong[0].start),
                f"all dates are {is_day}s, the mapping says week_starts_on: {mapping.week_starts_on}.",
                f"Write week_starts_on: {is_day} in mapping.yaml.",
            )
        ]
    return [
        Problem(
            row.line,
            mapping.date,
            str(row.start),
            f"{row.start} is a {WEEKDAYS[row.start.weekday()]}, weeks start on {mapping.week_starts_on}.",
            "Correct the date: every row must be one whole week.",
        )
        for row in wrong
    ]
