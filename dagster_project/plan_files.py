"""The files of a plan: tables in a DuckDB file, sheets for Excel, two plots. Never over somebody's work."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from dagster_project.market_table import write_markets
from dagster_project.plan_sheets import lines_sheet, totals_sheet, write_sheet
from warehouse.errors import WarehouseError
from warehouse.results import write_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DATABASE = ".duckdb"
_DPI = 150


@dataclass(frozen=True)
class PlanFiles:
    """Where the files of one plan go: all in a folder, named alike."""

    folder: Path
    stem: str

    @property
    def database(self) -> Path:
        """The tables."""
        return self.folder / f"{self.stem}{_DATABASE}"

    @property
    def lines(self) -> Path:
        """The sheet of weeks."""
        return self.folder / f"{self.stem}.csv"

    @property
    def totals(self) -> Path:
        """The sheet of totals."""
        return self.folder / f"{self.stem}_totals.csv"

    def plot(self, name: str) -> Path:
        """A plot."""
        return self.folder / f"{self.stem}_{name}.png"

    @property
    def taken(self) -> list[Path]:
        """Files that are there already."""
        every = (self.database, self.lines, self.totals, self.plot("allocation"), self.plot("frontier"))
        return [path for path in every if path.exists()]


def destination(out: Path | None, beside: Path, name: str) -> PlanFiles:
    """Where a plan is written: `out` (a .duckdb file or a folder), or `<name>.plan` in the folder `beside`.

    A name that the caller did not choose takes the next free number.

    Raises:
        WarehouseError: the file of that name is there already, or nothing can be written there.
    """
    files = _free(out, beside, name)
    there = next(path for path in (files.folder, *files.folder.parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise WarehouseError(f"{there} is no folder that can be written to. Give another --out.")
    return files


def _free(out: Path | None, beside: Path, name: str) -> PlanFiles:
    if out is not None and out.suffix == _DATABASE:
        files = PlanFiles(out.parent, out.stem)
        if files.taken:
            raise WarehouseError(f"{files.taken[0]} exists already. Give another --out, or move it away.")
        return files
    folder, number = out or beside, 1
    if folder.is_file():
        raise WarehouseError(f"{folder} is a file. --out is a folder, or the name of a new .duckdb file.")
    while (files := PlanFiles(folder, f"{name}.plan" + (f"_{number}" if number > 1 else ""))).taken:
        number += 1
    return files


def write_plan(
    files: PlanFiles,
    tables: dict[str, pd.DataFrame],
    run: pd.DataFrame,
    figures: dict[str, Figure],
    *,
    currency: str,
    markets: list[str],
    decimal_comma: bool,
) -> None:
    """Write all files of a plan, or none.

    Args:
        files: where to.
        tables: of the plan, by their names in `results`.
        run: the row of `results.model_runs` of the fit behind it.
        figures: plots by name.
        currency, markets: of the model.
        decimal_comma: how the sheets are written.

    Raises:
        WarehouseError: a file of that name has come meanwhile.
        OSError: no room, or no right to write there.
    """
    from mmm_models.reporting.style import to_png

    files.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".plan-", dir=files.folder) as folder:
        draft = PlanFiles(Path(folder), files.stem)
        plan_id = tables["plans"]["plan_id"].iloc[0]
        with duckdb.connect(str(draft.database)) as connection:
            connection.begin()  # one commit for all statements, not one each
            write_tables(connection, {"model_runs": run}, key="run_id", value=run["run_id"].iloc[0])
            write_tables(connection, tables, key="plan_id", value=plan_id)
            write_markets(connection, markets, currency)
            connection.commit()
        lines, allocations = tables["plan_lines"], tables["plan_allocations"]
        write_sheet(lines_sheet(lines, currency), draft.lines, decimal_comma=decimal_comma)
        write_sheet(totals_sheet(lines, allocations, currency), draft.totals, decimal_comma=decimal_comma)
        for name, figure in figures.items():
            draft.plot(name).write_bytes(to_png(figure, dpi=_DPI))
        if files.taken:
            raise WarehouseError(f"{files.taken[0]} was written by another plan meanwhile. Plan again.")
        for path in sorted(Path(folder).iterdir()):
            shutil.move(path, files.folder / path.name)
