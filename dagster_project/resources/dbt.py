"""The dbt project: where it is, and its manifest, parsed once and never in a step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dagster_project.environment import DBT_PROJECT

# Beside our Python, whatever PATH says.
DBT_EXECUTABLE = Path(sys.executable).parent / "dbt"
MANIFEST = DBT_PROJECT / "target" / "manifest.json"
_SOURCES = ("*.sql", "*.yml", "*.csv", "*.md")


def manifest_path() -> Path:
    """The manifest, parsed anew only when a file of the dbt project is newer.

    Parsing costs several seconds, and every step process loads the definitions, so `make` builds it beforehand and
    this is a check of file times.
    """
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _newest_source():
        build_manifest()
    return MANIFEST


def build_manifest() -> Path:
    """Parse the dbt project into its manifest.

    Raises:
        RuntimeError: dbt cannot parse the project; the message carries dbt's own words.
    """
    done = subprocess.run(
        [
            str(DBT_EXECUTABLE),
            "--quiet",
            "parse",
            "--project-dir",
            str(DBT_PROJECT),
            "--profiles-dir",
            str(DBT_PROJECT),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=DBT_PROJECT,
    )
    if done.returncode:
        raise RuntimeError(
            f"dbt cannot parse {DBT_PROJECT.name}/: {(done.stdout + done.stderr).strip()[-2000:]}\n"
            "Mend the file that it names, then run `make setup` again."
        )
    MANIFEST.touch()  # dbt keeps the old file's time when nothing in it changed
    return MANIFEST


def _newest_source() -> float:
    built = {DBT_PROJECT / "target", DBT_PROJECT / "logs"}
    return max(
        path.stat().st_mtime
        for pattern in _SOURCES
        for path in DBT_PROJECT.rglob(pattern)
        if not built.intersection(path.parents)
    )
