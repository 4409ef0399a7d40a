import numpy as np
import pytest

from mmm_models.transforms import SATURATIONS
from mmm_models.worlds.stress import StressWorld, make_world, true_returns


def outcome_of(world: StressWorld, path: list[list[float]], market: int) -> float:
    """Outcome that media bring in one market, summed over all weeks: loops written out."""
    media, total = world.media, 0.0
    for week in range(len(path)):
        shares = []
        for channel in range(4):
            pressure = 0.0
            for lag, weight in enumerate(media.weights[channel]):
                if lag <= week:
                    pressure += weight * path[week - lag][channel] / media.scale[market, channel]
            shape = {name: values[channel] for name, values in media.shape.items()}
            shares.append(float(SATURATIONS[media.saturation].shape(np.array(pressure), **shape)))
        shares[0] *= 1 + media.synergy * shares[2]
        strength = media.strength[min(week, len(media.strength) - 1)]
        total += sum(shares[c] * media.height[market, c] * strength[c] for c in range(4))
    return total


@pytest.mark.parametrize("name", ["clean", "delayed_adstock", "time_varying_effect", "heterogeneous_geos", "synergy"])
@pytest.mark.parametrize("window", ["all", "last_13_weeks"])
def test_truth_is_the_counterfactual_that_plain_loops_find(name, window):
    world, market, channel = make_world(name, 2), -1, 2
    first = 0 if window == "all" else 156 - 13
    actual = [list(week) for week in world.panel.dataset["spend"].values[:, market]] + [[0.0] * 4] * 20

    def changed(factor: float) -> list[list[float]]:
        return [
            [s * factor if c == channel and week >= first else s for c, s in enumerate(row)]
            for week, row in enumerate(actual)
        ]

    now = outcome_of(world, actual, market)
    lost = now - outcome_of(world, changed(0.0), market)
    gained = outcome_of(world, changed(1.1), market) - now
    spent = sum(row[channel] for row in actual[first:])
    found = true_returns(world, window).isel(channel=channel).sel(market=world.panel.markets[market])

    assert float(found["contribution"]) == pytest.approx(lost, rel=1e-8)
    assert float(found["roas"]) == pytest.approx(lost / spent, rel=1e-8)
    assert float(found["mroas"]) == pytest.approx(gained / (0.1 * spent), rel=1e-6)


def test_all_markets_are_a_ratio_of_sums():
    world = make_world("heterogeneous_geos", 1)
    truth = true_returns(world)
    parts, total = truth.sel(market=world.panel.markets), truth.sel(market="all")

    np.testing.assert_allclose(total["contribution"], parts["contribution"].sum("market"))
    np.testing.assert_allclose(total["roas"], parts["contribution"].sum("market") / parts["spend"].sum("market"))


def test_an_idle_channel_returns_nothing_and_synergy_belongs_to_who_makes_it():
    idle = true_returns(make_world("idle_channel", 3)).sel(market="US", channel="display")
    assert float(idle["roas"]) == 0.0
    world = make_world("synergy", 3)
    seen = true_returns(world).sel(market="US")
    own = world.media.respond(world.panel.dataset["spend"].values)[:, 0].sum(axis=0)
    # Taking television away also takes what it did for search.
    assert float(seen["contribution"].sel(channel="tv")) > own[2]
    assert float(seen["contribution"].sel(channel="social")) == pytest.approx(own[1], rel=0.05)


def test_truth_of_a_company_whose_spend_follows_demand_keeps_the_demand():
    world = make_world("demand_confounded", 1)
    total = float(true_returns(world)["contribution"].sel(market="US", channel="search"))
    own = float(world.media.respond(world.panel.dataset["spend"].values)[:, 0, 0].sum())
    # The tail after the data adds a little; the demand that moved both adds nothing.
    assert own <= total < 1.05 * own
