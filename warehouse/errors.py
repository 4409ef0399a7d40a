"""Errors of the warehouse: what is wrong, where, the value and the remedy, in one message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import takewhile


class WarehouseError(Exception):
    """Base class of everything that the warehouse refuses."""


class ContractError(WarehouseError):
    """A contract contradicts itself, or none exists for the source and table asked for."""


class FileRejectedError(WarehouseError):
    """A whole landed file cannot be loaded; nothing of it reaches a raw table.

    Carries the parts of the message so that they can be written to the quarantine one by one.
    """

    def __init__(
        self,
        reason: str,
        *,
        remedy: str,
        file: str = "",
        column: str | None = None,
        value: str | None = None,
        line: int | None = None,
    ) -> None:
        self.reason = reason
        self.remedy = remedy
        self.file = file
        self.column = column
        self.value = value
        self.line = line
        super().__init__(reason)

    def __str__(self) -> str:
        where = self.file or "file"
        if self.line is not None:
            where += f" line {self.line}"
        if self.column is not None:
            where += f" column {self.column!r}"
        return f"{where}: {self.reason} {self.remedy}"


class MappingError(WarehouseError):
    """A `mapping.yaml` of the weekly_csv connector is not usable; names the key and the nearest right one."""


class DeliveryError(WarehouseError):
    """A weekly CSV is not put under landing/, because landing would reject it."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to a mistyped one, or None when nothing is close."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.lower(), list(by_lower), n=5, cutoff=0.6)

    def closeness(match: str) -> tuple[float, int]:
        # Among equals the one that starts alike: CAN is more likely CAD than CNY.
        return difflib.SequenceMatcher(None, name.lower(), match).ratio(), _shared_start(name.lower(), match)

    return by_lower[max(matches, key=closeness)] if matches else None


def _shared_start(first: str, second: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `Did you mean 'x'?`, or the list of what is known when nothing is close."""
    candidates = list(known)
    match = nearest(name, candidates)
    return f"Did you mean {match!r}?" if match else f"Known: {', '.join(candidates)}."
