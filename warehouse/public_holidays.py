"""Public holidays of the markets' countries as an export of the connector `holidays`, from the package of that name.

The package computes them from rules that it carries: no network, and the same version gives the same list.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from warehouse import remote
from warehouse.errors import WarehouseError

SOURCE, TABLE = "holidays", "public_holiday"
_HEADER = ("country", "date", "holiday", "edition")
_LANGUAGE = "en_US"  # names that do not change with the package's default language of a country


class HolidayError(WarehouseError):
    """There is no list of that country, region or year; names the market and says what to do."""


@dataclass(frozen=True)
class Place:
    """Where a market is: ISO 3166-1 code of its country, and the region whose own holidays count too, if any."""

    market: str
    country: str
    subdivision: str | None = None


def places(markets_csv: Path) -> tuple[Place, ...]:
    """The places of the seed `markets`; a market without a country has none.

    Raises:
        HolidayError: no market has a country.
    """
    with markets_csv.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row.get("country_code")]
    if not rows:
        raise HolidayError(f"{markets_csv}: no market has a country_code. Fill it: holidays are those of a country.")
    return tuple(Place(row["market"], row["country_code"], row.get("subdivision") or None) for row in rows)


def holiday_rows(where: Iterable[Place], years: range) -> list[tuple[str, str, str, str]]:
    """Rows (country or region, day, name, edition) of every place, by place and day; a region's are its own days only.

    Raises:
        HolidayError: the package has no list of a country, of a region, or of one of the years.
    """
    import holidays

    rows: set[tuple[str, str, str, str]] = set()
    for place in where:
        national = _days(place, None, years)
        rows |= {(place.country, day, name, holidays.__version__) for day, name in national}
        if place.subdivision:
            region, known = f"{place.country}-{place.subdivision}", {day for day, _ in national}
            own = {(day, name) for day, name in _days(place, place.subdivision, years) if day not in known}
            rows |= {(region, day, name, holidays.__version__) for day, name in own}
    return sorted(rows)


def _days(place: Place, subdivision: str | None, years: range) -> set[tuple[str, str]]:
    import holidays

    where = f"{place.country}-{subdivision}" if subdivision else place.country
    try:
        # Years that it does not know are left out with a warning: a list without them would say "no holiday".
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            found = holidays.country_holidays(place.country, subdiv=subdivision, years=years, language=_LANGUAGE)
    except NotImplementedError as error:
        raise HolidayError(
            f"Market {place.market}: the package holidays has no list of {where}. Correct country_code or subdivision "
            "in dbt/seeds/markets.csv; what it does not know can be delivered in the controls sheet."
        ) from error
    known = f"Years are known from {found.start_year} to {found.end_year}."
    beyond = years[0] < found.start_year or years[-1] > found.end_year
    if said := [str(warning.message) for warning in warned] or [known] * beyond:
        raise HolidayError(
            f"Market {place.market}: the package holidays has no whole list of {where} from {years[0]} to {years[-1]}: "
            f"{' '.join(said)} Ask for years within them."
        )
    return {(day.isoformat(), name) for day in found for name in found.get_list(day)}


def write_holidays(landing_url: str, where: Iterable[Place], years: range) -> str:
    """Write the list to `landing/holidays/public_holiday/`; the same places, years and package give the same bytes.

    Returns:
        The path or URL of the file.

    Raises:
        HolidayError: see `holiday_rows`.
        UnreachableError: the landing folder is at a URL that cannot be reached.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows(holiday_rows(where, years))
    files, root = remote.open_place(landing_url)
    folder = f"{root}/{SOURCE}/{TABLE}"
    with remote.reaching(landing_url):
        remote.make_folder(files, folder)
        remote.put_whole(files, f"{folder}/{TABLE}.csv", text.getvalue().encode())
    return files.unstrip_protocol(f"{folder}/{TABLE}.csv") if "://" in landing_url else f"{folder}/{TABLE}.csv"
