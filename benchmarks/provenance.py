"""Where and of what a figure comes: the project, its commit, the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[1]


@cache
def commit() -> str:
    """The commit of the code as this process found it, short."""
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def provenance() -> dict[str, str | int]:
    """Machine and commit of this run."""
    return {
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "cores": os.cpu_count() or 0,
    }
