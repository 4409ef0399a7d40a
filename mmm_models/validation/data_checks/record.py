"""What one look at one series gives: a figure, its limit, a verdict, and what to do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "info", "warn", "severe"]
# From the worst to the best, as findings are listed.
VERDICTS: tuple[Verdict, ...] = ("severe", "warn", "info", "pass")


@dataclass(frozen=True)
class DataCheck:
    """One check of one series, or of a pair, in one market.

    `series` and `other_series` are a channel, `control:<name>` or `outcome:<name>`; None stands for the whole market.
    `value` is nan where it cannot be told. `info` has nothing to mend: good to know, or impossible to judge.
    `advice` says what, where, how much, and what to do.
    """

    check: str
    market: str
    series: str | None
    other_series: str | None
    value: float
    threshold: float
    verdict: Verdict
    advice: str

    @property
    def is_finding(self) -> bool:
        """Whether somebody should look at it."""
        return self.verdict in ("warn", "severe")


def judged(
    check: str,
    market: str,
    series: str | None,
    found: str,
    remedy: str,
    *,
    value: float,
    threshold: float,
    verdict: Verdict,
    other_series: str | None = None,
) -> DataCheck:
    """A record whose advice is '<market>: <found>. <remedy>'; a pass has nothing to remedy."""
    advice = f"{market}: {found}. {'Nothing to do.' if verdict == 'pass' else remedy}"
    return DataCheck(check, market, series, other_series, float(value), float(threshold), verdict, advice)


def not_above(value: float, limit: float, severe: float | None = None) -> Verdict:
    """The verdict on a figure that should be small: `warn` above `limit`, and `severe` from `severe` on, if given."""
    if value <= limit:
        return "pass"
    return "severe" if severe is not None and value >= severe else "warn"


def not_below(value: float, limit: float) -> Verdict:
    """The verdict on a figure that should be large: `warn` below `limit`."""
    return "pass" if value >= limit else "warn"


def worst_first(records: Sequence[DataCheck]) -> list[DataCheck]:
    """By verdict, then in the order in which the checks came, then by how many times beyond its limit a value is."""
    order = {check: place for place, check in enumerate(dict.fromkeys(record.check for record in records))}

    def excess(record: DataCheck) -> float:
        size = abs(record.value)
        return abs(math.log(size / record.threshold)) if size > 0 and record.threshold > 0 else 0.0

    return sorted(records, key=lambda r: (VERDICTS.index(r.verdict), order[r.check], -excess(r)))
