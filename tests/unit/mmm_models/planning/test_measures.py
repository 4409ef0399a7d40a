"""Measures of gains against closed forms, brute force and finite differences."""

import numpy as np
import pytest

from mmm_models.planning.errors import PlanError
from mmm_models.planning.risk import (
    Cvar,
    Entropic,
    Mean,
    MeanVariance,
    ProbGain,
    margin_draws,
    measure_of,
)
from mmm_models.spec import ObjectiveSpec

GAINS = np.random.default_rng(3).gamma(2.0, 50.0, 73) - 60.0
SMOOTH = [Mean(), MeanVariance(10.0, 900.0), Entropic(10.0, 900.0), Cvar(0.9, 20.0), ProbGain(15.0)]
CONCAVE = [Mean(), MeanVariance(10.0, 900.0), Entropic(10.0, 900.0), Cvar(0.9), Cvar(0.75), Cvar(0.9, 20.0)]


def normal_gains(mean, sd, draws=200_001):
    from scipy.stats import norm

    return mean + sd * norm.ppf((np.arange(draws) + 0.5) / draws)


@pytest.mark.parametrize("measure", SMOOTH)
def test_derivatives_are_finite_differences(measure):
    slopes = np.empty(GAINS.size)
    for i in range(GAINS.size):
        step = np.zeros(GAINS.size)
        step[i] = 1e-3
        slopes[i] = (measure(GAINS + step)[0] - measure(GAINS - step)[0]) / 2e-3
    np.testing.assert_allclose(measure(GAINS)[1], slopes, atol=2e-7, rtol=1e-4)


def test_cvar_of_normal_gains_has_its_closed_form():
    # E[Δ | Δ below its 10 % quantile] = μ − σ φ(z) / 0.1.
    assert Cvar(0.9)(normal_gains(100, 40))[0] == pytest.approx(100 - 40 * 0.1754983 / 0.1, rel=1e-4)


def test_entropic_and_mean_variance_agree_on_normal_gains():
    gains, size, aversion = normal_gains(30, 40), 1000.0, 12.0
    expected = 30 - 0.5 * aversion * 40**2 / size
    assert MeanVariance(aversion, size)(gains)[0] == pytest.approx(expected, rel=1e-3)
    assert Entropic(aversion, size)(gains)[0] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("level", "worst"), [(0.5, [-30.0, -10.0]), (0.75, [-30.0])])
def test_cvar_is_the_mean_of_the_worst(level, worst):
    value, weights = Cvar(level)(np.array([20.0, -10.0, 50.0, -30.0]))
    assert value == pytest.approx(np.mean(worst))
    assert weights[[1, 3]].tolist() == pytest.approx([0.5, 0.5] if len(worst) == 2 else [0.0, 1.0])


def test_a_draw_counts_in_part_where_the_worst_are_no_whole_number():
    # 1 − level of 5 draws are 1.5: all of −4 and half of −1.
    assert Cvar(0.7)(np.array([3.0, -1.0, 8.0, -4.0, 0.0]))[0] == pytest.approx((-4 - 0.5 * 1) / 1.5)


def test_cvar_is_the_largest_of_rockafellar_and_uryasevs_function():
    etas = np.linspace(GAINS.min(), GAINS.max(), 20_001)
    shortfall = np.maximum(etas[:, None] - GAINS, 0).mean(axis=1)
    assert Cvar(0.8)(GAINS)[0] == pytest.approx((etas - shortfall / 0.2).max(), abs=1e-2)


@pytest.mark.parametrize("width", [30.0, 3.0])
def test_rounded_cvar_lies_below_by_no_more_than_it_says(width):
    exact, rounded = Cvar(0.8)(GAINS)[0], Cvar(0.8).smoothed(width)(GAINS)[0]
    assert exact - width / (4 * 0.2) <= rounded <= exact
    etas = np.linspace(GAINS.min() - width, GAINS.max() + width, 20_001)
    x = etas[:, None] - GAINS
    parabola = np.where(x > width, x, np.where(x < -width, 0.0, (x + width) ** 2 / (4 * width)))
    assert rounded == pytest.approx((etas - parabola.mean(axis=1) / 0.2).max(), abs=1e-2)


def test_probability_of_a_gain_counts_and_its_smooth_form_tends_to_it():
    assert ProbGain()(np.array([1.0, 2.0, -1.0, 0.0]))[0] == 0.5
    assert ProbGain().smoothed(1e-3)(GAINS)[0] == pytest.approx(ProbGain()(GAINS)[0], abs=1e-3)


@pytest.mark.parametrize("measure", CONCAVE)
def test_the_plane_of_a_concave_measure_lies_above_it_and_touches_it(measure):
    value, weights = measure(GAINS)
    ceiling = measure.ceiling(weights)
    exact = measure.smoothed(0.0) if isinstance(measure, Cvar) else measure
    if not isinstance(measure, Cvar) or measure.width == 0:
        assert weights @ GAINS + ceiling == pytest.approx(value, abs=1e-9)
    rng = np.random.default_rng(0)
    for spread in (1.0, 30.0, 300.0):
        other = rng.normal(0, spread, GAINS.size)
        assert exact(other)[0] <= weights @ other + ceiling + 1e-9


@pytest.mark.parametrize("measure", [Mean(), Cvar(0.9), Entropic(5.0, 10.0), MeanVariance(5.0, 10.0)])
def test_weights_that_give_no_plane_have_no_ceiling(measure):
    assert measure.ceiling(np.array([0.9, 0.9, -0.5])) == np.inf


def test_measures_are_those_that_the_spec_names():
    aims = {name: ObjectiveSpec(risk=name, risk_level=0.8) for name in ("mean", "cvar", "entropic", "prob_gain")}
    assert measure_of(aims["cvar"], 10.0) == Cvar(0.8)
    assert measure_of(aims["mean"], 10.0) == Mean()
    assert measure_of(aims["prob_gain"], 10.0) == ProbGain()
    with pytest.raises(PlanError, match="what the status quo brings, and that is 0"):
        measure_of(aims["entropic"], 0.0)


def test_margins_have_the_mean_and_spread_asked_for_and_are_above_zero():
    draws = margin_draws(0.4, 0.15, 2000, seed=4)
    assert draws.mean() == pytest.approx(0.4, rel=1e-12)
    assert draws.std() == pytest.approx(0.15, rel=0.02)
    assert draws.min() > 0
    np.testing.assert_array_equal(draws, margin_draws(0.4, 0.15, 2000, seed=4))
    other = margin_draws(0.4, 0.15, 2000, seed=5)
    assert abs(np.corrcoef(draws, other)[0, 1]) < 0.1
    np.testing.assert_array_equal(margin_draws(0.4, 0.0, 3), [0.4] * 3)
