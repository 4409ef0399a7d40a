"""How a line's money can lie over the weeks of a plan: evenly, or in pulses of some weeks on and some off."""

import numpy as np

CONTINUOUS = "continuous"
GIVEN = "given"

# Weeks on and weeks off that media are bought in.
_ON = (1, 2, 3, 4)
_OFF = (1, 2, 3, 4, 6)
# How many times as much the first week of a single burst may spend as its others, to fill the adstock at once.
_FIRST = {1.0: "", 1.5: ", the first one and a half times", 2.0: ", the first twice", 3.0: ", the first three times"}


def even(weeks: int) -> np.ndarray:
    """The same money each week (week)."""
    return np.ones(weeks)


def pulses(weeks: int) -> dict[str, np.ndarray]:
    """Patterns of mean 1 (week) by name, all from the first week on: cycles of weeks on and off, and single bursts.

    Against all ways to lay 16 steps of money over 8 weeks, repeated for ever, the best of these and even spend lost at
    most 0.2 % (geometric adstock of alpha 0.3 to 0.8, Hill slopes of 1.5 to 3, levels of 0.1 to 1.2 kappa). What a plan
    of this length cannot tell from an earlier one, or from even spend, is left out.
    """
    week = np.arange(weeks)
    running = {f"{on} on, {off} off": 1.0 * (week % (on + off) < on) for on in _ON for off in _OFF}
    for length in range(1, weeks):
        for first, said in _FIRST.items():
            if length > 1 or first == 1:
                burst = 1.0 * (week < length)
                burst[0] = first
                running[f"once for {length} week{'s' * (length > 1)}{said}"] = burst
    found: dict[str, np.ndarray] = {}
    seen = {even(weeks).tobytes()}
    for name, amounts in running.items():
        weights = amounts * (weeks / amounts.sum())
        if weights.tobytes() not in seen:
            seen.add(weights.tobytes())
            found[name] = weights
    return found


def starts(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """The same pulses begun in each of the weeks, by name; those that reach the end go on at the beginning."""
    own = name.partition(", from week")[0]
    moved = {f"{own}, from week {first + 1}": np.roll(weights, first) for first in range(1, len(weights))}
    return {name: weights} | moved


def greatest_level(weights: np.ndarray, committed: np.ndarray, cap: float) -> float:
    """The highest level a week at which no week of c_t + (b − c̄)·π_t exceeds `cap`; infinite without one.

    `weights` π and `committed` c (week). Where a commitment alone exceeds the cap the level is below c̄.
    """
    if not np.isfinite(cap):
        return np.inf
    running = weights > 0
    return float(committed.mean() + ((cap - committed)[running] / weights[running]).min())
