"""Priors outside media where a spec gives none; the same for every engine, so that engines can be compared."""

from mmm_models.spec import PriorSpec, PriorsSpec
from mmm_models.spec.priors import prior

# On outcome / (largest weekly outcome of the market).
_DEFAULTS = {
    "intercept": prior("Normal", mu=0.5, sigma=0.5),
    "trend": prior("Normal", mu=0, sigma=0.3),
    "control": prior("Normal", mu=0, sigma=0.2),
    "fourier": prior("Normal", mu=0, sigma=0.2),
    # A year of steps of 0.01 moves the level by 0.07.
    "level_step": prior("HalfNormal", sigma=0.01),
    # On the log of a channel's effect: a year of steps of 0.02 moves it by a seventh.
    "effect_step": prior("HalfNormal", sigma=0.02),
    "sigma": prior("HalfNormal", sigma=0.2),
    # On the log of a channel's effect: 0.5 is a market with 1.6 times the effect of the next.
    "scatter": prior("HalfNormal", sigma=0.5),
}


def baseline_priors(spec: PriorsSpec) -> dict[str, PriorSpec]:
    """Prior of intercept, trend, control, fourier, level_step, effect_step, sigma and scatter."""
    return {name: getattr(spec, name, None) or default for name, default in _DEFAULTS.items()}
