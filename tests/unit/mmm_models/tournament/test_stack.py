"""Stacking weights against brute force over the simplex, and where the answer is known."""

import numpy as np
import pytest

from mmm_models.tournament.stack import close_to_best, stacking_weights, weights_of


def densities(structures: int, points: int, seed: int) -> np.ndarray:
    """Log densities of normal forecasts with biases and deviations of their own."""
    rng = np.random.default_rng(seed)
    bias, deviation = rng.normal(0, 0.8, (structures, 1)), rng.uniform(0.6, 1.6, (structures, 1))
    actual = rng.normal(size=points)
    return -0.5 * ((actual - bias) / deviation) ** 2 - np.log(deviation)


def grid_of(structures: int, left: int) -> np.ndarray:
    """Every vector of whole numbers, 0 or more, with the sum `left`."""
    if structures == 1:
        return np.array([[left]])
    return np.vstack([
        np.hstack([np.full((len(rest), 1), first), rest])
        for first in range(left + 1)
        for rest in [grid_of(structures - 1, left - first)]
    ])  # fmt: skip


@pytest.mark.parametrize("even", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_weights_beat_every_point_of_a_grid_and_lie_beside_its_best(seed, even):
    scores, steps = densities(3, 40, seed), 200
    grid = grid_of(3, steps) / steps
    with np.errstate(divide="ignore"):
        prior = even * np.log(grid).sum(axis=1) if even else 0.0
        objective = np.log(grid @ np.exp(scores)).sum(axis=1) + prior
    weights = stacking_weights(scores, even)
    own = np.log(weights @ np.exp(scores)).sum() + (even * np.log(weights).sum() if even else 0.0)
    assert weights.sum() == pytest.approx(1.0)
    assert own >= objective.max() - 1e-6
    np.testing.assert_allclose(weights, grid[objective.argmax()], atol=0.03)


def test_structures_that_forecast_alike_share_their_weight():
    scores = densities(1, 52, 1)
    np.testing.assert_allclose(stacking_weights(np.repeat(scores, 4, axis=0)), 0.25)


def test_a_structure_that_is_worse_everywhere_keeps_only_what_it_was_credited_with():
    good = densities(1, 52, 1)
    weights = stacking_weights(np.vstack([good, good - 50.0]))
    np.testing.assert_allclose(weights, [53 / 54, 1 / 54])
    np.testing.assert_allclose(stacking_weights(np.vstack([good, good - 50.0]), even=0.0), [1.0, 0.0], atol=1e-6)


def test_log_densities_far_below_zero_do_not_underflow():
    scores = densities(3, 30, 2)
    np.testing.assert_allclose(stacking_weights(scores - 5000.0), stacking_weights(scores))


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_densities_that_say_nothing_are_refused(bad):
    scores = densities(2, 5, 1)
    scores[:, 3] = bad
    with pytest.raises(ValueError, match="stacking needs log densities"):
        stacking_weights(scores)


def test_a_structure_that_forecasts_clearly_worse_weighs_nothing_though_some_of_its_points_are_best():
    good = densities(1, 52, 1)
    poor = good - 1.5
    poor[0, :6] = good[0, :6] + 2.0
    assert stacking_weights(np.vstack([good, poor]))[1] > 0.06
    behind = (good - poor)[0]
    assert behind.sum() > 2 * np.sqrt(52) * behind.std(ddof=1)
    np.testing.assert_array_equal(close_to_best(np.vstack([poor, good])), [False, True])
    np.testing.assert_allclose(weights_of(np.vstack([good, poor]), 0.05), [1.0, 0.0])


def test_a_small_difference_is_no_difference_however_sure_it_looks():
    good = densities(1, 30, 1)
    np.testing.assert_array_equal(close_to_best(np.vstack([good, good - 0.1])), [True, True])
    np.testing.assert_array_equal(close_to_best(np.vstack([good, good - 0.2])), [True, False])


def test_small_weights_are_left_out_and_the_others_scaled():
    scores = np.vstack([densities(1, 20, 1), densities(1, 20, 1) - 0.15])
    plain = stacking_weights(scores)
    assert plain[1] < 0.3
    np.testing.assert_allclose(weights_of(scores, 0.3), [1.0, 0.0])
    np.testing.assert_allclose(weights_of(scores, 0.01), plain)
    alike = np.repeat(densities(1, 20, 1), 30, axis=0)
    np.testing.assert_allclose(weights_of(alike, 0.05), np.full(30, 1 / 30))
