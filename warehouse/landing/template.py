"""An empty export to start from, and beside it what each of its columns means: for the person who fills it."""

from __future__ import annotations

import csv
from pathlib import Path

from warehouse.contracts import Column, TableContract
from warehouse.contracts.checks import AtLeast, AtMost, OneOf
from warehouse.contracts.row_checks import OneGroupFilled

_GUIDE_HEADER = ("column", "needed", "what it is", "form")
_FORMS = {
    "varchar": "text",
    "bigint": "whole number",
    "double": "number with a decimal point",
    "boolean": "TRUE or FALSE",
    "date": "YYYY-MM-DD",
    "timestamp": "YYYY-MM-DD HH:MM:SS, UTC or with its offset",
}
_MOST_LISTED = 12


def write_template(contract: TableContract, path: Path) -> None:
    """Write an empty export: the header of every column that is taken, in table order.

    Raises:
        FileExistsError: the file is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerow(contract.column_names)


def write_guide(contract: TableContract, template: Path) -> Path:
    """Write what each column means beside a template, as a sheet; its name starts with `_`, so that it never lands."""
    path = template.with_name(f"_{template.stem}_columns.csv")
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_GUIDE_HEADER)
        for column in contract.columns:
            writer.writerow([column.name, _needed(contract, column), column.description, _form(column)])
    return path


def _needed(contract: TableContract, column: Column) -> str:
    if not column.nullable:
        return "in every row"
    for check in contract.row_checks:
        if isinstance(check, OneGroupFilled) and column.name in check.columns:
            return check.in_words("either", "or")
    return "may be empty" if column.required else "may be empty or left out"


def _form(column: Column) -> str:
    """Type, unit and limits of a value: 'number with a decimal point; share of the gross cost; 0 to 1'."""
    parts = [_FORMS[column.dtype]]
    for check in column.checks:
        if isinstance(check, OneOf) and len(check.values) <= _MOST_LISTED:
            parts = [f"one of: {', '.join(check.values)}"]
        elif isinstance(check, OneOf):
            parts = [f"{check.what} code"]
        elif isinstance(check, AtLeast):
            parts.append("above 0" if check.strict else "not below 0")
        elif isinstance(check, AtMost):
            parts.append(f"at most {check.maximum:g}")
    return "; ".join([*parts[:1], *([column.unit] if column.unit else []), *parts[1:]])
