"""What a contract can demand of several columns of a row: each check knows its pandera and SQL form, and its remedy.

pandas and pandera are imported where they are used: the asset graph loads contracts and must load fast.
"""

from __future__ import annotations

import functools
import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, override

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa


class RowCheck(ABC):
    """A rule on several columns of a row. Its message is shown at `column`, the first of them."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the check, unique within a table."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at."""

    @property
    def column(self) -> str:
        """The column that a message names."""
        return self.columns[0]

    @abstractmethod
    def to_pandera(self) -> pa.Check:
        """Return the vectorised check of a frame."""

    @abstractmethod
    def fails(self) -> str:
        """SQL that is true where the row breaks the rule, false or null elsewhere."""

    @abstractmethod
    def reason(self, row: Mapping[str, str]) -> str:
        """Say what is wrong with the row, given as the texts that were delivered."""

    @property
    @abstractmethod
    def remedy(self) -> str:
        """Say what to do about it."""


@dataclass(frozen=True)
class InOrder(RowCheck):
    """`first` is not after `second` where both are known."""

    first: str
    second: str

    @property
    @override
    def name(self) -> str:
        return f"{self.first}_not_after_{self.second}"

    @property
    @override
    def columns(self) -> tuple[str, ...]:
        return (self.first, self.second)

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        return pa.Check(
            lambda frame: (frame[self.first] <= frame[self.second]).fillna(True).astype(bool), name=self.name
        )

    @override
    def fails(self) -> str:
        return f'"{self.first}" > "{self.second}"'

    @override
    def reason(self, row: Mapping[str, str]) -> str:
        return f"{self.first} is after {self.second} {row.get(self.second) or ''}."

    @property
    @override
    def remedy(self) -> str:
        return f"Swap or correct {self.first} and {self.second}."


@dataclass(frozen=True)
class OneGroupFilled(RowCheck):
    """Of several groups of columns at least one is filled whole: what one says, the others say in another way."""

    groups: tuple[tuple[str, ...], ...]

    @property
    @override
    def name(self) -> str:
        return f"{'_or_'.join('_and_'.join(group) for group in self.groups)}_filled"

    @property
    @override
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for group in self.groups for column in group))

    @override
    def to_pandera(self) -> pa.Check:
        import pandera.pandas as pa

        def any_is_filled(frame: pd.DataFrame) -> pd.Series:
            filled = [frame[list(group)].notna().all(axis="columns") for group in self.groups]
            return functools.reduce(operator.or_, filled)

        return pa.Check(any_is_filled, name=self.name)

    @override
    def fails(self) -> str:
        filled = [" and ".join(f'"{column}" is not null' for column in group) for group in self.groups]
        return f"not ({' or '.join(f'({group})' for group in filled)})"

    @override
    def reason(self, row: Mapping[str, str]) -> str:
        return f"{self.in_words('neither', 'nor')} is filled."

    @property
    @override
    def remedy(self) -> str:
        return f"Fill {self.in_words('either', 'or')}; write 0 where the figure truly is zero."

    def in_words(self, first: str, joined_by: str) -> str:
        """The groups as a phrase: 'either net_cost or gross_cost with commission_rate'."""
        return f"{first} " + f" {joined_by} ".join(" with ".join(group) for group in self.groups)
