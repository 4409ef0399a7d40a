"""What is decided for the tools before they start, and what is left to the person."""

import os

import pytest

from dagster_project import environment


@pytest.fixture
def untouched(home, monkeypatch):
    """An environment in which nothing but the home is set."""
    for name in ("PYTENSOR_FLAGS", "NUMBA_CACHE_DIR", "DAGSTER_HOME", "MIXHOUSE_DATABASE", "OMP_NUM_THREADS"):
        # Set before it is deleted, so that what `prepare` writes is taken back after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


def test_state_and_caches_lie_in_the_home(untouched, home):
    environment.prepare()
    assert os.environ["DAGSTER_HOME"] == str(home.dagster)
    assert os.environ["MIXHOUSE_DATABASE"] == str(home.database)
    assert f"base_compiledir={home.cache / 'pytensor'}" in os.environ["PYTENSOR_FLAGS"]


def test_posteriors_do_not_depend_on_what_the_compiler_found_in_its_cache(untouched, home):
    environment.prepare()
    assert "numba__fastmath=False" in os.environ["PYTENSOR_FLAGS"]


def test_what_a_person_set_is_kept(untouched, home):
    untouched.setenv("OMP_NUM_THREADS", "3")
    (home.dagster / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    environment.prepare()
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert (home.dagster / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"
