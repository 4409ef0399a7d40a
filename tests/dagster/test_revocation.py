"""A test is revoked: what is told stale in the terminal and in the UI, and what the evidence says afterwards."""

from datetime import timedelta

import dagster as dg
import pandas as pd
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from dagster_project import keys
from dagster_project.components import MmmModel
from dagster_project.components.mmm_model.register import landed_register
from dagster_project.resources.mlflow import MlflowRegistry
from dagster_project.resources.warehouse import WarehouseResource
from dagster_project.staleness import stale_assets
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference
from warehouse.contracts import contracts_for
from warehouse.landing import land_source, prepare_raw_tables
from warehouse.snapshots import write_snapshot

STEPS = ("snapshot", "fit", "evidence", "calibrated_fit", "plan")
SNAPSHOT, FIT, EVIDENCE, CALIBRATED, PLAN = (keys.model_key("known", step) for step in STEPS)


class Installation:
    """A model whose first steps are given and whose evidence is made; stand-ins take the place of later ones."""

    def __init__(self, home, instance: dg.DagsterInstance, fit) -> None:
        self.home, self.instance, self.fit = home, instance, fit
        self.store = WarehouseResource()
        rows = fit.panel.to_long().assign(unit="any")
        self.snapshot = write_snapshot(rows, home.snapshots, "known").path
        home.fits.mkdir(parents=True, exist_ok=True)
        fit.save(home.fits / "known-fit.nc")
        prepare_raw_tables(self.store.warehouse)
        model = MmmModel(ModelSpec.from_dict(fit.spec.to_dict())).build_defs()
        self.evidence = next(asset for asset in model.assets if EVIDENCE in asset.keys)
        resources = dg.Definitions(resources={"store": self.store, "registry": MlflowRegistry()})
        self.graph = dg.Definitions.merge(model, resources).resolve_asset_graph()

    def land(self, table: str, name: str, rows: list[dict]) -> None:
        columns = next(c for c in contracts_for("experiments") if c.table == table).column_names
        path = self.home.root / "landing/experiments" / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).reindex(columns=list(columns)).to_csv(path, index=False)
        land_source(self.store.warehouse, self.home.landing, "experiments", settle_seconds=0)

    def weigh(self) -> dg.ExecuteInProcessResult:
        """Make the evidence from the landed tables."""
        reference = FitReference("known-fit", str(self.home.fits / "known-fit.nc")).to_dict()

        @dg.asset(key=SNAPSHOT, code_version=self.graph.get(SNAPSHOT).code_version)
        def snapshot() -> dg.MaterializeResult[str]:
            return dg.MaterializeResult(value=self.snapshot, data_version=dg.DataVersion("snapshot-1"))

        @dg.asset(key=FIT, deps=[snapshot], code_version=self.graph.get(FIT).code_version)
        def fit() -> dg.MaterializeResult[dict]:
            return dg.MaterializeResult(value=reference, data_version=dg.DataVersion("fit-1"))

        return dg.materialize([snapshot, fit, self.evidence], instance=self.instance, resources={"store": self.store})

    def make(self, key: dg.AssetKey, version: str) -> None:
        """Make a step that stands where the model's own does: its parents, its code, and a version of our own."""
        node = self.graph.get(key)

        @dg.asset(key=key, deps=sorted(node.parent_keys), code_version=node.code_version)
        def step() -> dg.MaterializeResult:
            return dg.MaterializeResult(data_version=dg.DataVersion(version))

        dg.materialize([step], instance=self.instance)

    def stale(self, *within: dg.AssetKey) -> dict[str, str]:
        found = stale_assets(self.graph, self.instance, within)
        return {key.path[-1]: why for key, why in found.items()}

    def in_the_ui(self, key: dg.AssetKey) -> tuple[StaleStatus, list[str]]:
        """Staleness as the UI shows it, and by which asset."""
        resolver = CachingStaleStatusResolver(self.instance, self.graph, LoadingContextForTest(self.instance))
        causes = resolver.get_stale_causes(key)
        return resolver.get_status(key), [cause.dependency.asset_key.path[-1] for cause in causes if cause.dependency]


def lift_test(fit, **changes) -> dict:
    """Four weeks with half as much again in search: a lift that the fit expects, so that there is no tension."""
    start = fit.panel.weeks[30].date()
    row = {
        "test_id": "lt-1", "channel": "search", "market": "US", "design": "heavy-up", "start_date": start,
        "end_date": start + timedelta(days=27), "outcome": "revenue", "spend_baseline": 160_000, "spend_delta": 80_000,
        "lift": 100_000, "lift_se": 1e6, "estimand": "during+tail", "status": "approved", "role": "calibrate",
        "owner": "ann", "reviewer": "bob", "updated_at": "2024-02-01 09:00:00",
    }  # fmt: skip
    return row | changes


def revoke(test_id: str) -> dict:
    return {
        "test_id": test_id, "state": "revoked", "decided_by": "cleo", "decided_at": "2024-03-01 12:00:00",
        "why": "prices changed",
    }  # fmt: skip


@pytest.fixture
def installation(home, instance, known_fit) -> Installation:
    made = Installation(home, instance, known_fit)
    made.land("lift_tests", "tests.csv", [lift_test(known_fit), lift_test(known_fit, test_id="lt-2", lift=90_000)])
    return made


def used(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    value = result.output_for_node("known__evidence", "result")
    return {decision["test_id"]: decision["reason"] for decision in value["decisions"] if decision["used"]}


def test_a_revoked_test_makes_fit_and_plan_stale_and_is_used_no_more(installation):
    assert set(used(installation.weigh())) == {"lt-1", "lt-2"}
    installation.make(CALIBRATED, "run-1")
    installation.make(PLAN, "plan-1")
    assert installation.stale(FIT, CALIBRATED, PLAN) == {}
    assert installation.in_the_ui(PLAN) == (StaleStatus.FRESH, [])

    installation.land("decisions", "revoked.csv", [revoke("lt-2")])
    again = installation.weigh()
    assert set(used(again)) == {"lt-1"}
    refused = {d["test_id"]: d["reason"] for d in again.output_for_node("known__evidence", "result")["decisions"]}
    assert refused["lt-2"] == "revoked: revoked by cleo on 2024-03-01: prices changed"
    assert installation.stale(FIT, CALIBRATED, PLAN) == {
        "calibrated_fit": "known/evidence has new content",
        "plan": "known/calibrated_fit is made again",
    }
    for key in (CALIBRATED, PLAN):
        status, causes = installation.in_the_ui(key)
        assert (status, "evidence" in causes) == (StaleStatus.STALE, True)


def test_a_revoked_test_that_was_never_used_makes_nothing_stale(installation, known_fit):
    installation.land("lift_tests", "other.csv", [lift_test(known_fit, test_id="lt-3", market="JP")])
    installation.weigh()
    installation.make(CALIBRATED, "run-1")
    installation.make(PLAN, "plan-1")
    installation.land("decisions", "revoked.csv", [revoke("lt-3")])
    installation.weigh()
    assert installation.stale(CALIBRATED, PLAN) == {}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str]]:
    return {check.check_name: (check.passed, check.description) for check in result.get_asset_check_evaluations()}


def test_a_check_tells_of_approved_tests_that_are_not_used(installation, known_fit):
    assert checks(installation.weigh())["approved_tests_used"][0]
    rows = [
        lift_test(known_fit, test_id="lt-3", reviewer="ann", lift=80_000),
        lift_test(known_fit, test_id="lt-4", lift=70_000, end_date="2030-01-01"),
        lift_test(known_fit, test_id="lt-5", lift=60_000, status="draft"),
        lift_test(known_fit, test_id="lt-6", lift=50_000, role="validate"),
    ]
    installation.land("lift_tests", "more.csv", rows)
    passed, said = checks(installation.weigh())["approved_tests_used"]
    assert not passed
    assert "lt-3: submitted: approved by ann, who owns it" in said
    assert "lt-4: window" in said
    assert not any(name in said for name in ("lt-1", "lt-2", "lt-5", "lt-6"))


def test_a_check_warns_where_fewer_than_one_in_five_validate(installation, known_fit):
    more = [lift_test(known_fit, test_id=f"lt-{n}", lift=1000.0 * n) for n in range(3, 6)]
    passed, said = checks(installation.weigh())["enough_to_validate"]
    assert (passed, said) == (True, "0 of 2 approved tests validate.")
    installation.land("lift_tests", "more.csv", more)
    passed, said = checks(installation.weigh())["enough_to_validate"]
    assert not passed
    assert said.startswith("0 of 5 approved tests validate; 1 should (evidence.least_validate 0.2)")
    held_back = lift_test(known_fit, test_id="lt-6", lift=6000.0, role="validate")
    installation.land("lift_tests", "held_back.csv", [held_back])
    assert checks(installation.weigh())["enough_to_validate"] == (True, "1 of 6 approved tests validate.")


def test_a_role_that_is_changed_after_the_read_out_does_not_count(installation, known_fit):
    changed = lift_test(known_fit, role="validate", updated_at="2024-02-05 09:00:00")
    installation.land("lift_tests", "changed.csv", [changed])
    standing = landed_register(installation.store).standings(known_fit.panel.weeks[-1].date())["lt-1"]
    assert (standing.role, "was set later and does not count" in standing.role_note) == ("calibrate", True)
    assert "lt-1" in used(installation.weigh())
