"""Saturation and its slope in one go: a plan asks for both, and most of the slope's work is the value's.

Each kind equals `mmm_models.transforms.SATURATIONS` (tests hold that). Parameters are prepared once, and single
precision, in which tables are made, stays single.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# Curves with slope below 1 are infinitely steep at zero; below this share of the spend scale the slope is held.
_STEEPEST_AT = 1e-6

ValueSlope = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Shape:
    """`prepare` makes of a kind's parameters what `evaluate(x, **prepared)` takes: value and slope at x of 0 or more.

    `is_s_shaped`, of the kind's parameters: is the curve steeper somewhere than at zero, so that money in bursts can
    be worth more than the same money spread evenly?
    """

    prepare: Callable[..., dict[str, np.ndarray]]
    evaluate: Callable[..., ValueSlope]
    is_s_shaped: Callable[..., np.ndarray]


def _logistic(x: np.ndarray, half: np.ndarray) -> ValueSlope:
    value = np.tanh(x * half)
    return value, half * (1 - value * value)


def _hill(x: np.ndarray, slope: np.ndarray, log_kappa: np.ndarray) -> ValueSlope:
    def share(at: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", over="ignore"):
            return 1 / (1 + np.exp((log_kappa - np.log(at)) * slope))

    def steepness(value: np.ndarray, at: np.ndarray) -> np.ndarray:
        return value * (1 - value) * slope / at

    value = share(x)
    return value, _held(x, value, steepness, share)


def _michaelis_menten(x: np.ndarray, lam: np.ndarray) -> ValueSlope:
    below = 1 / (lam + x)
    return x * below, lam * below * below


def _tanh(x: np.ndarray, width: np.ndarray) -> ValueSlope:
    value = np.tanh(x / width)
    return value, (1 - value * value) / width


def _root(x: np.ndarray, alpha: np.ndarray) -> ValueSlope:
    def power(at: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            return np.exp(alpha * np.log(at))

    def steepness(value: np.ndarray, at: np.ndarray) -> np.ndarray:
        return alpha * value / at

    value = power(x)
    return value, _held(x, value, steepness, power)


def _linear(x: np.ndarray) -> ValueSlope:
    return x, np.ones_like(x)


def _held(
    x: np.ndarray, value: np.ndarray, steepness: Callable[..., np.ndarray], curve: Callable[..., np.ndarray]
) -> np.ndarray:
    """The steepness at x, and near zero that at a small pressure: there it may be infinite."""
    least = x.dtype.type(_STEEPEST_AT)
    if x.min() >= least:
        return steepness(value, x)
    slope = steepness(value, np.maximum(x, least))
    np.copyto(slope, steepness(curve(least), least).astype(x.dtype), where=x < least)
    return slope


def _never(**parameters: np.ndarray) -> np.ndarray:
    return np.zeros(next(iter(parameters.values())).shape, dtype=bool)


SHAPES: dict[str, Shape] = {
    "logistic": Shape(lambda lam: {"half": 0.5 * lam}, _logistic, _never),
    "hill": Shape(
        lambda slope, kappa: {"slope": slope, "log_kappa": np.log(kappa)}, _hill, lambda slope, kappa: slope > 1
    ),
    "michaelis_menten": Shape(lambda lam: {"lam": lam}, _michaelis_menten, _never),
    "tanh": Shape(lambda b, c: {"width": b * c}, _tanh, _never),
    "root": Shape(lambda alpha: {"alpha": alpha}, _root, lambda alpha: alpha > 1),
}

# The response where nothing saturates.
LINEAR = Shape(dict, _linear, _never)
