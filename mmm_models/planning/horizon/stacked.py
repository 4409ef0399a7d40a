"""A channel's horizon over the draws of several structures, each with curves of its own kind."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.horizon.channel import ChannelHorizon, ChannelTerms


@dataclass(frozen=True, eq=False)
class StackedHorizon:
    """The draws of several structures, one structure after the other; a plain fit has one."""

    parts: tuple[ChannelHorizon, ...]

    @classmethod
    def of(
        cls, curves: tuple[ChannelCurve, ...], laydowns: np.ndarray, terms: ChannelTerms, *, repeated: bool = False
    ) -> "StackedHorizon":
        """See `ChannelHorizon.of`; one curve of each structure."""
        return cls(tuple(ChannelHorizon.of(curve, laydowns, terms, repeated=repeated) for curve in curves))

    @property
    def size(self) -> int:
        """Numbers that one evaluation holds."""
        return sum(part.size for part in self.parts)

    def only(self, paths: np.ndarray) -> "StackedHorizon":
        """Some of the paths, by number."""
        return StackedHorizon(tuple(part.only(paths) for part in self.parts))

    @cached_property
    def single(self) -> "StackedHorizon":
        """The same in single precision."""
        return StackedHorizon(tuple(part.single for part in self.parts))

    def outcome(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outcome (…, path, sample) of `levels` (…, path), and its derivative; see `ChannelHorizon.outcome`."""
        found = [part.outcome(levels) for part in self.parts]
        if len(found) == 1:
            return found[0]
        values, slopes = zip(*found, strict=True)
        return np.concatenate(values, axis=-1), np.concatenate(slopes, axis=-1)


def thinned(curves: tuple[ChannelCurve, ...], keep: np.ndarray) -> tuple[ChannelCurve, ...]:
    """One channel's curves on some of the draws, numbered through all structures (ascending)."""
    taken, start = [], 0
    for curve in curves:
        size = len(curve.weights)
        own = keep[(keep >= start) & (keep < start + size)] - start
        if own.size:
            taken.append(_taken(curve, own))
        start += size
    return tuple(taken)


def _taken(curve: ChannelCurve, own: np.ndarray) -> ChannelCurve:
    strength = curve.log_strength
    return replace(
        curve,
        weights=curve.weights[own],
        coefficient=curve.coefficient[own],
        parameters={name: values[own] for name, values in curve.parameters.items()},
        log_strength=None if strength is None else strength[own],
    )
