"""Which regions a test treated, when, and what it wants to know: rows of the treatment table."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mmm_models.errors import EvidenceError

Estimator = Literal["synthetic_control", "difference_in_differences"]
# Arms that are not treated: regions to compare with, and regions to leave out.
CONTROL, EXCLUDED = "control", "excluded"


class GeoTest(BaseModel):
    """One geo test: its regions by arm, its window, and who answers for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    test_id: str = Field(min_length=1)
    channel: str = Field(min_length=1)
    market: str = Field(min_length=1)
    outcome: str = Field(min_length=1)
    design: str = "geo lift"
    arms: dict[str, tuple[str, ...]]
    control: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    start_date: date
    end_date: date
    followup_end: date | None = None
    pre_start_date: date | None = None
    estimator: Estimator = "synthetic_control"
    randomised: bool | None = None
    in_outcome: bool | None = None
    pre_registration: str = ""
    role: Literal["calibrate", "validate"] = "calibrate"
    owner: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.arms:
            raise ValueError(f"it treats no unit; give at least one an arm other than {CONTROL!r} and {EXCLUDED!r}")
        if self.end_date < self.start_date:
            raise ValueError(f"end_date {self.end_date} is before start_date {self.start_date}; correct the dates")
        if self.followup_end is not None and self.followup_end < self.end_date:
            raise ValueError(f"followup_end {self.followup_end} is before end_date {self.end_date}; correct the dates")
        if self.pre_start_date is not None and self.pre_start_date >= self.start_date:
            raise ValueError(f"pre_start_date {self.pre_start_date} is not before start_date {self.start_date}")
        return self

    @property
    def treated(self) -> tuple[str, ...]:
        """All treated regions."""
        return tuple(unit for units in self.arms.values() for unit in units)

    @property
    def counted_to(self) -> date:
        """Last day on which the outcome is counted."""
        return self.followup_end or self.end_date

    def overlaps(self, other: "GeoTest") -> bool:
        """Did the other test change spend while this one counted?"""
        return other.start_date <= self.counted_to and self.start_date <= other.counted_to

    def blocks(self, first: date, last: date) -> list[tuple[date, date]]:
        """Spans of seven days from `first`; the last ends with `last`."""
        starts = [first + timedelta(days=day) for day in range(0, (last - first).days + 1, 7)]
        return [(start, min(start + timedelta(days=6), last)) for start in starts]


def read_geo_tests(rows: Iterable[Mapping[str, Any]]) -> list[GeoTest]:
    """Tests from rows, one a test and unit; what concerns the whole test may stand in one row or in all.

    Raises:
        EvidenceError: a unit stands twice in a test, rows contradict each other, or the test contradicts itself.
    """
    by_test: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        given = {str(key): value for key, value in row.items() if not _is_blank(value)}
        by_test.setdefault(str(given.get("test_id", "")), []).append(given)
    return [_test(test_id, given) for test_id, given in by_test.items()]


def _test(test_id: str, rows: list[dict[str, Any]]) -> GeoTest:
    units = [str(row.get("unit", "")) for row in rows]
    if twice := sorted({unit for unit in units if units.count(unit) > 1}):
        raise EvidenceError(f"geo test {test_id}: unit {twice[0]!r} stands {units.count(twice[0])} times; keep one row")
    by_arm: dict[str, tuple[str, ...]] = {}
    for unit, row in zip(units, rows, strict=True):
        arm = str(row.get("arm", "treated"))
        by_arm[arm] = (*by_arm.get(arm, ()), unit)
    facts: dict[str, Any] = {}
    for row in rows:
        for key, value in row.items():
            if key in ("unit", "arm", "updated_at"):
                continue
            if facts.setdefault(key, value) != value:
                raise EvidenceError(
                    f"geo test {test_id}: {key} is {facts[key]} in one row and {value} in that of {row.get('unit')}; "
                    "a test has one"
                )
    groups = {"control": by_arm.pop(CONTROL, ()), "excluded": by_arm.pop(EXCLUDED, ()), "arms": by_arm}
    try:
        return GeoTest.model_validate({**facts, **groups})
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, problem['loc']))} {problem['msg']}".strip() for problem in error.errors()]
        raise EvidenceError(f"geo test {test_id}: {'; '.join(problems).replace('Value error, ', '')}") from None


def _is_blank(value: Any) -> bool:
    return value is None or value == "" or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))
