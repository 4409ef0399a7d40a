"""What every test stands on: state in a temporary home, compiled functions kept between runs, a fit of known truth."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xarray as xr

from mmm_models.fit import Fit
from mmm_models.spec import ModelSpec
from tests.known_fit import SPEC, known_posterior, make_known_fit

pytest_plugins = ["tests.servers.fixtures"]

_TERMINAL = ("COLUMNS", "LINES")
_HOME = Path(tempfile.mkdtemp(prefix="mixhouse-tests-"))


def pytest_configure(config: pytest.Config) -> None:
    """Point the environment away from a person's own installation, before any test module is imported."""
    # A worker of pytest-xdist is told a terminal's size, which would outdo what a test asks for.
    for name in [name for name in os.environ if name.startswith("MIXHOUSE_") or name in ("DAGSTER_HOME", *_TERMINAL)]:
        del os.environ[name]
    os.environ["MIXHOUSE_HOME"] = str(_HOME)
    # Compiling one model costs half a minute; engine tests and end-to-end runs share what they compile.
    compiled = config.cache.mkdir("compiled")
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(compiled / "jax"))
    os.environ.setdefault("NUMBA_CACHE_DIR", str(compiled / "numba"))
    os.environ.setdefault("PYTENSOR_FLAGS", f"base_compiledir={compiled / 'pytensor'},numba__fastmath=False")


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def session_home() -> Iterator[Path]:
    """The home that code sees when it is imported by this process; tests that write take `home` instead."""
    return _HOME


@pytest.fixture(scope="session")
def known_fit() -> Fit:
    """2 markets x 3 channels x 60 weeks, 2 chains x 50 draws, logistic saturation, trend, season and controls."""
    return make_known_fit()


@pytest.fixture(scope="session")
def build_known_fit() -> Callable[..., Fit]:
    """`make_known_fit`, for tests that change the spec or the posterior."""
    return make_known_fit


@pytest.fixture
def known_draws() -> xr.Dataset:
    """The posterior of `known_fit`, to be changed at will."""
    return known_posterior()


@pytest.fixture
def known_spec() -> ModelSpec:
    """The spec of `known_fit`."""
    return ModelSpec.from_yaml(SPEC)
