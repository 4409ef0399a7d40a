"""Quantiles of the spec's priors, which bound the search for a curve's parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from mmm_models.spec import PriorSpec

# Distribution -> quantile at q; arguments are those of `PriorSpec.standard()`. Tests hold them to scipy.stats.
_QUANTILES: dict[str, Callable[..., np.ndarray]] = {
    "Beta": lambda q, alpha, beta: special.betaincinv(alpha, beta, q),
    "Gamma": lambda q, alpha, beta: special.gammaincinv(alpha, q) / beta,
    "InverseGamma": lambda q, alpha, beta: beta / special.gammainccinv(alpha, q),
    "HalfNormal": lambda q, sigma: sigma * special.ndtri((1 + q) / 2),
    "HalfStudentT": lambda q, nu, sigma: sigma * special.stdtrit(nu, (1 + q) / 2),
    "Exponential": lambda q, scale: -scale * np.log1p(-q),
    "LogNormal": lambda q, mu, sigma: np.exp(mu + sigma * special.ndtri(q)),
    "Uniform": lambda q, lower, upper: lower + (upper - lower) * q,
    "TruncatedNormal": lambda q, mu, sigma, lower, upper: _truncated(q, mu, sigma, lower, upper),
}


def quantile(prior: PriorSpec, q: np.ndarray) -> np.ndarray:
    """Value below which the prior has the share `q`, of the shape of `q`. The prior is one of a curve: not below 0."""
    standard = prior.standard()
    return _QUANTILES[standard.distribution](q, **standard.parameters)


def _truncated(q: np.ndarray, mu: float, sigma: float, lower: float, upper: float) -> np.ndarray:
    below, above = special.ndtr((lower - mu) / sigma), special.ndtr((upper - mu) / sigma)
    return mu + sigma * special.ndtri(below + q * (above - below))
