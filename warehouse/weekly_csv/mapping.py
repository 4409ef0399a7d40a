"""The `mapping.yaml` of a weekly_csv data set: which column of a wide weekly CSV plays which role."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from warehouse.contracts.currencies import CURRENCIES
from warehouse.errors import MappingError, did_you_mean

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MarketColumn(_Strict):
    """The column that names the market of each row."""

    column: str


class Dummies(_Strict):
    """A text column of named events: one 0/1 control for each distinct text, `none` and blanks aside."""

    column: str
    none: str | None = None


class WeeklyMapping(_Strict):
    """Roles of the columns: names used in models on the left, columns of the CSV on the right.

    `controls` may be a plain list of columns; their names are then the columns in snake case.
    """

    date: str
    date_format: str | None = None
    week_starts_on: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    market: str | MarketColumn
    currency: str
    outcome: dict[Name, str] = Field(min_length=1)
    spend: dict[Name, str] = Field(min_length=1)
    exposure: dict[Name, str] = {}
    controls: dict[Name, str] = {}
    dummies: dict[Name, Dummies] = {}

    @field_validator("controls", mode="before")
    @classmethod
    def _name_listed_columns(cls, value: Any) -> Any:
        return {snake_case(str(column)): str(column) for column in value} if isinstance(value, list) else value

    @field_validator("currency")
    @classmethod
    def _currency_is_known(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError(f"{value!r} is not an ISO 4217 currency. {did_you_mean(value, CURRENCIES)}")
        return value

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        twice = sorted(set(self.controls) & set(self.dummies))
        if twice:
            raise ValueError(f"{', '.join(twice)} is named under controls and under dummies; rename one of them.")
        return self

    @property
    def numbers(self) -> list[tuple[str, str, str]]:
        """(role, name, column) of every column that holds figures."""
        groups = {"outcome": self.outcome, "spend": self.spend, "exposure": self.exposure, "control": self.controls}
        return [(role, name, column) for role, group in groups.items() for name, column in group.items()]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """(mapping key, column) of every column that the mapping refers to."""
        used = [("date", self.date)]
        if isinstance(self.market, MarketColumn):
            used.append(("market", self.market.column))
        used += [(f"{role}.{name}", column) for role, name, column in self.numbers]
        return used + [(f"dummies.{name}", dummy.column) for name, dummy in self.dummies.items()]

    @classmethod
    def from_yaml(cls, text: str, *, file: str = "mapping.yaml") -> WeeklyMapping:
        """Read a mapping.

        Raises:
            MappingError: Not YAML, an unknown key (with the nearest known one), a wrong or missing value.
        """
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise MappingError(f"{file} is not valid YAML: {error}") from error
        if not isinstance(raw, dict):
            raise MappingError(f"{file} must hold keys such as date, outcome and spend; it holds {raw!r}.")
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise MappingError(f"{file}: " + " ".join(_explain(detail) for detail in error.errors())) from error


def snake_case(text: str) -> str:
    """Text as a name: lower case, other signs as single underscores, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"x_{name}".rstrip("_")


def _explain(detail: Any) -> str:
    path = [str(part) for part in detail["loc"] if part != "[key]"]
    key = ".".join(path)
    match detail["type"]:
        case "extra_forbidden":
            known = Dummies.model_fields if path[:1] == ["dummies"] and len(path) > 1 else WeeklyMapping.model_fields
            return f"unknown key {key!r}. {did_you_mean(path[-1], known)}"
        case "missing":
            return f"key {key!r} is missing."
        case "string_pattern_mismatch":
            return f"key {key!r}: names are lower case letters, digits and underscores, such as paid_social."
        case "value_error":
            return f"key {key!r}: {detail['ctx']['error']}" if key else str(detail["ctx"]["error"])
        case _:
            return f"key {key!r}: {detail['msg']}, not {detail['input']!r}."
