"""All worlds, seeds and participants; each fit is kept when it is done, and not done again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.provenance import PROJECT, commit
from benchmarks.truth.estimate import Effort
from benchmarks.truth.kept import CACHE, Kept
from benchmarks.truth.table import table
from benchmarks.truth.who import WHO
from mmm_models.errors import did_you_mean
from mmm_models.worlds.stress import RECIPES

type Fit = tuple[str, int]  # world and seed


def run(
    seeds: Iterable[int],
    worlds: Sequence[str] = (),
    who: Sequence[str] = (),
    effort: Effort | None = None,
    folder: Path = CACHE,
) -> pd.DataFrame:
    """Return `table` of the worlds (default all) and participants (default all).

    One participant fits all worlds of a shape in one process, one fit after another: it compiles once and has the
    machine to itself. Raises ValueError for an unknown world or participant.
    """
    chosen_worlds, chosen_who = _known(worlds, RECIPES, "world"), _known(who, WHO, "participant")
    effort = effort or Effort()
    seeds = list(seeds)
    fits = [(world, seed) for world in chosen_worlds for seed in seeds]
    records = {}
    with _progress() as progress:
        task = progress.add_task("truth", total=len(fits) * len(chosen_who))
        for participant in chosen_who:
            kept = Kept(folder, participant, WHO[participant], effort)
            for world, seed in fits:
                if (found := kept.find(world, seed)) is not None:
                    records[world, seed, participant] = found
                    progress.advance(task)
            for missing in _by_shape([fit for fit in fits if (*fit, participant) not in records]):
                progress.update(task, description=f"{participant}, {missing[0][0]}")
                for record in fitted(missing, participant, effort, folder):
                    kept.put(record)
                    records[record["world"], record["seed"], participant] = record
                    progress.update(task, advance=1, description=f"{participant}, {record['world']}")
    return table(records[world, seed, p] for world in chosen_worlds for p in chosen_who for seed in seeds)


def kept_so_far(effort: Effort | None = None, folder: Path = CACHE) -> pd.DataFrame:
    """Return `table` of all fits that are kept of the code as it is, of each world the seeds that everybody has fitted.

    Worlds may have different numbers of seeds. Empty as long as a world has none.
    """
    effort = effort or Effort()
    everybody = {name: Kept(folder, name, who, effort) for name, who in WHO.items()}
    records = []
    for world in RECIPES:
        seeds = set.intersection(*(kept.seeds(world) for kept in everybody.values()))
        if not seeds:
            return table([])
        records += [kept.find(world, seed) for kept in everybody.values() for seed in sorted(seeds)]
    return table(records)


def _by_shape(fits: Iterable[Fit]) -> list[list[Fit]]:
    groups: dict[int, list[Fit]] = {}
    for world, seed in fits:
        groups.setdefault(len(RECIPES[world].markets), []).append((world, seed))
    return list(groups.values())


def fitted(fits: Sequence[Fit], who: str, effort: Effort, folder: Path) -> Iterator[dict]:
    """Let one process do all `fits`; yield each record when it is done. Raises RuntimeError where a fit fails."""
    caches = {"JAX_COMPILATION_CACHE_DIR": str(folder / "jax"), "NUMBA_CACHE_DIR": str(folder / "numba")}
    command = [sys.executable, "-m", "benchmarks.truth.worker", who, json.dumps(asdict(effort))]
    with tempfile.TemporaryFile("w+") as log:
        pipe = subprocess.PIPE
        worker = subprocess.Popen(
            command, cwd=PROJECT, env={**caches, **os.environ}, stdin=pipe, stdout=pipe, stderr=log, text=True
        )
        try:
            for world, seed in fits:
                with suppress(BrokenPipeError):  # of a worker that is gone; its silence is what is reported
                    print(world, seed, file=worker.stdin, flush=True)
                line = worker.stdout.readline()
                if not line:
                    log.seek(0)
                    raise RuntimeError(f"{who} failed in world {world}, seed {seed}:\n{log.read()[-3000:]}")
                yield {"world": world, "seed": seed, "who": who, "commit": commit(), **json.loads(line)}
        finally:
            with suppress(BrokenPipeError):
                worker.stdin.close()
            worker.wait()
            worker.stdout.close()


def _known(wanted: Sequence[str], known: Iterable[str], what: str) -> list[str]:
    known = list(known)
    for name in wanted:
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}{did_you_mean(name, known)}; known are {', '.join(known)}")
    return [name for name in known if name in wanted] if wanted else known


def _progress() -> Progress:
    """A bar where a person looks on, nothing elsewhere."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)
