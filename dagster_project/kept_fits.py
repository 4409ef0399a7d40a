"""The fits that a result file carries: which there are, and the one to plan with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from warehouse.errors import WarehouseError
from warehouse.results import RESULT_TABLES

if TYPE_CHECKING:
    from mmm_models.fit import Fit, StackedFit

_RUNS = """
    select runs.* from results.model_runs as runs inner join results.fits as fits on runs.run_id = fits.run_id
    qualify row_number() over (
        partition by runs.model order by runs.role = 'champion' desc, runs.created_at desc, runs.run_id desc
    ) = 1
    order by runs.model
"""
_FIT = "select content, format from results.fits where run_id = ?"


@dataclass(frozen=True)
class KeptFit:
    """A fit out of a result file, and its run: one row of `results.model_runs`."""

    fit: Fit | StackedFit
    run: pd.DataFrame

    @property
    def run_id(self) -> str:
        """Which run it is."""
        return str(self.run["run_id"].iloc[0])

    @property
    def role(self) -> str:
        """The run's role, as in `results.model_runs`."""
        return str(self.run["role"].iloc[0])


def read_kept_fit(file: Path, model: str | None = None) -> KeptFit:
    """The newest champion's fit of a model, or its newest fit where it has no champion.

    Args:
        file: a result file of `mixhouse fit`, or a published one.
        model: which model's; None where the file holds one only.

    Raises:
        WarehouseError: no file, no result file, no fit in it, or not the model; says what the file holds.
        FitError: the fit cannot be read.
    """
    from mmm_models.reporting.kept_fit import fit_of

    if not file.exists():
        raise WarehouseError(
            f"{file} does not exist. `mixhouse fit DATA.csv …` makes such a file, `mixhouse run` the published one."
        )
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            run = _run_of(connection.execute(_RUNS).df(), model, file)
            run_id = str(run["run_id"].iloc[0])
            content, stored_as = connection.execute(_FIT, [run_id]).fetchone()
    except duckdb.CatalogException as error:
        raise _without_fit(file) from error
    except duckdb.Error as error:
        raise WarehouseError(
            f"{file} cannot be read as a DuckDB file: {error}. Give a result file of `mixhouse fit`, or a model's name."
        ) from error
    return KeptFit(fit_of(content, stored_as, run_id), run)


def _run_of(runs: pd.DataFrame, model: str | None, file: Path) -> pd.DataFrame:
    known = list(runs["model"])
    if not known:
        raise _without_fit(file)
    if model is None and len(known) > 1:
        raise WarehouseError(f"{file} holds {len(known)} models: {', '.join(known)}. Choose one with --model.")
    chosen = runs[runs["model"] == (model or known[0])]
    if chosen.empty:
        raise WarehouseError(f"{file} carries no fit of model {model!r}. It has: {', '.join(known)}.")
    return chosen.reindex(columns=RESULT_TABLES["model_runs"].column_names)


def _without_fit(file: Path) -> WarehouseError:
    return WarehouseError(
        f"{file} carries no fit (results.fits), so it cannot be planned with; files of earlier versions carry none. "
        "Make it again: `mixhouse fit … --out FILE`, or `mixhouse run` for the published file."
    )
