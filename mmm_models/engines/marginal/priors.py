"""The spec's priors as JAX log densities, and the coordinates without limits in which a sampler moves.

A parameter is sampled as z with x = `constrain(z)`; its log density in z is that of x plus log |dx/dz|.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.scipy import stats
from jax.scipy.special import gammaln

# Distribution -> log density of x; the arguments are those of `PriorSpec.standard()`.
LOG_DENSITIES: dict[str, Callable[..., jax.Array]] = {
    "Beta": lambda x, alpha, beta: stats.beta.logpdf(x, alpha, beta),
    "Gamma": lambda x, alpha, beta: alpha * jnp.log(beta) - gammaln(alpha) + (alpha - 1) * jnp.log(x) - beta * x,
    "InverseGamma": lambda x, alpha, beta: alpha * jnp.log(beta) - gammaln(alpha) - (alpha + 1) * jnp.log(x) - beta / x,
    "HalfNormal": lambda x, sigma: jnp.log(2.0) + stats.norm.logpdf(x, 0.0, sigma),
    "HalfStudentT": lambda x, nu, sigma: jnp.log(2.0) + stats.t.logpdf(x, nu, 0.0, sigma),
    "Exponential": lambda x, scale: -jnp.log(scale) - x / scale,
    "LogNormal": lambda x, mu, sigma: stats.norm.logpdf(jnp.log(x), mu, sigma) - jnp.log(x),
    "Uniform": lambda x, lower, upper: jnp.broadcast_to(-jnp.log(upper - lower), jnp.shape(x)),
    "TruncatedNormal": lambda x, mu, sigma, lower, upper: (
        stats.norm.logpdf(x, mu, sigma) - jnp.log(stats.norm.cdf(upper, mu, sigma) - stats.norm.cdf(lower, mu, sigma))
    ),
}
_BOUNDED = ("Uniform", "TruncatedNormal")


def constrain(distribution: str, z: jax.Array, numbers: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Return x and log |dx/dz|, both of the shape of `z`."""
    if distribution in _BOUNDED or distribution == "Beta":
        lower = numbers["lower"] if distribution in _BOUNDED else 0.0
        width = numbers["upper"] - lower if distribution in _BOUNDED else 1.0
        return lower + width * jax.nn.sigmoid(z), jnp.log(width) - jax.nn.softplus(z) - jax.nn.softplus(-z)
    return jnp.exp(z), z


def log_density(distribution: str, z: jax.Array, numbers: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Return x and the log density of z, both of the shape of `z`; `numbers` are the distribution's arguments."""
    x, log_jacobian = constrain(distribution, z, numbers)
    return x, LOG_DENSITIES[distribution](x, **numbers) + log_jacobian
