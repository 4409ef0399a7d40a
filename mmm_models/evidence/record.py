"""One experiment of any design, as the measurement team writes it down: a row of the sheet, or a YAML mapping."""

import hashlib
import json
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from scipy.special import ndtri

from mmm_models.evidence.parts import Arm, Listed, Readout, SpendPeriod
from mmm_models.evidence.record_checks import check_record
from mmm_models.spec.designs import Family, family_of

Status = Literal["draft", "submitted", "approved", "superseded", "revoked"]
# Who holds it, and what only others may say of it: no part of what was measured.
_NOT_MEASURED = {"status", "owner", "reviewer", "updated_at"}


class LiftTest(BaseModel):
    """A measured change of the outcome after a known change of spend.

    Money and outcome are totals of the treated units, which are `unit_share` of the market: `spend_baseline` and
    `spend_delta` over start_date..end_date (both included), `lift` over start_date..followup_end. A go-dark test has a
    negative `spend_delta` and, as a rule, a negative `lift`; a noisy reading may have the other sign and is kept as it
    is. In a conversion lift the people held out see nothing: `spend_baseline` is 0 and `spend_delta` what was spent on
    those who saw it. In a switchback `lift` is the outcome of blocks that are on less that of blocks that are off,
    brought to as many days.

    `spend_path` says more than the two totals, `readouts` (with `covariance`, in their order) more than `lift` and
    `lift_se`: what is left out follows from them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    test_id: str = Field(min_length=1, description="Test.")
    channel: str = Field(min_length=1, description="Channel tested; several joined by '+'.")
    market: str = Field(min_length=1, description="Market tested.")
    design: str = Field("", description="geo lift, go-dark, heavy-up, conversion lift, switchback.")
    units: str = Field("", description="Treated regions or audiences.")
    unit_share: float = Field(1.0, gt=0, le=1, description="Share of the market that the treated units are.")
    start_date: date = Field(description="First day of the change of spend.")
    end_date: date = Field(description="Last day of the change of spend, included.")
    followup_end: date | None = Field(None, description="Last day on which the outcome was counted; null: end_date.")
    outcome: str = Field(min_length=1, description="Outcome counted.")
    spend_baseline: float = Field(ge=0, allow_inf_nan=False, description="Money in the window, business as usual.")
    spend_delta: float = Field(allow_inf_nan=False, description="Change of money in the window, signed.")
    spend_delta_planned: float | None = Field(None, allow_inf_nan=False, description="Change that was planned.")
    lift: float | None = Field(None, allow_inf_nan=False, description="Change of the outcome, signed; none in a draft.")
    lift_se: float | None = Field(None, gt=0, allow_inf_nan=False, description="Standard error of the lift.")
    lift_low: float | None = Field(None, allow_inf_nan=False, description="Lower end of its interval.")
    lift_high: float | None = Field(None, allow_inf_nan=False, description="Upper end of its interval.")
    interval_level: float = Field(0.90, gt=0, lt=1, description="Level of that interval.")
    estimand: Literal["during+tail", "during"] = Field(
        "during+tail", description="'during' counts the window only and misses the carryover after it."
    )
    spend_path: Listed[SpendPeriod] = Field([], description="Spend by periods of the window.")
    readouts: Listed[Readout] = Field([], description="Lift by week or arm.")
    covariance: Listed[list[float]] = Field([], description="Of the readouts, in their order.")
    arms: Listed[Arm] = Field([], description="Groups of treated units with changes of their own.")
    burn_in_days: int = Field(0, ge=0, description="Days at the start of a switchback's blocks that are not counted.")
    in_outcome: bool | None = Field(
        None, description="Are the test's own weeks and units part of the outcome that models explain? null: unknown."
    )
    estimator: str = Field("", description="How the lift was estimated.")
    estimator_version: str = Field("", description="Version of it.")
    pre_registration: str = Field("", description="Where design and analysis were written down before the test.")
    data_hash: str = Field("", description="sha256 of the data that were read out.")
    randomised: bool | None = Field(None, description="Did chance decide who was treated?")
    pre_fit_error: float | None = Field(None, ge=0, description="Error of the comparison before the test, as a share.")
    power: float | None = Field(None, ge=0, le=1, description="Power at the effect that was expected.")
    contamination: float | None = Field(None, ge=0, le=1, description="Share of controls that saw the change too.")
    comparisons: int | None = Field(None, ge=1, description="Outcomes and cuts that were looked at.")
    supersedes: str = Field("", description="Test that this one replaces.")
    expires: date | None = Field(None, description="Last day on which models may use it; null: see the model's policy.")
    status: Status = Field("draft", description="Governance: only approved tests reach a model.")
    role: Literal["calibrate", "validate"] = Field(
        "calibrate", description="'validate' tests are kept out of every likelihood, to check models on."
    )
    owner: str | None = Field(None, description="Who ran it.")
    reviewer: str | None = Field(None, description="Who approved it.")
    updated_at: datetime | None = Field(None, description="When the row last changed, UTC.")

    @field_validator("*", mode="before")
    @classmethod
    def _default_for_missing(cls, value: Any, info: Any) -> Any:
        """An empty cell of a sheet is a field left out."""
        field = cls.model_fields[info.field_name]
        return field.get_default() if value is None and not field.is_required() else value

    @model_validator(mode="before")
    @classmethod
    def _fill_totals(cls, data: Any) -> Any:
        return _with_spend_of_path(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _check(self) -> "LiftTest":
        check_record(self)
        for name, value in (("lift", self._total_lift()), ("lift_se", self._total_error())):
            object.__setattr__(self, name, value)
        if self.status != "draft" and (self.lift is None or self.lift_se is None):
            raise ValueError(
                f"status is {self.status!r} and there is no lift with its standard error; give lift and lift_se (or "
                "lift_low and lift_high, or readouts), or keep it a draft"
            )
        return self

    @property
    def channels(self) -> list[str]:
        """The channels tested together."""
        return [name.strip() for name in self.channel.split("+")]

    @property
    def family(self) -> Family:
        """Family of the design."""
        return family_of(self.design)

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
        last = self.end_date if self.estimand == "during" else self.followup_end or self.end_date
        return max([last, *(readout.end_date for readout in self.readouts)])

    @property
    def is_read_out(self) -> bool:
        """Has it been measured?"""
        return self.lift is not None and self.lift_se is not None

    def record_hash(self) -> str:
        """sha256 of what was measured and how; who holds it and its state do not count."""
        data = self.model_dump(mode="json", exclude=_NOT_MEASURED, exclude_defaults=True)
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def readout_covariance(self) -> np.ndarray | None:
        """Covariance of the readouts (readout, readout); None without readouts."""
        if not self.readouts:
            return None
        if self.covariance:
            return np.array(self.covariance, dtype=float)
        return np.diag([float(readout.lift_se or np.nan) ** 2 for readout in self.readouts])

    def _total_lift(self) -> float | None:
        if self.lift is not None or not self.readouts:
            if self.lift is None and self.lift_low is not None and self.lift_high is not None:
                return (self.lift_low + self.lift_high) / 2
            return self.lift
        return sum(readout.lift for readout in self.readouts)

    def _total_error(self) -> float | None:
        if self.lift_se is not None:
            return self.lift_se
        if self.lift_low is not None and self.lift_high is not None:
            return (self.lift_high - self.lift_low) / (2 * float(ndtri(0.5 + self.interval_level / 2)))
        covariance = self.readout_covariance()
        return None if covariance is None else float(np.sqrt(covariance.sum()))


def _with_spend_of_path(data: dict[str, Any]) -> dict[str, Any]:
    """Totals of a spend path, or of arms, where they are left out; what is no such list is left for its field."""
    given = {key: value for key, value in data.items() if value is not None and value != ""}
    if {"spend_baseline", "spend_delta"} <= given.keys():
        return data
    for key, baseline, delta in (
        ("spend_path", lambda row: float(row["baseline"]), lambda row: float(row["actual"]) - float(row["baseline"])),
        ("arms", lambda row: float(row["spend_baseline"]), lambda row: float(row["spend_delta"])),
    ):
        rows = given.get(key)
        try:
            rows = json.loads(rows) if isinstance(rows, str) else rows
            if rows:
                rows = [row if isinstance(row, dict) else row.model_dump() for row in rows]
                totals = {"spend_baseline": sum(map(baseline, rows)), "spend_delta": sum(map(delta, rows))}
                return {**data, **{name: given.get(name, total) for name, total in totals.items()}}
        except (KeyError, TypeError, ValueError, AttributeError):
            return data
    return data
