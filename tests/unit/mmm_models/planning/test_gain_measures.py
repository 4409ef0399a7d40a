"""Measures of gains by line: values against exact draws, gradients against finite differences, planes above them."""

import numpy as np
import pytest

from mmm_models.planning.risk import (
    Cvar,
    Entropic,
    GainDraws,
    GainMeasure,
    JointCurves,
    Mean,
    MeanVariance,
    ProbGain,
    margin_draws,
)
from tests.planning_problems import hill_draws

SAMPLES, UPPER = 60, np.array([100.0, 80.0, 50.0, 0.0])
NOW = np.array([30.0, 20.0, 25.0, 0.0])
LEVELS = np.array([41.3, 7.7, 33.1, 0.0])
MEASURES = [Mean(), Cvar(0.8, 3.0), Entropic(12.0, 90.0), MeanVariance(12.0, 90.0), ProbGain(4.0)]


@pytest.fixture(scope="module")
def gains():
    rng = np.random.default_rng(8)
    powers = np.array([[0.6, 1.0, 2.5, 1.0]]) * np.exp(0.05 * rng.normal(size=(SAMPLES, 4)))
    curves = hill_draws(rng.uniform(50, 90, (SAMPLES, 4)), rng.uniform(20, 40, (SAMPLES, 4)), powers)
    return GainDraws(
        exact=curves,
        curves=JointCurves.tabulate(curves, np.zeros(4), UPPER, SAMPLES),
        status_quo=NOW,
        before=curves(NOW)[0].sum(axis=1),
        margin=margin_draws(0.7, 0.2, SAMPLES, seed=2),
        cost=0.3,
    )


def test_gains_are_margin_times_outcome_less_money_over_the_status_quo(gains):
    more = gains.exact(LEVELS)[0].sum(axis=1) - gains.exact(NOW)[0].sum(axis=1)
    expected = gains.margin * more - 0.3 * (LEVELS.sum() - NOW.sum())
    np.testing.assert_allclose(gains.exactly(LEVELS), expected)
    np.testing.assert_allclose(gains(LEVELS)[0], expected, atol=2e-3)
    np.testing.assert_allclose(gains(NOW)[0], 0, atol=2e-3)


@pytest.mark.parametrize("measure", MEASURES, ids=repr)
def test_gradients_by_line_are_finite_differences(gains, measure):
    utility = GainMeasure(measure, gains)
    gradient = utility(LEVELS)[1]
    for line in range(3):
        step = np.zeros(4)
        step[line] = 1e-3
        rise = utility(LEVELS + step)[0] - utility(LEVELS - step)[0]
        assert gradient[line] == pytest.approx(rise / 2e-3, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("measure", [Cvar(0.8), Entropic(12.0, 90.0), MeanVariance(12.0, 90.0)], ids=repr)
def test_a_sum_of_lines_lies_above_the_measure_everywhere(gains, measure):
    utility = GainMeasure(measure, gains)
    ceiling = utility.ceiling(measure(gains(LEVELS)[0])[1])

    def above(levels):
        return ceiling.outcome @ gains.curves.at(levels)[0].sum(axis=0) - ceiling.cost * levels.sum() + ceiling.constant

    assert above(LEVELS) == pytest.approx(utility(LEVELS)[0], abs=1e-6)
    for levels in np.random.default_rng(0).uniform(0, UPPER, (200, 4)):
        assert above(levels) >= utility(levels)[0] - 1e-6


def test_weighted_curves_are_the_weighted_draws(gains):
    weights = np.random.default_rng(1).dirichlet(np.ones(SAMPLES))
    table = gains.curves.weighted(weights, cost=0.2)
    for point in (30, 50, 120):
        values, slopes = gains.exact(table.levels[:, point])
        moved = slice(0, 3)
        np.testing.assert_allclose(
            table.values[moved, point], (weights @ values - 0.2 * table.levels[:, point])[moved], atol=2e-3
        )
        np.testing.assert_allclose(table.slopes[moved, point], (weights @ slopes - 0.2)[moved], atol=0.02)
    assert (np.diff(table.levels[:3], axis=1) > 0).all()


def test_curves_that_start_steeply_rise_between_points(gains):
    fine = np.linspace(0, 2.0, 400)
    values = np.array([gains.curves.at(np.array([level, 1.0, 1.0, 0.0]))[0][0] for level in fine])
    assert (np.diff(values, axis=0) >= -1e-6).all()
