"""A load that is killed with SIGKILL at any point and started again gives the tables of one that was not."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.unit.warehouse.landing.killed import POINTS, SOURCE
from warehouse.connection import Warehouse
from warehouse.landing import land_source

PROJECT = Path(__file__).parents[4]
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced\n"
TABLES = {
    "raw_facebook_ads.basic_ad": "* exclude (_loaded_at)",
    "raw_superseded.facebook_ads__basic_ad": "* exclude (_loaded_at, _superseded_at)",
    "raw_quarantine.rows": "* exclude (quarantined_at)",
    "raw_meta.loads": "* exclude (loaded_at)",
}


@pytest.fixture
def exports(tmp_path) -> Path:
    """Two files: the second restates a row of the first, brings a new one and one that is refused."""
    folder = tmp_path / "landing"
    table = folder / SOURCE / "basic_ad"
    table.mkdir(parents=True)
    bad = "5,2024-03-04,9,10,1,oops,2024-03-05\n"
    (table / "1.csv").write_text(HEADER + "1,2024-03-04,9,10,1,2.5,2024-03-05\n2,2024-03-04,9,1,1,1,2024-03-05\n" + bad)
    (table / "2.csv").write_text(HEADER + "1,2024-03-04,9,10,1,3.5,2024-03-06\n3,2024-03-05,9,1,1,4,2024-03-06\n" + bad)
    for position, name in enumerate(("1.csv", "2.csv")):
        os.utime(table / name, (1_700_000_000 + position,) * 2)
    return folder


def contents(database: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(database), read_only=True) as con:
        return {
            table: con.execute(f"select {columns} from {table} order by all").fetchall()
            for table, columns in TABLES.items()
        }


def test_there_are_at_least_ten_points():
    assert len(POINTS) >= 10


@pytest.mark.parametrize(
    ("point", "files"), [*((point, 1) for point in POINTS), ("after_logging", 100), ("after_merging", 100)]
)
def test_killed_and_started_again_the_tables_are_those_of_an_unkilled_load(exports, tmp_path, point, files):
    database = tmp_path / "killed" / "mixhouse.duckdb"
    command = [sys.executable, "-m", "tests.unit.warehouse.landing.killed", str(exports), str(database)]
    done = subprocess.run([*command, point, str(files)], cwd=PROJECT, check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    reports = land_source(Warehouse(database), str(exports), SOURCE, settle_seconds=0)
    assert reports[0].rejected == []

    whole = tmp_path / "whole" / "mixhouse.duckdb"
    land_source(Warehouse(whole), str(exports), SOURCE, settle_seconds=0)
    assert contents(database) == contents(whole)
    assert len(contents(whole)["raw_superseded.facebook_ads__basic_ad"]) == 1
    shutil.rmtree(tmp_path / "killed")
