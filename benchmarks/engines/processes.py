"""One way of a benchmark in a process of its own, with caches of its own: seconds from start to end, and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.provenance import PROJECT


def in_process(module: str, *arguments: str, caches: Path) -> dict[str, float]:
    """Run `python -m <module> <arguments>`; the last line that it prints is JSON.

    Returns:
        What it printed, `process_seconds` and `peak_gib` (resident memory).
    """
    kept = {
        "JAX_COMPILATION_CACHE_DIR": str(caches / "jax"),
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "PYTENSOR_FLAGS": f"base_compiledir={caches / 'pytensor'}",
    }
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        env=os.environ | kept,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} ended with exit code {process.returncode}")
    seconds = time.perf_counter() - started
    # Linux counts kibibytes, macOS bytes.
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return {"process_seconds": seconds, "peak_gib": used.ru_maxrss / unit, **json.loads(told.splitlines()[-1])}


def headline(figures: Mapping[str, float]) -> dict[str, float]:
    """Of a fit's convergence figures, those that a benchmark prints."""
    return {name: figures[name] for name in ("r_hat_max", "ess_bulk_min", "divergences")}
