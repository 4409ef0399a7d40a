"""Public holidays and big shopping days of the demo's countries, from their rules, without a data file."""

from datetime import date, timedelta


def easter_sunday(year: int) -> date:
    """Gregorian Easter by the anonymous (Meeus/Jones/Butcher) algorithm."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th Monday (0) to Sunday (6) of a month; n = -1 is the last."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def holidays(country_code: str, year: int) -> set[date]:
    """Days on which the country shops differently. Raises ValueError for a country without a calendar."""
    thanksgiving = nth_weekday(year, 11, 3, 4)
    black_friday, cyber_monday = thanksgiving + timedelta(days=1), thanksgiving + timedelta(days=4)
    match country_code:
        case "US":
            return {
                date(year, 1, 1),
                nth_weekday(year, 2, 0, 3),
                nth_weekday(year, 5, 0, -1),
                date(year, 7, 4),
                nth_weekday(year, 9, 0, 1),
                thanksgiving,
                black_friday,
                cyber_monday,
                date(year, 12, 25),
            }
        case "DE":
            easter = easter_sunday(year)
            moving = {easter + timedelta(days=offset) for offset in (-2, 1, 39, 50)}
            fixed = {date(year, m, d) for m, d in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
            return moving | fixed | {black_friday, cyber_monday}
        case _:
            raise ValueError(f"no holiday calendar for country {country_code!r}; add one in worlds/calendars.py")
