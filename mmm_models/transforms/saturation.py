"""Diminishing returns. Each function equals PyMC-Marketing's of the same name; x is spend / spend_scale, x >= 0."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def logistic_saturation(x: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """(1 - exp(-lam x)) / (1 + exp(-lam x)), in [0, 1). Written as tanh(lam x / 2), which cannot overflow."""
    return np.tanh(0.5 * lam * x)


def logistic_derivative(x: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """d/dx of `logistic_saturation`; lam / 2 at x = 0."""
    return 0.5 * lam * (1.0 - np.tanh(0.5 * lam * x) ** 2)


def hill_function(x: np.ndarray, slope: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    """x^slope / (kappa^slope + x^slope), in [0, 1); 1/2 at x = kappa. Evaluated in logs, so that powers stay finite."""
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore"):
        log_odds = slope * (np.log(x) - np.log(kappa))
    return np.where(x > 0, _sigmoid(log_odds), 0.0)


def hill_derivative(x: np.ndarray, slope: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    """d/dx of `hill_function`: h (1 - h) slope / x. At x = 0: 0, 1 / kappa or inf for slope above, at or below 1."""
    x = np.asarray(x, dtype=np.float64)
    share = hill_function(x, slope, kappa)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = share * (1.0 - share) * slope / x
    at_zero = np.where(slope > 1, 0.0, np.where(slope < 1, np.inf, 1.0 / kappa))
    return np.where(x > 0, inside, at_zero)


def michaelis_menten(x: np.ndarray, alpha: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """alpha x / (lam + x), in [0, alpha); alpha / 2 at x = lam."""
    return alpha * x / (lam + x)


def michaelis_menten_derivative(x: np.ndarray, alpha: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """d/dx of `michaelis_menten`: alpha lam / (lam + x)^2."""
    return alpha * lam / (lam + x) ** 2


def tanh_saturation(x: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """b tanh(x / (b c)), in [0, b); slope 1 / c at x = 0."""
    return b * np.tanh(x / (b * c))


def tanh_derivative(x: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """d/dx of `tanh_saturation`: (1 - tanh(x / (b c))^2) / c."""
    return (1.0 - np.tanh(x / (b * c)) ** 2) / c


def root_saturation(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """x^alpha, 0 at x = 0: grows without end, ever more slowly for alpha below 1."""
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(x > 0, np.exp(alpha * np.log(x)), 0.0)


def root_derivative(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """d/dx of `root_saturation`: alpha x^(alpha - 1); infinite at x = 0 for alpha below 1."""
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(divide="ignore"):
        inside = alpha * np.exp((alpha - 1.0) * np.log(x))
    return np.where(x > 0, inside, np.where(alpha < 1, np.inf, 1.0))


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


@dataclass(frozen=True)
class Saturation:
    """A saturation kind, split as a `Fit` stores it: outcome = media_coefficient * shape(x, **parameters).

    `amplitude` is the engine's parameter that becomes the media coefficient (outcome at full saturation; of `root`,
    outcome at the spend scale), `shape` rises from 0 towards 1 (`root`: without end), and `parameters` are the shape's
    arguments (`saturation_<name>` in the posterior).
    """

    kind: str
    amplitude: str
    parameters: tuple[str, ...]
    shape: Callable[..., np.ndarray]
    derivative: Callable[..., np.ndarray]


# tanh's b is both its height and part of its width, so it stays among the parameters of the shape.
SATURATIONS: dict[str, Saturation] = {
    saturation.kind: saturation
    for saturation in (
        Saturation("logistic", "beta", ("lam",), logistic_saturation, logistic_derivative),
        Saturation("hill", "beta", ("slope", "kappa"), hill_function, hill_derivative),
        Saturation(
            "michaelis_menten",
            "alpha",
            ("lam",),
            lambda x, lam: michaelis_menten(x, 1.0, lam),
            lambda x, lam: michaelis_menten_derivative(x, 1.0, lam),
        ),
        Saturation(
            "tanh", "b", ("b", "c"), lambda x, b, c: np.tanh(x / (b * c)), lambda x, b, c: tanh_derivative(x, b, c) / b
        ),
        Saturation("root", "beta", ("alpha",), root_saturation, root_derivative),
    )
}

# The response where nothing saturates.
LINEAR = Saturation("linear", "beta", (), lambda x: x, np.ones_like)
