"""The winner's curse of a choice among equals, whose size is known: the mean of the largest of n normal figures."""

import numpy as np
import pytest

from mmm_models.planning import plan_budget
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.honesty.curse import block_table, blocks_of, crossfitted_curse, hadamard

# Mean of the largest of n independent standard normals.
LARGEST = {2: 0.5642, 3: 0.8463, 5: 1.1630, 10: 1.5388}


def one_of_many(tables: ValueTable) -> np.ndarray:
    """One unit of money on the line that is worth most."""
    return np.eye(tables.values.shape[1])[tables.values[..., 1].argmax(axis=1)]


def luck(alternatives: int, draws: int, seed: int, worth: float = 0.0):
    """All are worth the same; each draw sees each with noise of standard deviation 1."""
    noise = np.random.default_rng(seed).normal(worth, 1.0, (draws, alternatives))
    values = np.stack([np.zeros_like(noise), noise], axis=-1)
    table = ValueTable(np.tile([0.0, 1.0], (alternatives, 1)), values, np.repeat(np.diff(values, axis=-1), 2, axis=-1))
    return crossfitted_curse(block_table(table, blocks_of([draws])), one_of_many, draws / 2, draws / 2)


@pytest.mark.parametrize("alternatives", LARGEST)
def test_on_average_it_is_what_smith_and_winkler_say(alternatives):
    draws, seeds = 80, 600
    found = np.array([luck(alternatives, draws, seed).estimate for seed in range(seeds)])
    wanted = LARGEST[alternatives] / np.sqrt(draws / 2)
    assert found.mean() == pytest.approx(wanted, abs=4 * found.std() / np.sqrt(seeds))
    assert found.mean() == pytest.approx(wanted, rel=0.05)


def test_it_is_steadier_than_the_difference_of_two_halves():
    draws, seeds = 80, 200
    crossed = np.array([luck(5, draws, seed).estimate for seed in range(seeds)])
    plain = []
    for seed in range(seeds):
        noise = np.random.default_rng(seed).normal(0.0, 1.0, (2, draws // 2, 5)).mean(axis=1)
        plain.append(noise[0].max() - noise[1][noise[0].argmax()])
    assert crossed.std() < 0.5 * np.std(plain)


def smooth_luck(seed: int, lines: int = 5, draws: int = 80):
    """Each line is worth m b - b² / 2, of which the best is b = m; m is noise with standard deviation 1."""
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (draws, lines, 1))
    levels = np.tile(np.linspace(-3, 3, 5), (lines, 1))
    table = ValueTable(levels, noise * levels - levels**2 / 2, noise - levels)
    return crossfitted_curse(block_table(table, blocks_of([draws])), lambda halves: halves.slopes[..., 2], 40, 40)


def test_of_plans_that_follow_the_draws_smoothly_it_is_known_with_its_standard_error():
    found = [smooth_luck(seed) for seed in range(400)]
    estimates = np.array([each.estimate for each in found])
    # Half a squared difference of two means of 40 in each of 5 lines.
    assert estimates.mean() == pytest.approx(5 / 40, rel=0.04)
    assert np.sqrt(np.mean([each.se**2 for each in found])) == pytest.approx(estimates.std(), rel=0.1)


def test_among_separate_alternatives_the_standard_error_is_a_quarter_too_small():
    found = [luck(5, 80, seed) for seed in range(400)]
    spread = np.std([each.estimate for each in found])
    assert np.sqrt(np.mean([each.se**2 for each in found])) == pytest.approx(0.74 * spread, rel=0.1)


def test_what_all_plans_share_is_no_luck():
    assert luck(3, 80, 1, worth=1e6).estimate == pytest.approx(luck(3, 80, 1).estimate, rel=1e-6)


def test_fewer_draws_choose_with_more_luck():
    draws = np.random.default_rng(0).normal(size=(8, 2, 1)) * np.array([0.0, 1.0])
    table = ValueTable(np.tile([0.0, 1.0], (2, 1)), draws, np.repeat(np.diff(draws, axis=-1), 2, axis=-1))
    whole = crossfitted_curse(table, one_of_many, 500, 500)
    half = crossfitted_curse(table, one_of_many, 500, 250)
    assert half.estimate == pytest.approx(2 * whole.estimate)
    assert half.se == pytest.approx(2 * whole.se)


def test_every_block_holds_draws_of_every_structure():
    blocks = blocks_of([16, 80, 16])
    assert np.bincount(blocks).tolist() == [14] * 8
    assert np.bincount(blocks[:16]).tolist() == [2] * 8


def test_halves_are_balanced():
    signs = hadamard()
    np.testing.assert_array_equal(signs @ signs.T, 8 * np.eye(8))
    assert (signs[1:].sum(axis=1) == 0).all()


def test_a_plan_tells_it_and_it_is_small_where_draws_agree(known_fit):
    plan = plan_budget(known_fit)
    curse = plan.honesty.curse
    assert 0 <= curse.estimate < 0.002 * plan.value.mean
    assert abs(plan.optimism) < 0.01 * plan.value.mean
    assert curse.se > 0
