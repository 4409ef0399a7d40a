"""The closed form against joint normals written out by hand, and the integration against a random walk."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

from mmm_models.evidence.triangulation import BiasPriors, Spreads, triangulate
from mmm_models.evidence.triangulation.gaussian import build, condition, log_likelihood
from mmm_models.evidence.triangulation.integrate import integrate, mixture_quantiles
from tests.unit.mmm_models.triangulation.readings import (
    CHANNELS,
    COVARIANCE,
    MMM,
    PLATFORMS,
    TESTS,
    readings,
)

PRIORS = BiasPriors(theta_sd=1.5)
SPREADS = Spreads(tau_experiment=0.1, tau_mmm=0.3, tau_attribution=0.4, omega=0.5)
# theta (3), then the readings t1 t2 t3, m (3), a search, a social: which channel each is of.
OF = [0, 0, 2, 0, 1, 2, 0, 1]
VALUES = np.r_[TESTS["estimate"], MMM, PLATFORMS["estimate"]]


def joint() -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of (theta, readings), cell by cell."""
    theta = 1.5**2 * np.ones((3, 3)) + 0.5**2 * np.eye(3)
    of = np.r_[[0, 1, 2], OF]
    covariance = theta[np.ix_(of, of)]
    covariance[3:6, 3:6] += np.diag(TESTS["standard_error"] ** 2 + 0.1**2)
    covariance[6:9, 6:9] += COVARIANCE + 0.5**2 * np.ones((3, 3)) + 0.3**2 * np.eye(3)
    covariance[9:, 9:] += 0.5**2 * np.ones((2, 2)) + (0.4**2 + 0.05**2) * np.eye(2)
    mean = np.full(11, VALUES.mean())
    mean[9:] += 0.5
    return mean, covariance


def test_figures_given_all_spreads_are_those_of_the_joint_normal():
    mean, covariance = joint()
    gain = covariance[:3, 3:] @ np.linalg.inv(covariance[3:, 3:])
    made = triangulate(readings(), priors=PRIORS, spreads=SPREADS)
    np.testing.assert_allclose(made["estimate"], mean[:3] + gain @ (VALUES - mean[3:]), rtol=1e-9)
    spread = covariance[:3, :3] - gain @ covariance[3:, :3]
    np.testing.assert_allclose(made["sd"], np.sqrt(np.diag(spread)), rtol=1e-9)
    np.testing.assert_allclose(np.log(made["roas_p95"]), made["estimate"] + norm.ppf(0.95) * made["sd"], rtol=1e-6)
    np.testing.assert_allclose(made["roas_mean"], np.exp(made["estimate"] + made["sd"] ** 2 / 2), rtol=1e-9)


def test_likelihood_is_that_of_the_joint_normal():
    mean, covariance = joint()
    problem = build(readings(), PRIORS)
    expected = multivariate_normal(mean[3:], covariance[3:, 3:]).logpdf(VALUES)
    assert log_likelihood(problem, SPREADS.row())[0] == pytest.approx(expected, rel=1e-10)


def test_weights_given_all_spreads_are_the_shares_of_the_written_formula():
    made = triangulate(readings(), priors=PRIORS, spreads=SPREADS)
    parts = np.array([1 / (0.04 + 0.09), 1 / (0.2**2 + 0.01) + 1 / (0.25**2 + 0.01), 1 / (0.05**2 + 0.16), 1 / 0.25])
    np.testing.assert_allclose(made["weight"].sel(channel="search"), parts / parts.sum(), rtol=1e-9)
    np.testing.assert_allclose(made["weight"].sum("source"), 1.0)


def test_integration_gives_what_a_long_random_walk_gives():
    """Metropolis on the logs of the four standard deviations, 40,000 steps: slower, and right for sure."""
    problem, priors = build(readings(), PRIORS), PRIORS
    rng = np.random.default_rng(5)

    def log_density(logs: np.ndarray) -> np.ndarray:
        values = np.exp(logs)
        return log_likelihood(problem, values) + (-0.5 * (values / priors.scales) ** 2 + logs).sum(axis=1)

    # Eighty walkers side by side: a step costs hardly more than that of one.
    logs = np.log(priors.scales) + rng.normal(0, 0.5, (80, 4))
    here, kept = log_density(logs), []
    for step in range(500):
        proposed = logs + rng.normal(0, 0.7, logs.shape)
        there = log_density(proposed)
        taken = np.log(rng.random(80)) < there - here
        logs, here = np.where(taken[:, None], proposed, logs), np.where(taken, there, here)
        if step >= 100:
            kept.append(np.exp(logs))
    walked = condition(problem, np.concatenate(kept))
    points = integrate(lambda v: log_likelihood(problem, v), priors.scales, 1024, 0)
    assert points.effective > 200
    ours = condition(problem, points.values)
    equal = np.full(len(walked.mean), 1 / len(walked.mean))
    for level, tolerance in ((0.05, 0.04), (0.5, 0.02), (0.95, 0.04)):
        expected = mixture_quantiles(walked.mean, walked.sd, equal, (level,))
        found = mixture_quantiles(ours.mean, ours.sd, points.weights, (level,))
        width = (walked.sd**2).mean(axis=0) ** 0.5
        np.testing.assert_allclose(found[0], expected[0], atol=tolerance * 2 * width.max())


def test_quantiles_of_a_mixture_are_where_its_distribution_says():
    mean, sd, weights = np.array([[0.0], [3.0]]), np.array([[1.0], [0.2]]), np.array([0.7, 0.3])
    for level in (0.05, 0.5, 0.95):
        value = mixture_quantiles(mean, sd, weights, (level,))[0, 0]
        assert weights @ norm.cdf(value, mean[:, 0], sd[:, 0]) == pytest.approx(level, abs=1e-9)


def test_biases_add_up_with_the_figure_to_what_the_source_says():
    """With an exact reading, truth and bias must meet it."""
    exact = pd.DataFrame([{"channel": "social", "estimate": 1.5, "standard_error": 1e-4}])
    from mmm_models.evidence.triangulation import attribution_dataset

    problem = build(readings(attribution=attribution_dataset(exact)), PRIORS)
    found = condition(problem, SPREADS.row())
    at = CHANNELS.index("social")
    assert found.mean[0, at] + problem.centre + found.mean[0, 6 + at] == pytest.approx(1.5, abs=1e-3)
