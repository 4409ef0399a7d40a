"""The dbt project: where it is, and its manifest, parsed once and never in a step."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from dagster_project.environment import DBT_PROJECT
from warehouse.contracts import DISABLED
from warehouse.home import Home

# Beside our Python, whatever PATH says.
DBT_EXECUTABLE = Path(sys.executable).parent / "dbt"
_SOURCES = ("*.sql", "*.yml", "*.csv", "*.md")


def manifest_path() -> Path:
    """The manifest, parsed anew only when a file of the dbt project is newer.

    Parsing costs several seconds, and every step process loads the definitions, so `make` builds it beforehand and
    this is a check of file times.
    """
    manifest = _target() / "manifest.json"
    if not manifest.exists() or manifest.stat().st_mtime < _newest_source():
        build_manifest()
    return manifest


def _target() -> Path:
    """Where the parsed project lies: in the project with every connector on, else in the home, by what is off."""
    if not DISABLED:
        return DBT_PROJECT / "target"
    named = hashlib.sha256(",".join(sorted(DISABLED)).encode()).hexdigest()[:12]
    return Home.from_env().dbt_target / "parsed" / named


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
            "--target-path",
            str(_target()),
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
    manifest = _target() / "manifest.json"
    manifest.touch()  # dbt keeps the old file's time when nothing in it changed
    return manifest


def _newest_source() -> float:
    built = {DBT_PROJECT / "target", DBT_PROJECT / "logs"}
    return max(
        path.stat().st_mtime
        for pattern in _SOURCES
        for path in DBT_PROJECT.rglob(pattern)
        if not built.intersection(path.parents)
    )
