"""How a line's money can lie over the weeks of a plan: evenly, or in pulses of some weeks on and some off."""

import numpy as np

CONTINUOUS = "continuous"
GIVEN = "given"

# Weeks on and weeks off that media are bought in. Longer breaks let most channels' carryover fade altogether.
_ON = (1, 2, 3, 4)
_OFF = (1, 2, 3, 4, 6)


def even(weeks: int) -> np.ndarray:
    """The same money each week (week)."""
    return np.ones(weeks)


def pulses(weeks: int) -> dict[str, np.ndarray]:
    """Patterns of mean 1 (week) by name: some weeks on, some off, from each week with which such a cycle can begin.

    A pattern that a plan of this length cannot tell from an earlier one, or from even spend, is left out.
    """
    found: dict[str, np.ndarray] = {}
    seen = {even(weeks).tobytes()}
    for on in _ON:
        for off in _OFF:
            for first in range(min(off + 1, weeks)):
                since = np.arange(weeks) - first
                running = (since >= 0) & (since % (on + off) < on)
                weights = running * (weeks / running.sum())
                if weights.tobytes() not in seen:
                    seen.add(weights.tobytes())
                    found[f"{on} on, {off} off, from week {first + 1}"] = weights
    return found


def of_cycle(name: str, weeks: int) -> dict[str, np.ndarray]:
    """All pulses that are as long on and off as the one of this name; none for other laydowns."""
    cycle = name.partition(", from")[0]
    return {own: weights for own, weights in pulses(weeks).items() if own.partition(", from")[0] == cycle}


def greatest_level(weights: np.ndarray, committed: np.ndarray, cap: float) -> float:
    """The highest level a week at which no week of c_t + (b − c̄)·π_t exceeds `cap`; infinite without one.

    `weights` π and `committed` c (week). Where a commitment alone exceeds the cap the level is below c̄.
    """
    if not np.isfinite(cap):
        return np.inf
    running = weights > 0
    return float(committed.mean() + ((cap - committed)[running] / weights[running]).min())
