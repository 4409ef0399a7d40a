"""Parts of an experiment's record: periods of spend, read-outs, arms; each a plain row."""

import json
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Period(_Part):
    start_date: date = Field(description="First day.")
    end_date: date = Field(description="Last day, included.")

    @model_validator(mode="after")
    def _check_order(self) -> "_Period":
        if self.end_date < self.start_date:
            raise ValueError(f"end_date {self.end_date} is before start_date {self.start_date}; correct the dates")
        return self

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.end_date - self.start_date).days + 1


class SpendPeriod(_Period):
    """What the treated units spend over some days: totals of the period."""

    baseline: float = Field(ge=0, allow_inf_nan=False, description="Money under business as usual.")
    actual: float = Field(ge=0, allow_inf_nan=False, description="Money spent.")
    planned: float | None = Field(None, ge=0, allow_inf_nan=False, description="Money that the plan had.")


class Readout(_Period):
    """What was measured over some days: of all treated units, or of one arm."""

    lift: float = Field(allow_inf_nan=False, description="Change of the outcome, signed: the total of the days.")
    lift_se: float | None = Field(None, gt=0, allow_inf_nan=False, description="Standard error; or see `covariance`.")
    arm: str | None = Field(None, description="Arm; null: all treated units.")


class Arm(_Part):
    """Treated units that share a change of spend."""

    arm: str = Field(min_length=1, description="Name.")
    unit_share: float = Field(gt=0, le=1, description="Share of the market that the arm's units are.")
    spend_baseline: float = Field(ge=0, allow_inf_nan=False, description="Money in the window, business as usual.")
    spend_delta: float = Field(allow_inf_nan=False, description="Change of money in the window, signed.")


def _from_text(value: Any) -> Any:
    """A sheet has no lists: there they stand as JSON."""
    if value is None or value == "":
        return []
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg} at character {error.pos}); write a list such as [1, 2]") from None


type Listed[T] = Annotated[list[T], BeforeValidator(_from_text)]
