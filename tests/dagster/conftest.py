"""The asset graph without running it: loaded once, beside a home and an instance for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from warehouse.home import Home


@pytest.fixture(scope="session")
def loaded() -> dg.Definitions:
    """Everything that the code location offers."""
    from dagster_project import definitions

    return definitions.defs()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of this test's own, which resources and sensors see."""
    monkeypatch.setenv("MIXHOUSE_HOME", str(tmp_path / "home"))
    return Home.from_env().ensure()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made
