"""Plans in worlds with a known truth: is the truth the world's, is the oracle's plan the best, do scores count?"""

import numpy as np
import pytest
import xarray as xr

from benchmarks.planning.decisions import scored
from benchmarks.planning.oracle import TrueResponse, oracle
from mmm_models.planning.constraints import LineBounds, status_quo_spend
from mmm_models.worlds.stress import StressWorld, make_world

WEEKS = 13


def _path(world: StressWorld, levels: np.ndarray) -> xr.DataArray:
    later = world.ahead.dataset["spend"]
    return later.copy(data=np.broadcast_to(levels, later.shape))


def _bounds(world: StressWorld, free: list[str]) -> tuple[LineBounds, float]:
    """These channels between nothing and three times what they spend now; the others as they are."""
    now = status_quo_spend(world.panel.dataset["spend"], WEEKS)
    moves = now.channel.isin(free)
    nothing = xr.zeros_like(now)
    bounds = LineBounds(
        now, xr.where(moves, 0.0, now), xr.where(moves, 3 * now, now), nothing.astype(bool), nothing, nothing
    )
    return bounds, float(now.sum()) * WEEKS


@pytest.mark.parametrize("name", ["clean", "time_varying_effect", "delayed_adstock"])
def test_what_a_plan_really_causes_is_what_the_world_answers_with_it_less_without_it(name: str) -> None:
    world = make_world(name, 3)
    levels = 1.3 * status_quo_spend(world.panel.dataset["spend"], WEEKS).values
    plan = _path(world, levels)
    known, tail = world.panel.dataset["spend"].values, np.zeros((40, *levels.shape))
    with_it, without = (
        world.media.respond(np.concatenate([known, path, tail])).sum() for path in (plan.values, 0 * plan.values)
    )
    truth = TrueResponse(world, WEEKS)
    assert truth.of(plan) == pytest.approx(with_it - without, rel=1e-9)
    assert truth.of_levels(levels.ravel()).sum() == pytest.approx(truth.of(plan), rel=1e-12)


@pytest.mark.parametrize("name", ["clean", "s_shaped"])
def test_the_oracle_of_two_free_channels_is_the_best_of_all_splits(name: str) -> None:
    world = make_world(name, 2)
    bounds, budget = _bounds(world, ["search", "tv"])
    truth, best = TrueResponse(world, WEEKS), oracle(TrueResponse(world, WEEKS), bounds, budget)
    now = bounds.status_quo.sel(market="US")
    both, most = float(now.sel(channel=["search", "tv"]).sum()), 3 * now
    low, high = max(0.0, both - float(most.sel(channel="tv"))), min(both, float(most.sel(channel="search")))
    splits = np.linspace(low, high, 1501)
    levels = np.tile(now.values, (splits.size, 1))
    search, tv = (list(now.channel.values).index(each) for each in ("search", "tv"))
    levels[:, search], levels[:, tv] = splits, both - splits
    values = np.array([truth.of_levels(each).sum() for each in levels])
    assert best.value == pytest.approx(values.max(), rel=1e-6)
    assert best.bound >= values.max() * (1 - 1e-9)
    assert best.levels.sum() * WEEKS == pytest.approx(budget)


def test_where_channels_act_on_each_other_there_is_no_oracle() -> None:
    world = make_world("synergy", 1)
    bounds, budget = _bounds(world, ["search", "tv"])
    with pytest.raises(ValueError, match="synergy"):
        oracle(TrueResponse(world, WEEKS), bounds, budget)


def test_scores_of_two_companies_by_hand() -> None:
    # The status quo is worth 100 and 200; the best plan gains a tenth and three tenths of that.
    plans = [
        {"realised": 105.0, "value": [90.0, 100.0, 104.0], "gain": [1.0, 4.0, 8.0]},
        {"realised": 240.0, "value": [200.0, 230.0, 250.0], "gain": [45.0, 50.0, 60.0]},
    ]
    records = [
        {"status_quo": now, "oracle": best, "planners": {"someone": plan}}
        for now, best, plan in zip((100.0, 200.0), (110.0, 260.0), plans, strict=True)
    ]
    [row] = scored(records)
    assert row["uplift_captured_percent"] == pytest.approx(100 * (0.05 + 0.2) / (0.1 + 0.3))
    assert row["regret_percent"] == pytest.approx(100 * np.mean([5 / 110, 20 / 260]))
    assert row["worst_regret_percent"] == pytest.approx(100 * 20 / 260)
    assert row["claimed_percent"] == pytest.approx(100 * np.mean([0.04, 0.25]))
    assert row["realised_percent"] == pytest.approx(100 * np.mean([0.05, 0.2]))
    assert (row["gain_inside_90"], row["value_inside_90"]) == (50.0, 50.0)
    assert row["loses_percent_of_companies"] == 0.0
