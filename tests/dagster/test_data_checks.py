"""The look at a model's data: stored, told, drawn; made again for other data or thresholds, and no reason to refit."""

import io

import dagster as dg
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from dagster_project import keys
from dagster_project.components import MmmModel
from dagster_project.components.mmm_model.data_checks import check_results
from dagster_project.components.mmm_model.inputs import read_panel
from dagster_project.resources.mlflow import MlflowRegistry
from dagster_project.resources.warehouse import WarehouseResource
from dagster_project.running import Outcome
from dagster_project.staleness import stale_assets
from dagster_project.terminal import print_outcome
from mmm_models.spec import ModelSpec
from mmm_models.validation.data_checks import CHECKS, DataCheck
from tests.known_fit import make_known_fit
from warehouse.connection import Warehouse

SNAPSHOT, LOOK = keys.model_key("known", "snapshot"), keys.model_key("known", "data_checks")


class Installation:
    """A home with a mart, in which the first two steps of the model can be made."""

    def __init__(self, home, instance: dg.DagsterInstance, spec: ModelSpec) -> None:
        self.home, self.instance, self.spec = home, instance, spec
        self.warehouse = Warehouse(home.database)
        rows = make_known_fit().panel.to_long()
        social = rows[(rows["role"] == "spend") & (rows["name"] == "paid_social")]
        seen = social.assign(role="exposure", name="paid_social_impressions", value=social["value"] * 100)
        self.deliver(pd.concat([rows, seen], ignore_index=True))
        self.pay_by_the_sale()

    def pay_by_the_sale(self, *channels: str) -> None:
        with self.warehouse.write() as connection:
            connection.execute(
                "create or replace table main.dim_channel as "
                "select distinct name as channel, list_contains(?, name) as is_endogenous "
                "from main.mmm_input_weekly where role = 'spend'",
                [list(channels)],
            )

    def deliver(self, rows: pd.DataFrame) -> None:
        self.rows = rows.assign(unit="any")
        delivered = self.rows
        with self.warehouse.write() as connection:
            connection.register("delivered", delivered)
            connection.execute("create or replace table main.mmm_input_weekly as select * from delivered")

    @property
    def definitions(self) -> dg.Definitions:
        resources = dg.Definitions(resources={"store": WarehouseResource(), "registry": MlflowRegistry()})
        return dg.Definitions.merge(MmmModel(self.spec).build_defs(), resources)

    def make(self, *steps: dg.AssetKey) -> dg.ExecuteInProcessResult:
        made = [asset for asset in self.definitions.assets if set(asset.keys) <= {SNAPSHOT, LOOK}]
        return dg.materialize(
            made, selection=list(steps), instance=self.instance, resources={"store": WarehouseResource()}
        )

    def stale(self) -> dict[dg.AssetKey, str]:
        return stale_assets(self.definitions.resolve_asset_graph(), self.instance, [SNAPSHOT, LOOK])

    def stored(self, sql: str) -> list[tuple]:
        with self.warehouse.read() as connection:
            return connection.execute(sql).fetchall()

    def data_version(self, key: dg.AssetKey) -> str:
        event = self.instance.get_latest_materialization_event(key)
        return event.asset_materialization.tags["dagster/data_version"]


@pytest.fixture
def installation(home, instance, known_spec) -> Installation:
    return Installation(home, instance, known_spec)


def test_what_is_seen_is_stored_with_whose_data_it_is(installation):
    result = installation.make(SNAPSHOT, LOOK)
    path = result.output_for_node("known__snapshot")
    [(snapshot_id, model, data_hash, as_of, checks)] = installation.stored(
        "select snapshot_id, model, data_hash, as_of_week, count(distinct check_name) from results.latest_data_checks "
        "group by all"
    )
    assert snapshot_id == f"known-snapshot-{path.rsplit('/', 1)[-1].removesuffix('.parquet')}"
    assert data_hash == read_panel(path, installation.spec).content_hash()
    assert (model, str(as_of), checks) == ("known", "2024-02-19", len(CHECKS))


def test_each_kind_of_check_is_a_check_of_the_asset_and_a_picture_shows_them_all(installation):
    result = installation.make(SNAPSHOT, LOOK)
    told = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert set(told) == set(CHECKS)
    assert {check.severity for check in told.values()} == {dg.AssetCheckSeverity.WARN}
    metadata = result.asset_materializations_for_node("known__data_checks")[0].metadata
    assert metadata["plot_data_checks"].value.startswith("![plot](data:image/png;base64,")
    assert metadata["pass"].value > 20


def test_exposure_that_is_delivered_later_is_looked_at_and_changes_no_data_version(installation):
    """Weeks 5 and 6 of US were paid and not seen; the delivery is mended, the spend stays as it was."""
    mended, rows = installation.rows, installation.rows.copy()
    weeks = sorted(rows["week_start"].unique())[5:7]
    lost = (rows["role"] == "exposure") & (rows["market"] == "US") & rows["week_start"].isin(weeks)
    assert lost.sum() == 2
    installation.deliver(rows[~lost])
    found = {c.check_name: c for c in installation.make(SNAPSHOT, LOOK).get_asset_check_evaluations()}
    assert not found["spend_without_exposure"].passed
    assert "US: paid_social has spend and no exposure in 2 weeks (2023-02-06, 2023-02-13)" in (
        found["spend_without_exposure"].description
    )
    before = installation.data_version(SNAPSHOT), installation.data_version(LOOK)

    installation.deliver(mended)
    found = {c.check_name: c for c in installation.make(SNAPSHOT, LOOK).get_asset_check_evaluations()}
    assert found["spend_without_exposure"].passed
    assert installation.data_version(SNAPSHOT) == before[0]
    assert installation.data_version(LOOK) != before[1]
    assert installation.stored("select count(distinct snapshot_id) from results.data_checks") == [(1,)]


def test_a_channel_that_is_paid_by_the_sale_is_named_before_a_model_is_fitted_to_it(installation):
    found = {c.check_name: c for c in installation.make(SNAPSHOT, LOOK).get_asset_check_evaluations()}
    assert found["endogenous_spend"].passed
    installation.pay_by_the_sale("paid_social", "affiliate")
    found = {c.check_name: c for c in installation.make(LOOK).get_asset_check_evaluations()}
    assert not found["endogenous_spend"].passed
    assert "paid_social is paid by the sale: its spend follows revenue by construction" in (
        found["endogenous_spend"].description
    )
    assert installation.stored(
        "select distinct series, verdict from results.latest_data_checks where check_name = 'endogenous_spend' "
        "and verdict <> 'pass'"
    ) == [("paid_social", "severe")]


def test_looking_again_at_the_same_data_finds_the_same(installation):
    installation.make(SNAPSHOT, LOOK)
    before = installation.data_version(LOOK)
    installation.make(SNAPSHOT, LOOK)
    assert installation.data_version(LOOK) == before
    assert installation.stale() == {}


def test_another_threshold_looks_again_and_touches_nothing_else(installation, known_spec):
    installation.make(SNAPSHOT, LOOK)
    fit = keys.model_key("known", "fit")
    code = installation.definitions.resolve_asset_graph().get(fit).code_version
    installation.spec = ModelSpec.from_dict(known_spec.to_dict() | {"data_checks": {"weeks_per_series_min": 90}})
    assert installation.stale() == {LOOK: "its definition changed"}
    assert installation.definitions.resolve_asset_graph().get(fit).code_version == code
    found = {c.check_name: c for c in installation.make(LOOK).get_asset_check_evaluations()}
    assert not found["weeks_per_series"].passed
    assert found["weeks_per_series"].description == (
        "US: 60 weeks for 5 channels and controls are 12.0 each (at least 90). With so few, the intervals are mostly "
        "priors. Deliver a longer history, merge small channels, or drop controls that explain little. "
        "1 more in results.data_checks."
    )


def test_other_data_are_looked_at_beside_the_old(installation):
    installation.make(SNAPSHOT, LOOK)
    rows = installation.rows
    first_spend = np.flatnonzero(rows["role"] == "spend")[0]
    installation.deliver(rows.assign(value=rows["value"].where(rows.index != first_spend, 0.5 * rows["value"])))
    installation.make(SNAPSHOT)
    assert installation.stale() == {LOOK: "known/snapshot has new content"}
    installation.make(LOOK)
    assert installation.stored("select count(distinct snapshot_id) from results.data_checks") == [(2,)]
    assert installation.stored("select count(distinct snapshot_id) from results.latest_data_checks") == [(1,)]


def record(check: str, verdict: str) -> DataCheck:
    return DataCheck(check, "US", "tv", None, 12.0, 10.0, verdict, f"US: {check} of tv.")


def test_the_kinds_with_the_worst_findings_come_first():
    records = [record("vif", "pass"), record("outliers", "warn"), record("spend_share", "severe")]
    results = check_results(records, LOOK)
    assert [result.check_name for result in results][:3] == ["spend_share", "outliers", "vif"]
    assert [result.passed for result in results] == [False, False] + [True] * (len(CHECKS) - 2)


def printed(failed_checks: list[tuple[str, str, bool, str]], tmp_path) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    print_outcome(console, Outcome(log=tmp_path / "log", failed_checks=failed_checks))
    return [line for line in console.file.getvalue().splitlines() if "check" in line]


def test_a_terminal_shows_the_first_warnings_of_a_model_and_counts_the_rest(tmp_path):
    warnings = [("a/data_checks", name, False, f"US: {name}.") for name in list(CHECKS)[:5]]
    lines = printed([*warnings, ("b/data_checks", "vif", False, "DE: vif.")], tmp_path)
    assert lines == [
        "! check vif on a/data_checks: US: vif.",
        "! check correlation on a/data_checks: US: correlation.",
        "! check mirrors_outcome on a/data_checks: US: mirrors_outcome.",
        "! 2 more checks of a/data_checks did not pass; see results.data_checks.",
        "! check vif on b/data_checks: DE: vif.",
    ]


def test_a_terminal_shows_every_check_that_blocks(tmp_path):
    gates = [("a/fit", name, True, f"{name} is too large.") for name in ("r_hat", "ess_bulk", "ess_tail", "e_bfmi")]
    assert len(printed([*gates, ("a/fit", "mape", False, "")], tmp_path)) == 5
