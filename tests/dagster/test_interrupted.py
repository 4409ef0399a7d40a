"""After a kill: the dead run is closed and its claims on the pool are freed; runs that go on are left alone."""

import dagster as dg
import pytest

from dagster_project.interrupted import LEASE_TAG, close_interrupted_runs, lease


@pytest.fixture
def pooled(tmp_path):
    """An instance that keeps pools, as a home's does."""
    overrides = {"concurrency": {"pools": {"default_limit": 1}}}
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides=overrides) as instance:
        yield instance


def started(instance: dg.DagsterInstance, **tags: str) -> str:
    """A run that claimed the warehouse and has not ended."""

    @dg.job
    def refresh(): ...

    run = instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED, tags=tags)
    instance.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
    instance.event_log_storage.claim_concurrency_slot("warehouse", run.run_id, "land")
    return run.run_id


def holders(instance: dg.DagsterInstance) -> set[str]:
    return {step.run_id for step in instance.event_log_storage.get_concurrency_info("warehouse").claimed_slots}


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    return instance.get_run_by_id(run_id).status


def test_a_run_whose_process_is_gone_is_closed_and_lets_go_of_the_warehouse(pooled, tmp_path):
    run_id = started(pooled, **{LEASE_TAG: "of-a-process-that-was-killed"})
    (tmp_path / "leases").mkdir()
    (tmp_path / "leases" / "of-a-process-that-was-killed.lock").touch()  # the file stays, its lock does not
    assert holders(pooled) == {run_id}
    assert close_interrupted_runs(pooled, tmp_path / "leases") == [run_id]
    assert status(pooled, run_id) == dg.DagsterRunStatus.FAILURE
    assert holders(pooled) == set()
    assert not list((tmp_path / "leases").iterdir())


def test_a_run_whose_process_lives_is_left_alone(pooled, tmp_path):
    with lease(tmp_path / "leases") as name:
        run_id = started(pooled, **{LEASE_TAG: name})
        assert close_interrupted_runs(pooled, tmp_path / "leases") == []
        assert status(pooled, run_id) == dg.DagsterRunStatus.STARTED
        assert holders(pooled) == {run_id}


def test_a_run_that_the_daemon_launched_is_left_to_the_daemon(pooled, tmp_path):
    run_id = started(pooled)
    assert close_interrupted_runs(pooled, tmp_path / "leases") == []
    assert status(pooled, run_id) == dg.DagsterRunStatus.STARTED
