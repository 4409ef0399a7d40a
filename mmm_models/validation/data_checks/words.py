"""Series, weeks and figures as a sentence names them."""

import pandas as pd

_NAMED = 5


def in_words(series: str) -> str:
    """'search' for a channel, 'control promotion' for `control:promotion`, 'revenue' for `outcome:revenue`."""
    role, _, name = series.rpartition(":")
    return f"control {name}" if role == "control" else name


def weeks_in_words(weeks: pd.DatetimeIndex) -> str:
    """'no week', '1 week (2024-01-01)', '7 weeks (the first five, ...)'."""
    if not len(weeks):
        return "no week"
    named = [str(week.date()) for week in weeks[:_NAMED]] + ["..."] * (len(weeks) > _NAMED)
    return f"{len(weeks)} week{'s' * (len(weeks) > 1)} ({', '.join(named)})"


def figure(value: float) -> str:
    """'12,345' for amounts, '0.51' for small figures."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
