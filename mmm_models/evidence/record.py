"""One experiment, as the measurement team writes it down: a row of the lift-test sheet."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mmm_models.errors import EvidenceError, did_you_mean

Status = Literal["draft", "submitted", "approved", "revoked"]


class LiftTest(BaseModel):
    """A measured change of the outcome after a known change of one channel's spend in one market.

    Money and outcome are totals of the whole market: `spend_baseline` and `spend_delta` over start_date..end_date (both
    included), `lift` over start_date..followup_end. A go-dark test has a negative `spend_delta` and, as a rule, a
    negative `lift`; a noisy reading may have the other sign and is kept as it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    test_id: str = Field(min_length=1, description="Test.")
    channel: str = Field(min_length=1, description="Channel tested.")
    market: str = Field(min_length=1, description="Market tested; figures are those of the whole market.")
    design: str = Field("", description="geo, holdout, switchback and so on.")
    start_date: date = Field(description="First day of the change of spend.")
    end_date: date = Field(description="Last day of the change of spend, included.")
    followup_end: date | None = Field(None, description="Last day on which the outcome was counted; null: end_date.")
    outcome: str = Field(min_length=1, description="Outcome counted.")
    spend_baseline: float = Field(ge=0, allow_inf_nan=False, description="Money in the window, business as usual.")
    spend_delta: float = Field(allow_inf_nan=False, description="Change of money in the window, signed.")
    lift: float = Field(allow_inf_nan=False, description="Change of the outcome, signed.")
    lift_se: float = Field(gt=0, allow_inf_nan=False, description="Standard error of the lift.")
    estimand: Literal["during+tail", "during"] = Field(
        "during+tail", description="'during' counts the window only and misses the carryover after it."
    )
    status: Status = Field("draft", description="Governance: only approved tests reach a model.")
    role: Literal["calibrate", "validate"] = Field(
        "calibrate", description="'validate' tests are kept out of every likelihood, to check models on."
    )
    owner: str | None = Field(None, description="Who ran it.")
    reviewer: str | None = Field(None, description="Who approved it.")
    updated_at: datetime | None = Field(None, description="When the row last changed, UTC.")

    @field_validator("design", mode="before")
    @classmethod
    def _blank_for_missing(cls, value: Any) -> Any:
        return "" if value is None else value

    @model_validator(mode="after")
    def _check(self) -> "LiftTest":
        if self.end_date < self.start_date:
            raise ValueError(f"end_date {self.end_date} is before start_date {self.start_date}; correct the dates")
        if self.followup_end is not None and self.followup_end < self.end_date:
            raise ValueError(
                f"followup_end {self.followup_end} is before end_date {self.end_date}; leave it empty when the outcome "
                "was counted to the end of the window only"
            )
        if self.spend_delta == 0:
            raise ValueError("spend_delta is 0; a test that moved no money measures nothing. Give the signed change")
        if self.spend_baseline + self.spend_delta < -1e-6 * max(1.0, self.spend_baseline):
            raise ValueError(
                f"spend_delta {self.spend_delta:g} takes away more than spend_baseline {self.spend_baseline:g}; both "
                "are totals over the window, and the spend of the test is their sum"
            )
        return self

    @property
    def days(self) -> int:
        """Length of the window in days."""
        return (self.end_date - self.start_date).days + 1

    @property
    def weeks(self) -> float:
        """Length of the window in weeks; a part of a week counts as its share."""
        return self.days / 7

    @property
    def counted_to(self) -> date:
        """Last day on which the outcome was counted."""
        return self.followup_end or self.end_date


def read_lift_tests(rows: Iterable[Mapping[str, Any]]) -> list[LiftTest]:
    """Read rows of the sheet; the keys are the columns of `LiftTest`.

    Raises:
        EvidenceError: a row that is no test; names the test, the column, the value and what would be right.
    """
    tests = []
    for number, row in enumerate(rows, start=1):
        try:
            tests.append(LiftTest.model_validate(dict(row)))
        except ValidationError as error:
            name = row.get("test_id") or f"in row {number}"
            raise EvidenceError(f"lift test {name}: {'; '.join(map(_sentence, error.errors()))}") from None
    return tests


def _sentence(problem: Mapping[str, Any]) -> str:
    column = ".".join(map(str, problem["loc"]))
    match problem["type"]:
        case "value_error":
            return str(problem["ctx"]["error"])
        case "missing":
            return f"column {column!r} is missing"
        case "extra_forbidden":
            return f"unknown column {column!r}{did_you_mean(column, LiftTest.model_fields)}"
        case _:
            return f"{column} is {problem['input']!r}; {problem['msg'].removeprefix('Input ')}"
