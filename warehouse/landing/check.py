"""Checks one export as landing would, and loads nothing: for a person who has just downloaded it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from warehouse.contracts import CONTRACTS, TableContract
from warehouse.errors import ContractError, FileRejectedError, did_you_mean
from warehouse.landing.discover import LandedFile, LandingFolder
from warehouse.landing.headers import normalise, read_header
from warehouse.landing.prepare import prepare_file
from warehouse.landing.quarantine import Problem


@dataclass(frozen=True)
class FileCheck:
    """What landing would make of a file.

    `problems` of the header (columns that the contract does not know) refuse no row.
    """

    contract: TableContract
    rows_read: int
    rows_older: int
    rows_quarantined: int
    problems: list[Problem]

    @property
    def rows_good(self) -> int:
        """Rows that would be merged."""
        return self.rows_read - self.rows_older - self.rows_quarantined

    @property
    def is_clean(self) -> bool:
        """Whether every row would be loaded."""
        return self.rows_quarantined == 0


def check_file(path: Path, table: str | None = None) -> FileCheck:
    """Read and validate a file against the contract of `table` (`<source>.<table>`), or of the table it looks like.

    Raises:
        ContractError: no such table, or the header fits none, or several.
        FileRejectedError: landing would load nothing of the file.
    """
    folder = LandingFolder.at(str(path.parent))
    landed = LandedFile(path.name, str(path), path.stat().st_size, None, is_settled=True)
    format_name = landed.readable_format()
    with tempfile.TemporaryDirectory(prefix="mixhouse-check-") as scratch:
        copy = folder.copy(landed, Path(scratch))
        try:
            contract = named(table) if table else recognised(path, read_header(copy, format_name))
            prepared = prepare_file(contract, copy, format_name)
        except FileRejectedError as error:
            error.file = error.file or path.name
            raise
    return FileCheck(contract, prepared.rows_read, prepared.rows_older, prepared.rows_quarantined, prepared.problems)


def named(table: str) -> TableContract:
    """The contract of `<source>.<table>`.

    Raises:
        ContractError: no such table; names the nearest.
    """
    known = {contract.full_name: contract for contract in CONTRACTS.values()}
    if table not in known:
        raise ContractError(f"No table {table!r}. {did_you_mean(table, known)}")
    return known[table]


def recognised(path: Path, header: list[str]) -> TableContract:
    """The contract that a file is about: by its place, `<source>/<table>/` or `<source>/<table>.csv`, else by header.

    Raises:
        ContractError: the header has the needed columns of no table, or of several.
    """
    above, folder, file = path.resolve().parts[-3:]
    for place in ((above, folder), (folder, file.split(".")[0])):
        if place in CONTRACTS:
            return CONTRACTS[place]
    fitting = {}
    for contract in CONTRACTS.values():
        names = {contract.name_of(normalise(name)) for name in header}
        if all(column.name in names for column in contract.columns if column.required):
            fitting[contract.full_name] = sum(name in names for name in contract.column_names)
    best = [name for name, found in fitting.items() if found == max(fitting.values())]
    if len(best) == 1:
        return named(best[0])
    fits = f"fits {' and '.join(best)} alike" if best else "has the needed columns of no table"
    raise ContractError(
        f"{path.name}: the header {fits}. Say which table it is: `mixhouse connector check {path.name} --table "
        f"<source>.<table>`; `mixhouse connector list` names them."
    )
