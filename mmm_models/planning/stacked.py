"""A channel's horizon over the draws of several structures, each with curves of its own kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class ChannelHorizon(Protocol):
    """One channel's value of a weekly level over the horizon, draw by draw."""

    @property
    def size(self) -> int:
        """Numbers that one evaluation holds."""
        ...

    @property
    def samples(self) -> int:
        """Number of draws."""
        ...

    def value(self, levels: np.ndarray) -> np.ndarray:
        """Outcome (..., sample, market) of `levels` (..., 1, market) or (market)."""
        ...

    def slope(self, levels: np.ndarray) -> np.ndarray:
        """Derivative of `value` by the level."""
        ...

    def take(self, samples: np.ndarray) -> ChannelHorizon:
        """The same channel on some of the draws (ascending)."""
        ...


@dataclass(frozen=True)
class StackedHorizon:
    """The draws of several structures, one structure after the other."""

    parts: tuple[ChannelHorizon, ...]

    @property
    def size(self) -> int:
        """Numbers that one evaluation holds."""
        return sum(part.size for part in self.parts)

    @property
    def samples(self) -> int:
        """Number of draws."""
        return sum(part.samples for part in self.parts)

    def value(self, levels: np.ndarray) -> np.ndarray:
        """Outcome (..., sample, market) of `levels` (..., 1, market) or (market)."""
        return np.concatenate([part.value(levels) for part in self.parts], axis=-2)

    def slope(self, levels: np.ndarray) -> np.ndarray:
        """Derivative of `value` by the level."""
        return np.concatenate([part.slope(levels) for part in self.parts], axis=-2)

    def take(self, samples: np.ndarray) -> StackedHorizon:
        """The same channel on some of the draws (ascending)."""
        taken, start = [], 0
        for part in self.parts:
            own = samples[(samples >= start) & (samples < start + part.samples)] - start
            if own.size:
                taken.append(part.take(own))
            start += part.samples
        return StackedHorizon(tuple(taken))
