"""What a contract can demand of a value: each check knows its pandera and SQL form, its reason and its remedy.

pandas and pandera are imported where they are used: the asset graph loads contracts and must load fast.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from warehouse.contracts.currencies import CURRENCIES
from warehouse.errors import nearest

if TYPE_CHECKING:
    import pandera.pandas as pa


class ValueCheck(ABC):
    """A rule on one column. Missing values are the business of `nullable`, not of a check."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the check, unique within a column."""

    @abstractmethod
    def to_pandera(self) -> pa.Check:
        """Return the vectorised check."""

    @abstractmethod
    def fails(self, column: str) -> str:
        """SQL that is true where the value breaks the rule, false or null elsewhere; `column` is a quoted name."""

    @abstractmethod
    def reason(self, column: str, value: str) -> str:
        """Say what is wrong with the value."""

    @abstractmethod
    def remedy(self, column: str, value: str) -> str:
        """Say what to do about it."""


@dataclass(frozen=True)
class AtLeast(ValueCheck):
    """The number is not below `minimum`; with `strict` it is above it."""

    minimum: float
    strict: bool = False

    @property
    @override
    def name(self) -> str:
        return f"{'above' if self.strict else 'at_least'}_{self.minimum:g}"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        if self.strict:
            return pa.Check.gt(self.minimum, name=self.name, error=self.name)
        return pa.Check.ge(self.minimum, name=self.name, error=self.name)

    @override
    def fails(self, column: str) -> str:
        return f"{column} {'<=' if self.strict else '<'} {self.minimum!r}"

    @override
    def reason(self, column: str, value: str) -> str:
        if self.minimum == 0 and not self.strict:
            return f"{column} is negative: {value}."
        return f"{column} is {value}, must be {'above' if self.strict else 'at least'} {self.minimum:g}."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Correct {column} in the source and deliver the row again."


@dataclass(frozen=True)
class AtMost(ValueCheck):
    """The number is not above `maximum`."""

    maximum: float

    @property
    @override
    def name(self) -> str:
        return f"at_most_{self.maximum:g}"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check.le(self.maximum, name=self.name, error=self.name)

    @override
    def fails(self, column: str) -> str:
        return f"{column} > {self.maximum!r}"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} is {value}, must be at most {self.maximum:g}."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Correct {column} in the source, its unit above all, and deliver the row again."


@dataclass(frozen=True)
class OneOf(ValueCheck):
    """The value is one of a closed list."""

    values: tuple[str, ...]
    what: str = "value"

    @property
    @override
    def name(self) -> str:
        return f"known_{self.what.replace(' ', '_')}"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check.isin(list(self.values), name=self.name, error=self.name)

    @override
    def fails(self, column: str) -> str:
        known = ", ".join("'" + value.replace("'", "''") + "'" for value in self.values)
        return f"{column} not in ({known})"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} {value!r} is not a known {self.what}."

    @override
    def remedy(self, column: str, value: str) -> str:
        match = nearest(value, self.values)
        listing = f" One of: {', '.join(self.values)}." if len(self.values) <= 12 else ""
        return (f"Did you mean {match!r}?" if match else f"Use a known {self.what}.") + listing


@dataclass(frozen=True)
class Matches(ValueCheck):
    """The whole text has the form of a regular expression."""

    pattern: str
    what: str = "value"

    @property
    @override
    def name(self) -> str:
        return f"form_of_{self.what.replace(' ', '_')}"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check(
            lambda texts: texts.str.fullmatch(self.pattern).fillna(True).astype(bool), name=self.name, ignore_na=True
        )

    @override
    def fails(self, column: str) -> str:
        pattern = self.pattern.replace("'", "''")
        return f"not regexp_full_match({column}, '{pattern}')"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} {value!r} is no {self.what}."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Write a {self.what} that matches {self.pattern}."


@dataclass(frozen=True)
class PlausibleDate(ValueCheck):
    """The date or timestamp lies in the years that such an export can be about."""

    first: dt.date = dt.date(2000, 1, 1)
    last: dt.date = dt.date(2049, 12, 31)

    @property
    @override
    def name(self) -> str:
        return "plausible_date"

    @override
    def to_pandera(self) -> pa.Check:
        import pandas as pd
        import pandera.pandas as pa

        first, last = pd.Timestamp(self.first), pd.Timestamp(self.last) + pd.Timedelta(days=1)
        return pa.Check(lambda dates: (dates >= first) & (dates < last), name=self.name, ignore_na=True)

    @override
    def fails(self, column: str) -> str:
        return f"{column} < date '{self.first}' or {column} >= date '{self.last + dt.timedelta(days=1)}'"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} {value} lies outside {self.first} to {self.last}."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Write {column} as YYYY-MM-DD with the right year."


_SCIENTIFIC = r"^[0-9.]+[eE]\+?[0-9]+$"


@dataclass(frozen=True)
class WholeIdentifier(ValueCheck):
    """The id has not gone through a spreadsheet that rounded it to 15 digits."""

    @property
    @override
    def name(self) -> str:
        return "whole_identifier"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check(
            lambda ids: ~ids.str.contains(_SCIENTIFIC, regex=True).fillna(False).astype(bool),
            name=self.name,
            ignore_na=True,
        )

    @override
    def fails(self, column: str) -> str:
        return f"regexp_matches({column}, '{_SCIENTIFIC}')"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} {value} is in scientific notation, so its digits are lost."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Export {column} as text again, without opening the file in a spreadsheet."


@dataclass(frozen=True)
class NoPerson(ValueCheck):
    """The text shows no sign of a person: for exports with personal columns, which are not taken and may have slipped.

    `sign` is a regular expression, `letter` one that stands in every match (most texts are done with at once), `what`
    the sign shows.
    """

    kind: str
    letter: str
    sign: str
    what: str

    @property
    @override
    def name(self) -> str:
        return f"no_{self.kind}"

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check(
            lambda texts: ~texts.str.contains(self.sign, regex=True).fillna(False).astype(bool),
            name=self.name,
            ignore_na=True,
        )

    def fails(self, column: str) -> str:
        """SQL that is true where the value breaks the rule."""
        return f"contains({column}, '{self.letter}') and regexp_matches({column}, '{self.sign}')"

    @override
    def reason(self, column: str, value: str) -> str:
        return f"{column} holds {self.what}."

    @override
    def remedy(self, column: str, value: str) -> str:
        return f"Export {column} without personal data; where columns have slipped, quote the values."


NOT_NEGATIVE = AtLeast(0)
POSITIVE = AtLeast(0, strict=True)
CURRENCY = OneOf(CURRENCIES, "ISO 4217 currency")
PLAUSIBLE_DATE = PlausibleDate()
WHOLE_IDENTIFIER = WholeIdentifier()
NO_EMAIL_ADDRESS = NoPerson("email_address", "@", r"[^@\s]@[A-Za-z0-9-]+[.][A-Za-z]", "an e-mail address")
# A name or a phone number: an id is one word.
NO_SEVERAL_WORDS = NoPerson("several_words", " ", r"\S +\S", "several words")
