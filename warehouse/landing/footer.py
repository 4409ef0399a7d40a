"""Cuts off what a report writes below its data: a line of totals, and a block about its filters and its time.

The contract says how the block starts (`footer`). Lines above it keep their numbers.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import replace

from warehouse.contracts import TableContract
from warehouse.landing.discover import LocalCopy


def cut_footer(copy: LocalCopy, contract: TableContract, headers: Sequence[str], delimiter: str) -> LocalCopy:
    """The copy without its footer and the blank lines and the line of totals above it; it is cut in place."""
    if contract.footer is None:
        return copy
    starts_with = contract.footer.lower().encode()
    position = lines = last_position = last_lines = 0
    last = b""
    with copy.path.open("rb") as file:
        for line in file:
            if line.lstrip(b'"').lower().startswith(starts_with):
                break
            if line.strip():
                last, last_position, last_lines = line, position, lines
            position += len(line)
            lines += 1
        else:
            return copy
    if _is_total(last, contract, headers, delimiter):
        end, lines = last_position, last_lines
    else:
        end, lines = last_position + len(last), last_lines + 1
    os.truncate(copy.path, end)
    return replace(copy, size=end, line_count=lines)


def _is_total(line: bytes, contract: TableContract, headers: Sequence[str], delimiter: str) -> bool:
    """Whether no cell of the key holds anything."""
    fields = next(csv.reader([line.decode("utf-8", errors="replace")], delimiter=delimiter), [])
    if len(fields) != len(headers):
        return False
    return not any(field.strip() for name, field in zip(headers, fields, strict=True) if name in contract.key)
