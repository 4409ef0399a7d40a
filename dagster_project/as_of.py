"""`mixhouse snapshot`: `mmm_input_weekly` as it would have been made at a past moment, and what has changed since."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from dagster_project.environment import DBT_PROJECT
from dagster_project.resources.dbt import DBT_EXECUTABLE
from warehouse.as_of import restore
from warehouse.connection import Warehouse
from warehouse.errors import WarehouseError
from warehouse.home import CATALOG, Home

_INPUT = "select week_start, market, role, name, value, unit from main.mmm_input_weekly order by all"
_CHANGES = """
    select source, role, market, name, count(distinct week_start) as weeks, min(week_start) as first_week,
        max(week_start) as last_week, sum(change) as change
    from main.fct_figure_vintages
    where vintage_at > ?
    group by all
    order by abs(sum(change)) desc
"""


@dataclass(frozen=True)
class PastInput:
    """`mmm_input_weekly` as of a moment: its rows, and what has changed since, by source and series."""

    rows: pd.DataFrame
    changes: pd.DataFrame


def rebuild(home: Home, moment: dt.datetime) -> PastInput:
    """Restore the raw tables of a moment in a folder of their own, build the marts there, and read the model's table.

    Raises:
        WarehouseError: nothing was loaded by then, or dbt could not build; the message has dbt's own words.
    """
    warehouse = Warehouse(home.database)
    folder = home.root / "as_of"
    shutil.rmtree(folder, ignore_errors=True)
    # Views store the catalog's name, so the file has the name of the working one.
    target = folder / f"{CATALOG}.duckdb"
    try:
        restore(warehouse, moment, target)
        _build(home, target)
        with duckdb.connect(str(target), read_only=True) as connection:
            rows = connection.execute(_INPUT).df()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with warehouse.read() as connection:
        changes = connection.execute(_CHANGES, [moment]).df()
    return PastInput(rows, changes)


def _build(home: Home, database: Path) -> None:
    command = [
        str(DBT_EXECUTABLE), "--quiet", "build", "--select", "+mmm_input_weekly", "--resource-type", "model",
        "--resource-type", "seed", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(home.dbt_target / "as_of"),
    ]  # fmt: skip
    environment = os.environ | {"MIXHOUSE_DATABASE": str(database)}
    done = subprocess.run(command, cwd=DBT_PROJECT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise WarehouseError(f"dbt could not build the marts of that moment: {said}")
