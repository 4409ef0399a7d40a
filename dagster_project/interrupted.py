"""Runs of the command line that were killed: told apart from running ones, closed, and their pool slots freed.

A killed process leaves its run as started and its claim on a pool in place; with one slot in the pool `warehouse`,
every later run would wait for it for ever. Dagster's daemon only looks after runs that it launched itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import dagster as dg
from filelock import FileLock, Timeout

LEASE_TAG = "mixhouse/lease"
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@contextmanager
def lease(folder: Path) -> Iterator[str]:
    """Hold a file lock while runs go on; yield its name, which the runs carry in LEASE_TAG.

    The operating system lets go of the lock when the process ends, however it ends, so a lock that can be taken
    belongs to nobody any more. A process id would not do: the next process may get the same one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = uuid4().hex
    lock = FileLock(folder / f"{name}.lock")
    with lock:
        yield name
    Path(lock.lock_file).unlink(missing_ok=True)


def close_interrupted_runs(instance: dg.DagsterInstance, folder: Path) -> list[str]:
    """Mark the runs whose process is gone as failed and free what they claimed; return their ids."""
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=_UNFINISHED)):
        name = run.tags.get(LEASE_TAG)
        if name is None or _is_held(folder / f"{name}.lock"):
            continue
        instance.report_run_failed(run, message="The process of this run was killed. What it had finished is kept.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        closed.append(run.run_id)
    return closed


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with FileLock(path, timeout=0):
            pass
    except Timeout:
        return True
    path.unlink(missing_ok=True)
    return False
