"""Priors of the fast engine against scipy, in their own units and in the coordinates of the sampler."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

import mmm_models.engines.marginal  # noqa: F401  (double precision)
from mmm_models.engines.marginal.priors import LOG_DENSITIES, log_density
from mmm_models.spec.priors import DISTRIBUTIONS, PriorSpec, prior

POSITIVE = {
    "Beta": (prior("Beta", alpha=2, beta=3), stats.beta(2, 3)),
    "Beta by mean": (prior("Beta", mu=0.4, sigma=0.2), stats.beta(2, 3)),
    "Gamma": (prior("Gamma", alpha=3, beta=2), stats.gamma(3, scale=0.5)),
    "Gamma by mean": (prior("Gamma", mu=1.5, sigma=0.75**0.5), stats.gamma(3, scale=0.5)),
    "InverseGamma": (prior("InverseGamma", alpha=3, beta=2), stats.invgamma(3, scale=2)),
    "InverseGamma by mean": (prior("InverseGamma", mu=1, sigma=1), stats.invgamma(3, scale=2)),
    "HalfNormal": (prior("HalfNormal", sigma=0.5), stats.halfnorm(scale=0.5)),
    "HalfStudentT": (prior("HalfStudentT", nu=3, sigma=0.5), None),
    "Exponential": (prior("Exponential", lam=2), stats.expon(scale=0.5)),
    "LogNormal": (prior("LogNormal", mu=0.2, sigma=0.9), stats.lognorm(0.9, scale=np.exp(0.2))),
    "Uniform": (prior("Uniform", lower=0.2, upper=0.9), stats.uniform(0.2, 0.7)),
    "TruncatedNormal": (
        prior("TruncatedNormal", mu=0.5, sigma=0.4, lower=0.1, upper=2),
        stats.truncnorm(-1, 3.75, 0.5, 0.4),
    ),
}
REAL = {
    "Normal": (prior("Normal", mu=0.3, sigma=2), stats.norm(0.3, 2)),
    "StudentT": (prior("StudentT", nu=4, mu=0.3, sigma=2), stats.t(4, 0.3, 2)),
    "Laplace": (prior("Laplace", mu=0.3, b=2), stats.laplace(0.3, 2)),
}
X = np.array([0.25, 0.5, 0.8])


def half_t(x: np.ndarray, nu: float, sigma: float) -> np.ndarray:
    return 2 * stats.t.pdf(x, nu, 0, sigma)


def numbers(spec: PriorSpec) -> dict[str, jnp.ndarray]:
    return {name: jnp.array(value) for name, value in spec.standard().parameters.items()}


@pytest.mark.parametrize("name", POSITIVE)
def test_the_density_is_that_of_scipy(name):
    spec, peer = POSITIVE[name]
    expected = peer.pdf(X) if peer else half_t(X, 3, 0.5)
    ours = LOG_DENSITIES[spec.distribution](jnp.array(X), **numbers(spec))
    np.testing.assert_allclose(np.exp(ours), expected, rtol=1e-9)


@pytest.mark.parametrize("name", POSITIVE)
def test_in_the_coordinates_of_the_sampler_it_is_still_a_density(name):
    spec, _ = POSITIVE[name]
    total, _ = integrate.quad(
        lambda z: float(np.exp(log_density(spec.distribution, jnp.array(z), numbers(spec))[1])), -40, 40, limit=400
    )
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("name", [*POSITIVE, *REAL])
def test_the_mean_is_that_of_scipy(name):
    spec, peer = {**POSITIVE, **REAL}[name]
    expected = peer.mean() if peer else integrate.quad(lambda x: x * half_t(x, 3, 0.5), 0, np.inf)[0]
    assert spec.mean == pytest.approx(expected, rel=1e-6)


def test_every_distribution_of_a_positive_parameter_is_known():
    assert {spec.distribution for spec, _ in [*POSITIVE.values(), *REAL.values()]} == set(DISTRIBUTIONS)
    assert set(LOG_DENSITIES) == {spec.distribution for spec, _ in POSITIVE.values()}
