"""Random budget problems: six Hill curves, and money that is about enough to bring some of them half-way up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.planning.made import made_fit
from mmm_models.planning.allocation import plan_problem
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.planning.solvers import Problem

# Slopes of each class: concave, a little S-shaped, and much.
CLASSES = {"0.5 to 1": (0.5, 1.0), "1 to 2": (1.0, 2.0), "1.5 to 3.5": (1.5, 3.5)}
CHANNELS = 6


@dataclass(frozen=True)
class Curves:
    """What a week's spend s brings: top · s^slope / (s^slope + half^slope), each (channel); `budget` a week."""

    top: np.ndarray
    half: np.ndarray
    slope: np.ndarray
    budget: float

    def values(self, spend: np.ndarray) -> np.ndarray:
        """What each channel brings, (…, channel)."""
        odds = (np.maximum(spend, 0.0) / self.half) ** self.slope
        return self.top * odds / (1.0 + odds)


def random_curves(low: float, high: float, rng: np.random.Generator, channels: int = CHANNELS) -> Curves:
    """Slopes uniform in a class, tops and half-saturations lognormal, the budget 0.3 to 1 of all half-saturations."""
    half = rng.lognormal(0.0, 0.5, channels)
    return Curves(
        top=rng.lognormal(0.0, 0.5, channels),
        half=half,
        slope=rng.uniform(low, high, channels),
        budget=float(rng.uniform(0.3, 1.0) * half.sum()),
    )


def as_problem(curves: Curves) -> Problem:
    """The planner's own problem of one week, each channel between nothing and the whole budget."""
    draw = {
        "media_coefficient": curves.top,
        "saturation_slope": curves.slope,
        "saturation_kappa": curves.half,
        "adstock_alpha": np.full(curves.top.size, 0.5),
    }
    fit = made_fit(
        np.full((2, 1, curves.top.size), curves.budget / curves.top.size),
        {name: values[None, None, None, :] for name, values in draw.items()},
        adstock={"kind": "geometric", "max_lag": 1},
        saturation="hill",
        planning={"horizon_weeks": 1, "budget": curves.budget, "bounds": {"default": {"min": 0.0}}},
        scale=np.ones((1, curves.top.size)),
    )
    bounds, budget = bounds_and_budget(fit)
    return plan_problem(HorizonObjective.from_fit(fit, 1, np.array([0])), bounds, budget, fit.spec.planning)
