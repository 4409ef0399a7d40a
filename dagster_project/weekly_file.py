"""One wide weekly CSV, without a warehouse, as the rows that a panel is cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from warehouse.errors import FileRejectedError, WarehouseError, did_you_mean
from warehouse.landing.csv_rows import read_csv_rows
from warehouse.weekly_csv.mapping import WEEKDAYS, MarketColumn, WeeklyMapping, snake_case
from warehouse.weekly_csv.rows import missing_weeks, monday_of, parse_date, read_weekly_file

_SHOWN = 10
# The market of a file that has no column for it.
ONLY_MARKET = "national"


class WeeklyFileError(WarehouseError):
    """The file cannot be fitted; says where, which value, and what to do."""


@dataclass(frozen=True)
class Columns:
    """Which columns of the file play which role.

    Attributes:
        date: of the week's first day.
        outcome, spend, controls: figures.
        exposure: (channel, its column of impressions, GRPs, reach, frequency or the like).
        organic: media without money, such as mails sent.
        treatments: doings that are no media, such as a price cut.
        population: people of the row's market.
        market: names the market of a row; None where all rows are of one.
        date_format: as `datetime.strptime`; None for ISO dates.
    """

    date: str
    outcome: str
    spend: Sequence[str]
    controls: Sequence[str] = ()
    exposure: Sequence[tuple[str, str]] = ()
    organic: Sequence[str] = ()
    treatments: Sequence[str] = ()
    population: str | None = None
    market: str | None = None
    date_format: str | None = None

    @property
    def by_option(self) -> list[tuple[str, str]]:
        """(option of the command line, column) of each."""
        named = [("--date", self.date), ("--outcome", self.outcome)]
        named += [("--spend", column) for column in self.spend]
        named += [("--controls", column) for column in self.controls]
        named += [("--exposure", column) for _, column in self.exposure]
        named += [("--organic", column) for column in self.organic]
        named += [("--treatments", column) for column in self.treatments]
        named += [("--population", self.population)] if self.population else []
        return named + ([("--market", self.market)] if self.market else [])


def read_rows(file: Path, columns: Columns, currency: str) -> pd.DataFrame:
    """Rows week_start (Mondays), market, role, name, value; names are the columns in small letters with underscores.

    Raises:
        WeeklyFileError: no such file or column, a cell that is no figure or missing, negative spend, a week twice,
            dates that are no weeks, weeks missing between the first and the last. All lines that are wrong are named.
    """
    if not file.is_file():
        raise WeeklyFileError(f"{file}: no such file. Give the path of a CSV.")
    try:
        header, first = _first_lines(file)
        _check_columns(file, header, columns)
        mapping = _mapping(columns, currency, first[header.index(columns.date)] if first else "")
        content = read_weekly_file(file, mapping)
    except FileRejectedError as error:
        raise WeeklyFileError(f"{file.name} {error} {error.remedy}") from error
    problems = content.problems or missing_weeks(content.rows, mapping)
    if problems:
        told = [problem.message(file.name) for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            told.append(f"And {len(problems) - _SHOWN} more.")
        raise WeeklyFileError("\n".join(told).replace("set date_format in mapping.yaml", "give --date-format"))
    return pd.DataFrame(
        [
            (pd.Timestamp(monday_of(row.start)), row.market, role, name, value)
            for row in content.rows
            for (role, name), value in row.figures.items()
        ],
        columns=["week_start", "market", "role", "name", "value"],
    )


def _first_lines(file: Path) -> tuple[list[str], list[str]]:
    lines = read_csv_rows(file)
    _, header = next(lines, (0, []))
    _, first = next(lines, (0, []))
    return [name.strip() for name in header], [text.strip() for text in first]


def _check_columns(file: Path, header: list[str], columns: Columns) -> None:
    for option, column in columns.by_option:
        if column not in header:
            raise WeeklyFileError(
                f"{file.name} has no column {column!r} ({option}). {did_you_mean(column, header)} "
                f"It has: {', '.join(header) or 'none'}."
            )
    names = [column for _, column in columns.by_option]
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise WeeklyFileError(f"Column {twice[0]!r} is given for two roles. Each column plays one.")


def _exposure_name(channel: str, column: str) -> str:
    """A series belongs to the channel that its name begins with."""
    channel, column = snake_case(channel), snake_case(column)
    return column if column.startswith(f"{channel}_") else f"{channel}_{column}"


def _mapping(columns: Columns, currency: str, first_date: str) -> WeeklyMapping:
    day = parse_date(first_date, columns.date_format)
    people = [columns.population] if columns.population else []
    try:
        return WeeklyMapping(
            date=columns.date,
            date_format=columns.date_format,
            # Whole weeks may start on any day; that all do on the same one is checked line by line.
            week_starts_on=WEEKDAYS[day.weekday()] if day else "monday",
            market=MarketColumn(column=columns.market) if columns.market else ONLY_MARKET,
            currency=currency,
            outcome={snake_case(columns.outcome): columns.outcome},
            spend={snake_case(column): column for column in columns.spend},
            exposure={_exposure_name(channel, column): column for channel, column in columns.exposure}
            | {snake_case(column): column for column in columns.organic},
            controls={snake_case(column): column for column in [*columns.controls, *columns.treatments, *people]},
        )
    except ValidationError as error:
        raise WeeklyFileError("; ".join(detail["msg"] for detail in error.errors())) from error
