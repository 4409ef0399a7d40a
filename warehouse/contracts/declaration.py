"""The form of a connector's YAML file, `warehouse/connectors/<source>.yaml`: the one place that describes an export.

Contracts, raw tables, validation, dbt sources, the seed of feeds, Dagster assets and templates follow from it.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.contracts.base import Column, TableContract
from warehouse.contracts.checks import (
    CURRENCY,
    NO_EMAIL_ADDRESS,
    NO_SEVERAL_WORDS,
    NOT_NEGATIVE,
    PLAUSIBLE_DATE,
    POSITIVE,
    WHOLE_IDENTIFIER,
    AtMost,
    Matches,
    OneOf,
    PlausibleDate,
    ValueCheck,
)
from warehouse.contracts.personal import holds_contacts
from warehouse.contracts.row_checks import InOrder, OneGroupFilled
from warehouse.errors import ContractError, did_you_mean

Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
# A sentence, as it is shown in the UI and in the published file's docs.
Sentence = Annotated[str, Field(pattern=r"\.$")]
Kind = Literal["identifier", "pseudonym", "text", "currency", "day", "moment", "integer", "number", "flag"]

_DTYPES: dict[str, str] = {
    "day": "date",
    "moment": "timestamp",
    "integer": "bigint",
    "number": "double",
    "flag": "boolean",
}
_CHECKS: dict[str, tuple[ValueCheck, ...]] = {
    "identifier": (WHOLE_IDENTIFIER,),
    "currency": (CURRENCY,),
    "day": (PLAUSIBLE_DATE,),
    "moment": (PLAUSIBLE_DATE,),
}

_SIGNS_OF_A_PERSON: dict[str, tuple[ValueCheck, ...]] = {
    "identifier": (NO_EMAIL_ADDRESS, NO_SEVERAL_WORDS),
    "text": (NO_EMAIL_ADDRESS,),
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnDeclaration(_Strict):
    """One column that is taken.

    Attributes:
        type: identifier (text, so that 17 digits survive), pseudonym (a personal id, of which only a hash enters),
            text, currency (ISO 4217), day, moment (UTC), integer, number, flag.
        required: whether a file without the column is refused; else it is null.
        nullable: whether a row without a value passes.
        unit: unit of a figure as exported; staging converts it.
        signed: whether the figure may be below zero.
        positive: whether it must be above zero.
        at_most: the largest figure that makes sense, such as 1 for a share.
        earliest: the first day that makes sense, where that is before the year 2000.
        one_of: the closed list of texts.
        pattern: regular expression of the whole text.
        what: what `one_of` lists or `pattern` describes, for messages.
        null_strings: texts that this export writes for "no value".
        within: of a pseudonym, the column that it is hashed with, so that it means nothing outside: a visitor within
            a session is another one in the next.
        when_empty: text that stands where there is no value: a segment that may be empty can then be part of a key.
        also_called: other headers of the column, in any case of letters.
    """

    name: Name
    type: Kind
    description: Sentence
    required: bool = True
    nullable: bool = True
    unit: str | None = None
    signed: bool = False
    positive: bool = False
    at_most: float | None = None
    earliest: dt.date | None = None
    one_of: tuple[str, ...] = ()
    pattern: str | None = None
    what: str = "value"
    null_strings: tuple[str, ...] = ()
    within: Name | None = None
    when_empty: str | None = None
    also_called: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _pseudonyms_have_a_within(self) -> ColumnDeclaration:
        if (self.type == "pseudonym") != (self.within is not None):
            raise ValueError("a pseudonym, and nothing else, says `within` which column it is hashed with")
        return self

    def build(self, *, export_is_personal: bool = False) -> Column:
        """The column of the contract; beside personal columns, a text must show no sign of a person."""
        guard = _SIGNS_OF_A_PERSON.get(self.type, ()) if export_is_personal else ()
        return Column(
            self.name,
            _DTYPES.get(self.type, "varchar"),
            self.description,
            required=self.required,
            nullable=self.nullable,
            checks=self._checks() + guard,
            unit=self.unit,
            null_strings=self.null_strings,
            pseudonym_within=self.within,
            when_empty=self.when_empty,
            also_called=self.also_called,
        )

    def _checks(self) -> tuple[ValueCheck, ...]:
        if self.one_of:
            return (OneOf(self.one_of, self.what),)
        if self.pattern:
            return (Matches(self.pattern, self.what),)
        if self.earliest:
            return (PlausibleDate(first=self.earliest),)
        if self.type in ("integer", "number"):
            least = (POSITIVE,) if self.positive else () if self.signed else (NOT_NEGATIVE,)
            return least if self.at_most is None else (*least, AtMost(self.at_most))
        return _CHECKS.get(self.type, ())


class Freshness(_Strict):
    """Days without a new load after which dbt warns, and after which it reports an error."""

    warn_days: int = Field(gt=0)
    error_days: int = Field(gt=0)


class TableDeclaration(_Strict):
    """One table of the export.

    Attributes:
        key: columns that identify a row.
        version: column whose greater value wins among rows of one key.
        date: column from which the load log takes the days that a file covers.
        lookback_days: how far back the source restates.
        largest_drop: share of rows a day that a load may lack against the one before it before the chain stops; null
            where any number of rows is right.
        freshness: where it differs from the source's.
        in_order: pairs of columns of which the first is never after the second.
        one_filled: groups of columns of which each row fills at least one whole.
        left_out: real columns that are known and not taken, personal data among them. `property_*` stands for all that
            begin so and are not taken.
        footer: how the first line below the data starts. It and all below are no rows, and neither are the totals
            above it.
        marts_read_superseded: whether marts look at what its rows said before they were restated.
    """

    table: Name
    description: Sentence
    key: tuple[Name, ...] = Field(min_length=1)
    version: Name | None = None
    date: Name | None = None
    lookback_days: int = Field(default=30, ge=0)
    largest_drop: float | None = Field(default=0.15, gt=0, lt=1)
    freshness: Freshness | None = None
    columns: tuple[ColumnDeclaration, ...] = Field(min_length=1)
    in_order: tuple[tuple[Name, Name], ...] = ()
    one_filled: tuple[tuple[Name, ...], ...] = ()
    left_out: tuple[str, ...] = ()
    footer: str | None = None
    marts_read_superseded: bool = False

    def build(self, source: str) -> TableContract:
        """The contract of the table."""
        personal = holds_contacts(self.left_out)
        return TableContract(
            source=source,
            table=self.table,
            description=self.description,
            columns=tuple(column.build(export_is_personal=personal) for column in self.columns),
            key=self.key,
            version_column=self.version,
            date_column=self.date,
            also_known=frozenset(self.left_out),
            lookback_days=self.lookback_days,
            largest_drop=self.largest_drop,
            row_checks=(
                *(InOrder(first, second) for first, second in self.in_order),
                *((OneGroupFilled(self.one_filled),) if self.one_filled else ()),
            ),
            footer=self.footer,
        )


class Feed(_Strict):
    """Which table tells what days a source has delivered, and by which clock (the dbt seed `feeds`).

    account_day: days of the account. utc_time: UTC moments, so a local day lies in two. caught_up: UTC moments of a
    list whose next delivery brings what the last one lacked, so that no day up to its newest row is missing. register:
    a full list in which an absent day is no spend.
    """

    table: Name
    clock: Literal["account_day", "utc_time", "caught_up", "register"]


class RawSpend(_Strict):
    """Where the money of a platform stands as exported: "spend in = spend out" starts there. `column` may be SQL."""

    table: Name
    column: str
    micros: bool = False


class Media(_Strict):
    """A source that reports spend.

    Attributes:
        daily: dbt model of its figures by account, campaign and day; by default `stg_<source>__campaign_daily`. It
            carries the account's currency, and is given its market.
        is_located: whether the daily model brings market and currency itself: one must know the market to know the day.
        accounts: dbt model that tells currency and time zone of each account; by default the daily one.
        open_days: dbt model of the days (market, date_day) whose money is not known yet.
        totals: dbt model of the platform's own totals (account_id, date_day, spend_local), from another report than the
            daily model's: what the campaigns should add up to.
        figures: what it reports beside spend. `provisional_local` is the part of the spend that it may take back.
        raw_spend: None where a test of its own compares spend in with spend out.
    """

    daily: Name | None = None
    is_located: bool = False
    accounts: Name | None = None
    has_accounts: bool = True
    open_days: Name | None = None
    totals: Name | None = None
    figures: tuple[Literal["impressions", "clicks", "platform_conversions", "grps", "provisional_local"], ...] = (
        "impressions",
        "clicks",
        "platform_conversions",
    )
    raw_spend: RawSpend | None = None


class Series(_Strict):
    """A source of outcomes, controls or brand figures: `daily` is the dbt model that brings them in one shape.

    Outcomes: market, date_day, outcome, currency, value_local. Controls: market, date_day, control, value. Brand:
    market, wave_start, wave_end, metric, value, sample_size.
    """

    daily: Name


class Connector(_Strict):
    """One source: its tables, and what holds for all of them.

    Attributes:
        media: for sources that report spend.
        outcomes: for sources that report what the business counts.
        controls: for sources of anything else that moves the outcome.
        brand: for surveys.
        in_dbt: whether dbt reads its raw tables.
        core: whether every installation needs it, so that it cannot be disabled.
    """

    source: Name
    description: Sentence
    freshness: Freshness
    feed: Feed | None = None
    media: Media | None = None
    outcomes: Series | None = None
    controls: Series | None = None
    brand: Series | None = None
    in_dbt: bool = True
    core: bool = False
    tables: tuple[TableDeclaration, ...] = Field(min_length=1)

    def contracts(self) -> tuple[TableContract, ...]:
        """The contracts of its tables, in the order in which they are landed.

        Raises:
            ContractError: a table is declared twice or contradicts itself, or the feed names no table.
        """
        names = [table.table for table in self.tables]
        if len(set(names)) != len(names):
            raise ContractError(f"{self.source}: a table is declared twice.")
        spend = self.media.raw_spend if self.media else None
        for what, named in (("feed", self.feed), ("media.raw_spend", spend)):
            if named and named.table not in names:
                raise ContractError(f"{self.source}: {what} names {named.table!r}. {did_you_mean(named.table, names)}")
        return tuple(table.build(self.source) for table in self.tables)

    @classmethod
    def from_yaml(cls, text: str, *, file: str) -> Connector:
        """Read a declaration.

        Raises:
            ContractError: not YAML, an unknown key (with the nearest known one), a wrong or a missing value.
        """
        try:
            raw = yaml.load(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            raise ContractError(f"{file} is not valid YAML: {error}") from error
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise ContractError(f"{file}: " + " ".join(_explain(detail, raw) for detail in error.errors())) from error


# A dozen files are read with every import of the asset graph: the C loader, where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KNOWN = sorted({key for model in _Strict.__subclasses__() for key in model.model_fields})


def _explain(detail: Any, raw: Any) -> str:
    where = ".".join(_labels(detail["loc"], raw))
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {where!r}. {did_you_mean(str(detail['loc'][-1]), _KNOWN)}"
        case "missing":
            return f"key {where!r} is missing."
        case "string_pattern_mismatch" if str(detail["loc"][-1]) == "description":
            return f"key {where!r}: write a sentence that ends with a full stop."
        case "string_pattern_mismatch":
            return f"key {where!r}: {detail['input']!r} is no name; use small letters, digits and underscores."
        case _:
            return f"key {where!r}: {detail['msg']}, not {detail['input']!r}."


def _labels(location: tuple[str | int, ...], raw: Any) -> list[str]:
    """The path of a key with tables and columns called by name instead of by number."""
    labels, here = [], raw
    for part in location:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        named = (here.get("name") or here.get("table")) if isinstance(here, dict) and isinstance(part, int) else None
        labels.append(str(named or part))
    return labels
