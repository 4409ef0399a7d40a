"""What a fusion of sources must do whatever the figures: limits, repeats, order, quality, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from mmm_models.errors import EvidenceError
from mmm_models.evidence.triangulation import (
    BiasPriors,
    Sources,
    Spreads,
    attribution_dataset,
    experiments_dataset,
    mmm_dataset,
    triangulate,
)
from tests.unit.mmm_models.triangulation.readings import CHANNELS, COVARIANCE, MMM, PLATFORMS, TESTS, readings

UNBIASED = BiasPriors(mu_mmm=(0.0, 0.0), mu_attribution=(0.0, 0.0), theta_sd=1e3)
FIGURES = ["estimate", "sd", "roas_p05", "roas_p50", "roas_p95"]


def test_without_bias_and_scatter_it_is_the_inverse_variance_mean():
    known = Spreads(tau_experiment=0.0, tau_mmm=0.0, tau_attribution=0.0, omega=1e3)
    made = triangulate(readings(), priors=UNBIASED, spreads=known)
    # By hand: precisions of every source add up, the model's with its covariance.
    precision = np.linalg.inv(COVARIANCE)
    pulled = precision @ MMM
    for of, value, error in [(0, 0.1, 0.2), (0, 0.3, 0.25), (2, 0.6, 0.15), (0, 1.2, 0.05), (1, 1.5, 0.05)]:
        precision[of, of] += error**-2
        pulled[of] += value * error**-2
    covariance = np.linalg.inv(precision)
    for result in (made, triangulate(readings(), "inverse_variance")):
        np.testing.assert_allclose(result["estimate"], covariance @ pulled, atol=1e-6)
        np.testing.assert_allclose(result["sd"], np.sqrt(np.diag(covariance)), rtol=1e-5)


@pytest.mark.parametrize(
    ("source", "spread"),
    [("experiments", "tau_experiment"), ("mmm", "tau_mmm"), ("attribution", "tau_attribution")],
)
def test_a_source_whose_bias_may_be_anything_is_as_good_as_absent(source, spread):
    usual = {"tau_experiment": 0.1, "tau_mmm": 0.3, "tau_attribution": 0.3, "omega": 0.6}
    # A far prior mean of theta_0 would move with the readings left out; a wide one does not.
    priors = BiasPriors(theta_sd=1e3)
    made = triangulate(readings(), priors=priors, spreads=Spreads(**(usual | {spread: 300.0})))
    absent = triangulate(readings().without(source=source), priors=priors, spreads=Spreads(**usual))
    absent = absent.sel(channel=made["channel"])
    np.testing.assert_allclose(made["estimate"], absent["estimate"], atol=1e-3)
    np.testing.assert_allclose(made["sd"], absent["sd"], rtol=1e-3)
    np.testing.assert_allclose(made["weight"].sel(source=source), 0.0, atol=1e-4)


@pytest.mark.parametrize("method", ["hierarchical", "inverse_variance", "weighted_average"])
def test_a_study_that_is_read_twice_narrows_nothing(method):
    once = TESTS.assign(study=TESTS["test"])
    twice = pd.concat([once, once.iloc[[2]].assign(test="t3 again")])
    first, second = triangulate(readings(once), method), triangulate(readings(twice), method)
    for name in FIGURES:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-9)


def test_another_study_of_the_channel_does_narrow():
    more = pd.concat([TESTS, TESTS.iloc[[2]].assign(test="t4")])
    narrower = triangulate(readings(more))["sd"] / triangulate(readings())["sd"]
    assert float(narrower.sel(channel="tv")) < 0.97


def test_the_same_test_twice_is_refused():
    with pytest.raises(EvidenceError, match="experiment t1 stands 2 times"):
        readings(pd.concat([TESTS, TESTS.iloc[[0]]]))


def test_the_better_the_test_the_nearer_to_it_and_the_narrower():
    """The test of tv says less than everything else about it does; how well it was done varies."""
    tests = TESTS.assign(estimate=[0.1, 0.3, -0.2])
    made = [triangulate(readings(tests.assign(quality=[1.0, 1.0, q]))).sel(channel="tv") for q in (1.0, 0.6, 0.3, 0.1)]
    distance = [float(m["estimate"]) + 0.2 for m in made]
    assert distance == sorted(distance)
    spread = [float(m["sd"]) for m in made]
    assert spread == sorted(spread)
    weight = [float(m["weight"].sel(source="experiments")) for m in made]
    assert weight == sorted(weight, reverse=True)


def test_an_old_test_counts_less():
    young, old = (triangulate(readings(TESTS.assign(age_weeks=age))) for age in (0, 208))
    assert float(old["sd"].sel(channel="tv")) > float(young["sd"].sel(channel="tv"))
    studies = readings(TESTS.assign(age_weeks=52.18)).studies
    assert studies.loc["t3", "variance"] == pytest.approx(0.15**2 + 0.10**2)


def test_the_order_of_the_rows_does_not_matter():
    first = triangulate(readings())
    back = CHANNELS[::-1]
    second = triangulate(
        Sources(
            experiments_dataset(TESTS[::-1]),
            mmm_dataset(back, MMM[::-1], COVARIANCE[::-1, ::-1]),
            attribution_dataset(PLATFORMS[::-1]),
        )
    ).sel(channel=first["channel"])
    for name in [*FIGURES, "weight", "width_inflation", "shared_bias"]:
        np.testing.assert_allclose(second[name], first[name], rtol=1e-6)
    np.testing.assert_allclose(second["bias"], first["bias"], rtol=1e-6)


def test_an_untested_channel_inherits_the_bias_that_tests_showed():
    """Where tests say half of what the model says, the model is not believed elsewhere either."""
    channels = [f"c{number}" for number in range(7)]
    model = mmm_dataset(channels, np.full(7, 1.0), 0.01 * np.eye(7))
    tests = pd.DataFrame(
        {"test": channels[:6], "channel": channels[:6], "estimate": 1.0 - np.log(2), "standard_error": 0.1}
    )
    made = triangulate(Sources(experiments_dataset(tests), model)).sel(channel="c6")
    assert float(made["estimate"]) == pytest.approx(1.0 - np.log(2), abs=0.08)
    assert float(made["bias"].sel(biased="mmm")) == pytest.approx(1.0, abs=0.15)
    assert np.isnan(float(made["bias"].sel(biased="attribution")))
    alone = triangulate(Sources(mmm=model)).sel(channel="c6")
    assert float(made["sd"]) < 0.6 * float(alone["sd"])


@pytest.mark.parametrize(("tested", "verdict"), [(0, "directional"), (2, "directional"), (3, "usable"), (4, "ready")])
def test_verdict_counts_the_channels_that_were_measured_twice(tested, verdict):
    channels = [f"c{number}" for number in range(5)]
    tests = pd.DataFrame({"test": channels, "channel": channels, "estimate": 0.5, "standard_error": 0.2})[:tested]
    sources = Sources(
        experiments_dataset(tests) if tested else None, mmm_dataset(channels, np.full(5, 0.5), 0.04 * np.eye(5))
    )
    assert triangulate(sources).attrs["verdict"] == verdict
    assert triangulate(sources, "inverse_variance").attrs["verdict"] == "directional"


def test_hand_weights_are_shared_out_among_the_sources_a_channel_has():
    weight = triangulate(readings(), "weighted_average")["weight"]
    assert weight.sel(channel="search").values == pytest.approx([0.5, 0.3, 0.2, 0.0])
    assert weight.sel(channel="tv").values == pytest.approx([0.5 / 0.8, 0.3 / 0.8, 0.0, 0.0])


def test_figures_below_zero_are_fused_on_the_natural_scale():
    """On that scale everything is linear: twice the figures in twice the unit is twice the result."""
    tests = TESTS.assign(estimate=[-0.2, 0.1, 0.6])
    one = triangulate(readings(tests, scale="natural"))
    double = triangulate(
        Sources(
            experiments_dataset(
                tests.assign(estimate=tests["estimate"] * 2, standard_error=TESTS["standard_error"] * 2)
            ),
            mmm_dataset(CHANNELS, MMM * 2, COVARIANCE * 4),
            attribution_dataset(PLATFORMS.assign(estimate=[2.4, 3.0], standard_error=0.1)),
            scale="natural",
            unit=2.0,
        )
    )
    assert float(one["roas_p05"].sel(channel="search")) < 0
    np.testing.assert_allclose(one["roas_mean"], one["estimate"])
    # The drift of old tests is the only thing in logs; these are new.
    np.testing.assert_allclose(double["roas_p05"], 2 * one["roas_p05"], rtol=1e-6)
    np.testing.assert_allclose(double["bias"].values, one["bias"].values, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Sources(), "nothing to triangulate"),
        (lambda: readings(TESTS.assign(standard_error=0.0)), "experiment t1: standard_error is 0"),
        (lambda: readings(TESTS.assign(quality=1.5)), "experiment t1: quality is 1.5; above 0 and at most 1"),
        (lambda: readings(mmm=mmm_dataset(CHANNELS, MMM, -COVARIANCE)), "covariance is not symmetric and positive"),
        (lambda: triangulate(readings(), "hierarchic"), "no method 'hierarchic' .did you mean 'hierarchical'"),
    ],
)
def test_what_cannot_be_fused_is_refused_with_the_reason(make, message):
    with pytest.raises(EvidenceError, match=message):
        make()
