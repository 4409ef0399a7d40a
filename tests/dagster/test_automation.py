"""When the daemon refits by itself: the shipped condition on a graph `snapshot -> fit`, evaluated without a daemon."""

import dagster as dg
import pytest

from dagster_project import automation

SNAPSHOT, FIT = dg.AssetKey("snapshot"), dg.AssetKey("fit")


class Retraining:
    """A snapshot whose content and check can be changed, and a fit that follows it."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.content, self.passes, self.cursor = instance, "rows-1", True, None

        @dg.asset(check_specs=[dg.AssetCheckSpec("complete", asset="snapshot", blocking=True)])
        def snapshot():
            return dg.MaterializeResult(
                data_version=dg.DataVersion(self.content),
                check_results=[dg.AssetCheckResult(check_name="complete", passed=self.passes)],
            )

        @dg.asset(deps=[snapshot], automation_condition=automation.retrain_on_new_data)
        def fit():
            return dg.MaterializeResult()

        self.definitions = dg.Definitions(assets=[snapshot, fit])

    def make(self, *keys: dg.AssetKey) -> None:
        job = self.definitions.resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=self.instance, asset_selection=list(keys), raise_on_error=False)

    def refits(self) -> bool:
        """Whether the next tick of the automation sensor asks for a fit."""
        result = dg.evaluate_automation_conditions(
            self.definitions, instance=self.instance, asset_selection=dg.AssetSelection.assets(FIT), cursor=self.cursor
        )
        self.cursor = result.cursor
        return result.get_num_requested(FIT) == 1


@pytest.fixture
def retraining(instance: dg.DagsterInstance) -> Retraining:
    made = Retraining(instance)
    made.make(SNAPSHOT, FIT)
    made.refits()  # the first tick only takes note of what is there
    return made


def test_nothing_new_refits_nothing(retraining):
    assert not retraining.refits()


def test_a_rebuilt_snapshot_with_the_same_content_refits_nothing(retraining):
    retraining.make(SNAPSHOT)
    assert not retraining.refits()


def test_new_content_refits_once(retraining):
    retraining.content = "rows-2"
    retraining.make(SNAPSHOT)
    assert retraining.refits()
    retraining.make(FIT)
    assert not retraining.refits()


def test_a_failed_blocking_check_keeps_the_fit_back_until_it_passes(retraining):
    retraining.content, retraining.passes = "rows-2", False
    retraining.make(SNAPSHOT)
    assert not retraining.refits()
    retraining.passes = True
    retraining.make(SNAPSHOT)
    assert retraining.refits()


def test_the_conditions_have_names_that_the_ui_shows():
    assert automation.retrain_on_new_data.get_label() == "retrain_on_new_data"
    assert automation.follow_inputs.get_label() == "follow_inputs"
