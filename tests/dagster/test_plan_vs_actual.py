"""Plan against actual in the graph: nothing on the first run, then scored rows and a check, week by week."""

import dagster as dg
import numpy as np
import pytest

from dagster_project import keys
from dagster_project.components.mmm_model.actuals import plan_vs_actual_asset
from dagster_project.components.mmm_model.inputs import snapshot_asset
from dagster_project.components.mmm_model.plans import plan_asset
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.panel import Panel
from mmm_models.reporting.tables import model_run
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference
from tests.later_weeks import with_later_weeks
from warehouse.connection import Warehouse
from warehouse.results import write_tables

KEY = keys.model_key("known", "plan_vs_actual")
RUN = "known-calibrated_fit-1"


class Installation:
    """A home whose model was fitted and planned with, and whose weeks go on."""

    def __init__(self, home, instance: dg.DagsterInstance, fit, planned: dict) -> None:
        self.planned = planned
        self.home, self.instance, self.fit, self.spec = home, instance, fit, fit.spec
        self.warehouse = Warehouse(home.database)
        self.path = home.fits / f"{RUN}.nc"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fit.save(self.path)
        self.deliver(fit.panel)

    def deliver(self, panel: Panel) -> None:
        rows = panel.to_long().assign(unit="any")
        with self.warehouse.write() as connection:
            connection.register("delivered", rows)
            connection.execute("create or replace table main.mmm_input_weekly as select * from delivered")

    def plan(self) -> str:
        """Store what the graph's plan hands on; the plan's id."""
        plan, run = self.planned, model_run(self.fit, RUN, kind="calibrated_fit", role="champion")
        with self.warehouse.write() as connection:
            write_tables(connection, {"model_runs": run}, key="run_id", value=RUN)
            write_tables(connection, plan["tables"], key="plan_id", value=plan["plan_id"])
        self.spend = plan["tables"]["plan_lines"].set_index(["week_start", "market", "channel"])["spend"]
        return plan["plan_id"]

    def weeks_come(self, weeks: int, *, shift: float = 0.0) -> None:
        """The first weeks of the plan's horizon, spent as it says."""
        spend = self.spend.to_xarray().rename(week_start="week").isel(week=slice(0, weeks))
        spend = spend.assign_coords(week=spend["week"].astype("datetime64[ns]"))
        self.deliver(with_later_weeks(self.fit, spend, draw=3, shift=shift))

    def compare(self) -> dg.ExecuteInProcessResult:
        assets = [snapshot_asset(self.spec), plan_vs_actual_asset(self.spec)]
        return dg.materialize(assets, instance=self.instance, resources={"store": WarehouseResource()})

    def check(self) -> dg.AssetCheckEvaluation:
        [found] = self.compare().get_asset_check_evaluations()
        return found

    def stored(self, sql: str) -> list[tuple]:
        with self.warehouse.read() as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def planned(known_fit, tmp_path_factory) -> dict:
    """What the plan's asset hands on."""
    path = tmp_path_factory.mktemp("fits") / f"{RUN}.nc"
    known_fit.save(path)

    @dg.asset(key=keys.model_key("known", "evidence"))
    def evidence() -> None: ...

    @dg.asset(key=keys.model_key("known", "calibrated_fit"))
    def calibrated_fit() -> dict:
        return FitReference(RUN, str(path)).to_dict()

    with dg.DagsterInstance.ephemeral() as instance:
        made = dg.materialize([evidence, calibrated_fit, plan_asset(known_fit.spec)], instance=instance)
        return made.output_for_node("known__plan")


@pytest.fixture
def installation(home, instance, known_fit, planned) -> Installation:
    return Installation(home, instance, known_fit, planned)


def test_without_a_plan_or_before_its_weeks_have_come_there_is_nothing_to_compare(installation):
    for prepare in (lambda: None, installation.plan):
        prepare()
        check = installation.check()
        assert check.passed
        assert check.description == "No week of a plan has come yet."
        assert installation.stored("select count(*) from results.plan_vs_actual") == [(0,)]


def test_weeks_that_came_as_planned_are_scored_and_pass(installation):
    plan_id = installation.plan()
    installation.weeks_come(5)
    check = installation.check()
    assert check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert f"5 weeks since {plan_id}" in check.description
    [(rows, markets, weeks, same_money, crps)] = installation.stored(
        "select count(*), count(distinct market), count(distinct week_start), "
        "max(abs(spend_actual - spend_planned)) < 1, min(crps) from results.latest_plan_vs_actual where model = 'known'"
    )
    assert (rows, markets, weeks, same_money) == (15, 3, 5, True)
    assert crps >= 0
    assert installation.stored("select distinct as_spent_note from results.plan_vs_actual") == [("",)]


def test_weeks_far_below_what_was_expected_warn_and_block_nothing(installation):
    installation.plan()
    installation.weeks_come(6, shift=-0.15)
    result = installation.compare()
    assert result.success
    [check] = result.get_asset_check_evaluations()
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert "standard deviations below in total" in check.description
    assert check.metadata["bias_in_sd"].value < -3


def test_more_weeks_replace_the_rows_of_the_same_plan_and_the_same_weeks_find_the_same(installation):
    plan_id = installation.plan()
    versions = []
    for weeks in (2, 3, 3):
        installation.weeks_come(weeks)
        installation.compare()
        event = installation.instance.get_latest_materialization_event(KEY)
        versions.append(event.asset_materialization.tags["dagster/data_version"])
    stored = installation.stored("select distinct plan_id, count(*) over () from results.plan_vs_actual")
    assert stored == [(plan_id, 9)]
    assert versions[0] != versions[1] == versions[2]


def test_without_the_plans_fit_the_plan_is_compared_and_nothing_is_judged(installation):
    installation.plan()
    installation.weeks_come(5, shift=-0.3)
    installation.path.unlink()
    check = installation.check()
    assert check.passed
    assert check.description == f"No plan can be judged: the fit of {RUN} is not kept any more"
    found = installation.stored(
        "select inside_interval, crps_as_spent from results.plan_vs_actual where market = 'all'"
    )
    assert found == [(False, None)] * 5


def test_a_model_that_no_longer_reads_a_control_says_why_its_old_fit_cannot_be_asked(installation):
    installation.plan()
    installation.weeks_come(5)
    changed = installation.spec.to_dict() | {"controls": ["promotion"]}
    installation.spec = ModelSpec.from_dict(changed)
    check = installation.check()
    assert check.passed
    assert "cannot be asked about today's data: control 'price_index' has no control rows" in check.description
    assert np.isfinite(installation.stored("select avg(crps) from results.plan_vs_actual")[0][0])
