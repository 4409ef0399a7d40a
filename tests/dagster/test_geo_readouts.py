"""A geo test that lands is read out, and its record lands as a submitted test without anybody copying a file."""

import os
import time
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
import typer
import yaml
from typer.testing import CliRunner

from dagster_project import keys
from dagster_project.components.mmm_model.inputs import landed_lift_tests
from dagster_project.defs.connectors.assets import land
from dagster_project.defs.evidence.assets import lift_test_registry
from dagster_project.defs.evidence.geo import geo_readouts
from dagster_project.experiment_geo_cli import read_geo
from dagster_project.resources.warehouse import WarehouseResource
from tests.unit.mmm_models.evidence.geo_world import geo_world
from warehouse.connection import Warehouse
from warehouse.contracts import contracts_for
from warehouse.home import Home

RAW = [dg.AssetKey([contract.source, contract.table]) for contract in contracts_for(keys.EVIDENCE_SOURCE)]
READOUTS, REGISTRY = geo_readouts.key, lift_test_registry.key


@pytest.fixture(scope="module")
def files() -> dict[str, pd.DataFrame]:
    """Panel, treatments and spend as a team would export them."""
    rows, fields, _ = geo_world(31, lift=0.3)
    panel = rows.assign(market="US", outcome="revenue").rename(columns={"unit": "location"})
    common = {name: fields[name] for name in ("test_id", "channel", "market", "outcome", "start_date", "end_date")}
    units = fields["arms"]["treated"]
    treatments = pd.DataFrame([{**common, "unit": unit, "owner": "team:growth"} for unit in units])
    days = pd.date_range(fields["start_date"], fields["end_date"])
    spend = [
        {"test_id": "geo-1", "unit": u, "date": d.date(), "baseline": 0, "actual": 25} for u in units for d in days
    ]
    return {"geo_panel": panel, "geo_treatments": treatments, "geo_spend": pd.DataFrame(spend)}


def deliver(home: Home, frames: dict[str, pd.DataFrame]) -> None:
    for table, frame in frames.items():
        path = Path(home.landing) / keys.EVIDENCE_SOURCE / table / "export.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
    settle(home)


def settle(home: Home) -> None:
    """Landing leaves alone what was written a moment ago."""
    for path in Path(home.landing).rglob("*.*"):
        os.utime(path, times=(time.time() - 60,) * 2)


def make(instance: dg.DagsterInstance, *selection: dg.AssetKey) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [land, geo_readouts, lift_test_registry],
        selection=list(selection),
        resources={"store": WarehouseResource()},
        instance=instance,
    )


def records(home: Home) -> list[Path]:
    return sorted((Path(home.landing) / keys.EVIDENCE_SOURCE / "lift_tests").glob("*.yaml"))


def test_a_landed_geo_test_becomes_a_submitted_lift_test_once(home, instance, files):
    deliver(home, files)
    make(instance, *RAW)
    made = make(instance, READOUTS)
    [verdict] = made.get_asset_check_evaluations()
    assert verdict.passed, verdict.description
    metadata = made.asset_materializations_for_node("evidence__geo_readouts")[0].metadata
    assert metadata["plot_geo_1"].value.startswith("![plot](data:image/png;base64,")
    [record] = records(home)
    settle(home)
    make(instance, *RAW)
    make(instance, REGISTRY)
    [test] = landed_lift_tests(WarehouseResource())
    assert (test.test_id, test.status, test.owner, test.reviewer) == ("geo-1", "submitted", "team:growth", None)
    assert test.spend_delta == 2 * 21 * 25
    with Warehouse(home.database).read() as connection:
        [registered] = connection.execute("select test_id, lift, lift_se, status from results.lift_tests").fetchall()
        [read] = connection.execute("select test_id, point, se from results.geo_readouts").fetchall()
        weeks = connection.execute("select sum(effect), count(*) from results.geo_readouts_weekly").fetchone()
    assert registered == (read[0], pytest.approx(read[1]), pytest.approx(read[2]), "submitted")
    assert weeks == (pytest.approx(read[1]), 3)

    make(instance, READOUTS)
    assert records(home) == [record]


def test_without_geo_tables_there_is_nothing_to_do(home, instance):
    make(instance, *RAW)
    made = make(instance, READOUTS)
    [verdict] = made.get_asset_check_evaluations()
    assert verdict.passed
    assert records(home) == []


def test_a_test_without_spend_is_read_out_and_the_check_says_what_is_missing(home, instance, files):
    deliver(home, {name: frame for name, frame in files.items() if name != "geo_spend"})
    make(instance, *RAW)
    [verdict] = make(instance, READOUTS).get_asset_check_evaluations()
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.WARN
    assert "geo test geo-1: there is no spend of" in verdict.description
    with Warehouse(home.database).read() as connection:
        assert connection.execute("select count(*) from results.geo_readouts").fetchone() == (1,)
    assert records(home) == []


def command(*arguments: object):
    app = typer.Typer()
    app.command()(read_geo)
    return CliRunner(env={"COLUMNS": "400"}).invoke(app, list(map(str, arguments)))


def test_the_command_reads_files_and_writes_the_record(tmp_path, files):
    for name, frame in files.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    panel, treatments, spend = (tmp_path / f"{name}.csv" for name in files)
    done = command(panel, treatments, "--spend", spend, "--out", tmp_path / "record.yaml")
    assert done.exit_code == 0, done.output
    assert "placebo p" in done.stdout
    [record] = yaml.safe_load((tmp_path / "record.yaml").read_text())
    assert (record["test_id"], record["status"], record["spend_delta"]) == ("geo-1", "submitted", 2 * 21 * 25)
    assert f"{record['lift']:+,.0f} ± {record['lift_se']:,.0f}" in done.stdout
    assert "effect" not in command(panel, treatments).stdout


def test_the_command_refuses_what_it_cannot_read(tmp_path, files):
    for name, frame in files.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    panel, treatments = tmp_path / "geo_panel.csv", tmp_path / "geo_treatments.csv"
    for arguments, said in (
        ((tmp_path / "none.csv", treatments), "there is no such file"),
        ((treatments, treatments), "required columns are missing"),
        ((panel, treatments, "--out", tmp_path / "r.yaml"), "Give --spend"),
    ):
        done = command(*arguments)
        assert done.exit_code == 2, done.output
        assert said in done.stderr
    files["geo_panel"].assign(value="many").to_csv(panel, index=False)
    done = command(panel, treatments)
    assert done.exit_code == 2
    assert "line 2" in done.stderr
