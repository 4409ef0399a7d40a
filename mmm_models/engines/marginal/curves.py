"""Adstock weights and saturation curves as JAX functions; tests hold them to those of `mmm_models.transforms`.

They differ in what a gradient needs: where nothing is spent the curve has no slope by any parameter, not a NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp


def _weibull_density(lag: jax.Array, lam: jax.Array, k: jax.Array) -> jax.Array:
    log_t = jnp.log(lag + 1) - jnp.log(lam)
    return jnp.exp(jnp.log(k / lam) + (k - 1) * log_t - jnp.exp(k * log_t))


def _from_zero_to_one(raw: jax.Array, remembered: jax.Array) -> jax.Array:
    """Moved and scaled over each channel's own memory; 1 where that is a single week."""
    least = jnp.where(remembered > 0, raw, jnp.inf).min(axis=-1, keepdims=True)
    width = jnp.where(remembered > 0, raw, -jnp.inf).max(axis=-1, keepdims=True) - least
    return jnp.where(width > 0, (raw - least) / jnp.where(width > 0, width, 1.0), 1.0)


def _weibull_survival(lag: jax.Array, lam: jax.Array, k: jax.Array) -> jax.Array:
    hazard = jnp.where(lag > 0, jnp.exp(k * (jnp.log(jnp.maximum(lag, 1.0)) - jnp.log(lam))), 0.0)
    return jnp.exp(-jnp.cumsum(hazard, axis=-1))


# kind -> weights before they are scaled and normalised: lag (lag), parameters (channel, 1) -> (channel, lag).
WEIGHTS: dict[str, Callable[..., jax.Array]] = {
    "geometric": lambda lag, alpha: jnp.exp(lag * jnp.log(alpha)),
    "delayed": lambda lag, alpha, theta: jnp.exp((lag - theta) ** 2 * jnp.log(alpha)),
    "weibull_pdf": _weibull_density,
    "weibull_cdf": _weibull_survival,
}


def weights(kind: str, parameters: dict[str, jax.Array], remembered: jax.Array) -> jax.Array:
    """Normalised weights (channel, lag); `remembered` (channel, lag) is 1 within each channel's own memory, else 0."""
    lag = jnp.arange(remembered.shape[-1], dtype=remembered.dtype)
    raw = WEIGHTS[kind](lag, **{name: values[:, None] for name, values in parameters.items()})
    if kind == "weibull_pdf":
        raw = _from_zero_to_one(raw, remembered)
    raw = raw * remembered
    return raw / raw.sum(axis=-1, keepdims=True)


def _log(x: jax.Array) -> jax.Array:
    """log x, and 0 where x is 0, without a NaN in its gradient."""
    return jnp.log(jnp.where(x > 0, x, 1.0))


def _hill(x: jax.Array, slope: jax.Array, kappa: jax.Array) -> jax.Array:
    return jnp.where(x > 0, jax.nn.sigmoid(slope * (_log(x) - jnp.log(kappa))), 0.0)


def _root(x: jax.Array, alpha: jax.Array) -> jax.Array:
    return jnp.where(x > 0, jnp.exp(alpha * _log(x)), 0.0)


# kind -> shape(x, **parameters), as `mmm_models.transforms.SATURATIONS[kind].shape`.
SHAPES: dict[str, Callable[..., jax.Array]] = {
    "logistic": lambda x, lam: jnp.tanh(0.5 * lam * x),
    "hill": _hill,
    "michaelis_menten": lambda x, lam: x / (lam + x),
    "tanh": lambda x, b, c: jnp.tanh(x / (b * c)),
    "root": _root,
}
# kind -> x * d/dx of the shape: what a proportional raise of spend brings, divided by the raise.
ELASTICITIES: dict[str, Callable[..., jax.Array]] = {
    "logistic": lambda x, lam: 0.5 * lam * x * (1 - jnp.tanh(0.5 * lam * x) ** 2),
    "hill": lambda x, slope, kappa: slope * _hill(x, slope, kappa) * (1 - _hill(x, slope, kappa)),
    "michaelis_menten": lambda x, lam: lam * x / (lam + x) ** 2,
    "tanh": lambda x, b, c: x / (b * c) * (1 - jnp.tanh(x / (b * c)) ** 2),
    "root": lambda x, alpha: alpha * _root(x, alpha),
}
