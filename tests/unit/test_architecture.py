"""The house's walls: who may import whom, and what must never be in the tree."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
OURS = {"dagster_project", "mmm_models", "warehouse"}
FORBIDDEN = {
    "mmm_models": {"dagster", "dagster_dbt", "dbt", "mlflow", "warehouse", "dagster_project"},
    "warehouse": {"dagster", "dagster_dbt", "dbt", "mlflow", "mmm_models", "dagster_project"},
}
# Seconds each at import; they belong inside the functions that need them.
HEAVY = {"pymc", "pymc_marketing", "pymc_extras", "mlflow", "matplotlib", "arviz", "arviz_stats", "nutpie", "pytensor"}
HEAVY |= {"jax", "blackjax", "causalpy"}
# Loaded by the name that a spec gives, when it is fitted.
LOADED_ON_DEMAND = PROJECT / "mmm_models" / "engines" / "marginal"


def imported(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Top-level package names that a file imports (lines under `if TYPE_CHECKING` are not imports)."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    nodes = tree.body if top_level_only else ast.walk(tree)
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [PROJECT / line for line in listed.stdout.splitlines() if (PROJECT / line).exists()]


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_lower_floors_do_not_import_upper_ones(package):
    offenders = {
        str(path.relative_to(PROJECT)): sorted(found)
        for path in (PROJECT / package).rglob("*.py")
        if (found := imported(path) & FORBIDDEN[package])
    }
    assert not offenders


def test_heavy_libraries_are_imported_inside_functions():
    offenders = {
        str(path.relative_to(PROJECT)): sorted(found)
        for package in OURS
        for path in (PROJECT / package).rglob("*.py")
        if LOADED_ON_DEMAND not in path.parents and (found := imported(path, top_level_only=True) & HEAVY)
    }
    assert not offenders


def test_dbt_folder_does_not_shadow_the_dbt_package():
    assert not list((PROJECT / "dbt").rglob("__init__.py"))


def test_lock_file_has_hashes_and_no_address():
    lock = (PROJECT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert not re.findall(r"https?://|--index-url|--find-links", lock)


def test_python_files_are_short():
    long = {
        str(path.relative_to(PROJECT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > 350
    }
    assert not long
