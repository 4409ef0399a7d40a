"""What a person sees while a run goes on: a line for each finished step, the rest in a log file."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from rich.console import Console

_POLL_SECONDS = 0.5
_WATCHED = {
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
}


@contextmanager
def output_to_log(log: Path, console: Console) -> Iterator[Console]:
    """Send what this process and its children write to a log file; yield a console on the old standard output.

    Redirected at the level of file descriptors, because dbt and the samplers write from processes of their own.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with log.open("w") as target, os.fdopen(os.dup(kept[0]), "w") as terminal:
        os.dup2(target.fileno(), 1)
        os.dup2(target.fileno(), 2)
        try:
            yield Console(file=terminal, force_terminal=console.is_terminal, width=console.width)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, number in zip(kept, (1, 2), strict=True):
                os.dup2(descriptor, number)
                os.close(descriptor)


@contextmanager
def step_progress(instance: dg.DagsterInstance, tags: dict[str, str], console: Console) -> Iterator[None]:
    """Print a line for each step that ends, read from the event log while the run goes on in this thread."""
    done = threading.Event()
    thread = threading.Thread(target=_watch, args=(instance, tags, console, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)


def _watch(instance: dg.DagsterInstance, tags: dict[str, str], console: Console, done: threading.Event) -> None:
    started: dict[str, float] = {}
    shown: set[str] = set()
    with console.status("starting") as status:
        while True:
            last = done.is_set()
            for run in instance.get_runs(dg.RunsFilter(tags=tags), limit=1):
                for entry in instance.all_logs(run.run_id, of_type=_WATCHED):
                    event = entry.get_dagster_event()
                    name = (event.step_key or "").replace("__", "/")
                    if event.event_type == dg.DagsterEventType.STEP_START:
                        started.setdefault(name, entry.timestamp)
                    elif name not in shown:
                        shown.add(name)
                        mark = "[green]✓[/]" if event.event_type == dg.DagsterEventType.STEP_SUCCESS else "[red]✗[/]"
                        seconds = entry.timestamp - started.get(name, entry.timestamp)
                        console.print(f"  {mark} {name:<40} {seconds:6.1f} s")
            running = ", ".join(name for name in started if name not in shown)
            status.update(running or "waiting")
            if last:
                return
            time.sleep(_POLL_SECONDS)
