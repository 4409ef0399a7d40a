from dataclasses import replace
from pathlib import Path

import pytest

from mmm_models.worlds.retailer import SEED, retailer, small_retailer
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.spec import WorldSpec
from mmm_models.worlds.write import write_world


@pytest.fixture(scope="session")
def small_world() -> World:
    return simulate(small_retailer(), SEED)


@pytest.fixture(scope="session")
def every_channel() -> WorldSpec:
    """The demo company with all its channels, cut to 62 weeks and few orders."""
    spec = retailer()
    markets = tuple(replace(m, order_value=m.order_value * 15) for m in spec.markets)
    return replace(spec, weeks=62, markets=markets, lift_tests=spec.lift_tests[:2])


@pytest.fixture(scope="session")
def delivered(every_channel: WorldSpec, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A world of every channel and the landing folder that its files were delivered to."""
    folder = tmp_path_factory.mktemp("world")
    return write_world(every_channel, folder / "landing", folder / "truth", SEED), folder / "landing"
