import numpy as np
import pandas as pd
import pytest

from mmm_models.transforms import (
    ADSTOCKS,
    SATURATIONS,
    adstock_weights,
    carry_over,
    fourier_basis,
    fourier_names,
    trend_index,
)
from mmm_models.transforms.saturation import (
    hill_derivative,
    hill_function,
    logistic_derivative,
    logistic_saturation,
    michaelis_menten,
    michaelis_menten_derivative,
    root_derivative,
    root_saturation,
    tanh_derivative,
    tanh_saturation,
)

CURVES = {
    "logistic": (logistic_saturation, logistic_derivative, {"lam": 2.5}),
    "hill": (hill_function, hill_derivative, {"slope": 1.7, "kappa": 0.4}),
    "michaelis_menten": (michaelis_menten, michaelis_menten_derivative, {"alpha": 0.8, "lam": 0.3}),
    "tanh": (tanh_saturation, tanh_derivative, {"b": 0.6, "c": 1.4}),
    "root": (root_saturation, root_derivative, {"alpha": 0.4}),
}
CARRYOVERS = {
    "geometric": {"alpha": 0.6},
    "delayed": {"alpha": 0.7, "theta": 1.5},
    "weibull_pdf": {"lam": 2.5, "k": 1.8},
    "weibull_cdf": {"lam": 2.5, "k": 0.7},
}
SPEND = np.array([0.0, 0.3, 1.0, 0.0, 0.7, 0.2, 0.0, 2.0])


@pytest.fixture(scope="module")
def peer_values():
    """PyMC-Marketing's functions at SPEND, compiled once."""
    import pytensor
    import pytensor.xtensor as ptx
    from pymc_marketing.mmm import transformers as peer
    from pymc_marketing.mmm.fourier import generate_fourier_modes

    x = ptx.as_xtensor(SPEND, dims=("date",))
    days = ptx.as_xtensor(np.array([2.0, 9.0, 200.0]) / 365.25, dims=("date",))
    memory = {"l_max": 4, "normalize": True, "dim": "date"}
    outputs = {
        "geometric": peer.geometric_adstock(x, **CARRYOVERS["geometric"], **memory),
        "delayed": peer.delayed_adstock(x, **CARRYOVERS["delayed"], **memory),
        "weibull_pdf": peer.weibull_adstock(x, **CARRYOVERS["weibull_pdf"], type="PDF", **memory),
        "weibull_cdf": peer.weibull_adstock(x, **CARRYOVERS["weibull_cdf"], type="CDF", **memory),
        "logistic": peer.logistic_saturation(x, **CURVES["logistic"][2]),
        "hill": peer.hill_function(x, **CURVES["hill"][2]),
        "michaelis_menten": peer.michaelis_menten(x, **CURVES["michaelis_menten"][2]),
        "tanh": peer.tanh_saturation(x, **CURVES["tanh"][2]),
        "root": peer.root_saturation(x, **CURVES["root"][2]),
        "fourier": generate_fourier_modes(days, 2).transpose("date", "fourier_mode"),
    }
    compiled = pytensor.function([], [value.values for value in outputs.values()], mode="FAST_COMPILE")
    return dict(zip(outputs, compiled(), strict=True))


def geometric(alpha, max_lag: int) -> np.ndarray:
    return adstock_weights("geometric", {"alpha": np.asarray(alpha)}, max_lag)


@pytest.mark.parametrize("kind", ADSTOCKS)
def test_adstock_equals_that_of_pymc_marketing(kind, peer_values):
    weights = adstock_weights(kind, {name: np.array([[value]]) for name, value in CARRYOVERS[kind].items()}, 4)
    np.testing.assert_allclose(carry_over(SPEND[:, None], weights)[0, :, 0], peer_values[kind], rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("kind", ADSTOCKS)
def test_a_memory_of_one_week_is_the_week_itself(kind):
    assert adstock_weights(kind, {name: np.array(value) for name, value in CARRYOVERS[kind].items()}, 1) == [1.0]


@pytest.mark.parametrize("kind", CURVES)
def test_saturation_equals_that_of_pymc_marketing(kind, peer_values):
    function, _, parameters = CURVES[kind]
    np.testing.assert_allclose(function(SPEND, **parameters), peer_values[kind], rtol=1e-12, atol=1e-15)


def test_fourier_basis_equals_that_of_pymc_marketing(peer_values):
    days = pd.DatetimeIndex(["2023-01-02", "2023-01-09", "2023-07-19"])
    np.testing.assert_allclose(fourier_basis(days, 2), peer_values["fourier"], rtol=1e-12, atol=1e-15)
    assert fourier_names(2) == ["sin_1", "sin_2", "cos_1", "cos_2"]


@pytest.mark.parametrize("kind", CURVES)
def test_derivative_is_the_slope_of_the_curve(kind):
    function, derivative, parameters = CURVES[kind]
    x, step = np.array([0.05, 0.4, 1.0, 3.0]), 1e-6
    slope = (function(x + step, **parameters) - function(x - step, **parameters)) / (2 * step)
    np.testing.assert_allclose(derivative(x, **parameters), slope, rtol=1e-6)


@pytest.mark.parametrize(("slope", "at_zero"), [(2.0, 0.0), (1.0, 2.5), (0.5, np.inf)])
def test_hill_starts_flat_straight_or_steep_depending_on_its_slope(slope, at_zero):
    assert hill_derivative(np.array(0.0), slope, 0.4) == at_zero


def test_curves_stay_finite_far_outside_the_data():
    for function, derivative, parameters in CURVES.values():
        assert np.isfinite(function(np.array([1e9]), **parameters)).all()
        assert np.isfinite(derivative(np.array([1e9]), **parameters)).all()


@pytest.mark.parametrize("kind", SATURATIONS)
def test_shape_runs_from_zero_to_one_with_the_derivative_of_the_curve(kind):
    saturation = SATURATIONS[kind]
    function, derivative, all_parameters = CURVES[kind]
    parameters = {name: all_parameters[name] for name in saturation.parameters}
    amplitude = all_parameters.get(saturation.amplitude, 1.0)
    x = np.array([0.0, 0.5, 2.0])
    np.testing.assert_allclose(amplitude * saturation.shape(x, **parameters), function(x, **all_parameters))
    np.testing.assert_allclose(amplitude * saturation.derivative(x, **parameters), derivative(x, **all_parameters))
    assert saturation.shape(np.array(0.0), **parameters) == 0
    # A root has no ceiling; its height is that at the spend scale.
    assert saturation.shape(np.array(1.0 if kind == "root" else 1e9), **parameters) == pytest.approx(1, abs=1e-6)


def test_constant_spend_stays_what_it_is_once_adstock_has_settled():
    carried = carry_over(np.full((12, 1), 7.0), geometric([[0.9]], 5))
    np.testing.assert_allclose(carried[0, 4:, 0], 7.0)


def test_one_week_of_spend_acts_for_max_lag_weeks_and_is_not_lost():
    carried = carry_over(np.eye(8, 1) * 100, geometric([[0.5]], 3))[0, :, 0]
    np.testing.assert_allclose(carried, [400 / 7, 200 / 7, 100 / 7, 0, 0, 0, 0, 0])


def test_adstock_keeps_samples_and_series_apart():
    alpha = np.array([[0.0, 0.5], [0.9, 0.2], [1.0, 0.3]])
    x = np.random.default_rng(0).random((9, 2))
    carried = carry_over(x, geometric(alpha, 4))
    assert carried.shape == (3, 9, 2)
    for s in range(3):
        for j in range(2):
            w = geometric(alpha[s, j], 4)
            by_hand = [sum(w[lag] * x[t - lag, j] for lag in range(4) if t >= lag) for t in range(9)]
            np.testing.assert_allclose(carried[s, :, j], by_hand)


@pytest.mark.parametrize(
    ("alpha", "max_lag", "message"), [(1.2, 4, "1.2"), (-0.1, 4, "-0.1"), (0.5, 0, "max_lag is 0")]
)
def test_adstock_refuses_weights_without_meaning(alpha, max_lag, message):
    with pytest.raises(ValueError, match=message):
        geometric([alpha], max_lag)


def test_trend_index_runs_from_zero_to_one_and_on():
    weeks = pd.date_range("2024-01-01", periods=4, freq="7D")
    np.testing.assert_allclose(trend_index(weeks, "2024-01-01", span_weeks=2), [0, 0.5, 1, 1.5])
