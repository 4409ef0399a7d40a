"""What decides how a model is compiled: kinds of curves, distributions of priors and in which cells anything acts.

Everything else (spend, outcome, numbers of priors, lift tests) is data: swapped in without compiling anew.
"""

from __future__ import annotations

from dataclasses import dataclass

type Distributions = tuple[tuple[str, str, tuple[int, ...]], ...]  # (parameter, distribution, positions in the group)


@dataclass(frozen=True)
class CurveGroup:
    """Channels whose adstock, or saturation, is of one kind.

    Attributes:
        kind: of the curve.
        channels: positions among the panel's channels.
        priors: the distribution of each parameter, by the positions in `channels` that have it.
        by_frequency: does saturation act on how often each person was reached, rather than on adstocked volume?
    """

    kind: str
    channels: tuple[int, ...]
    priors: Distributions
    by_frequency: bool = False


@dataclass(frozen=True)
class EffectGroup:
    """Effects that have a prior on one quantity and of one distribution.

    Attributes:
        quantity: "coefficient", "contribution", "roas" or "mroas".
        distribution: of that quantity.
        units: positions among the structure's cells (a channel in a market that spends there), or, where markets are
            pooled, among the panel's channels.
    """

    quantity: str
    distribution: str
    units: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """Lift tests in the likelihood.

    Attributes:
        tests: how many.
        readouts: the most that one of them has.
        cells: positions of the cells that any of them tests.
        factors, scatters, offsets: families of designs whose factor, scatter or offset is sampled.
    """

    tests: int
    readouts: int
    cells: tuple[int, ...]
    factors: tuple[str, ...]
    scatters: tuple[str, ...]
    offsets: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """The shape of a model, hashable: JAX compiles once for each.

    Attributes:
        adstocks, saturations: groups of channels by kind.
        cells: (market, channel) pairs in which anything acts, by saturation group, then channel by channel.
        effects: groups of effects by what their prior is on.
        pooling: "none", "partial" or "complete": of effects over markets.
        scatter: distribution of the prior of how effects scatter over markets.
        wandering: positions of the channels whose effect moves over the weeks.
        effect_step: distribution of the prior of that effect's step.
        level: distribution of the prior of a wandering level's step; "" for a level that stays.
        sigma: distribution of the noise's prior.
        measured: the lift tests; None without any.
    """

    adstocks: tuple[CurveGroup, ...]
    saturations: tuple[CurveGroup, ...]
    cells: tuple[tuple[int, int], ...]
    effects: tuple[EffectGroup, ...]
    pooling: str
    scatter: str
    wandering: tuple[int, ...]
    effect_step: str
    level: str
    sigma: str
    measured: Measured | None

    @property
    def kinds_of_cells(self) -> tuple[str, ...]:
        """Saturation kind of each cell."""
        kinds = {channel: group.kind for group in self.saturations for channel in group.channels}
        return tuple(kinds[channel] for _, channel in self.cells)

    @property
    def cells_by_frequency(self) -> tuple[tuple[int, int], ...]:
        """The cells whose saturation acts on frequency, in their order."""
        channels = {channel for group in self.saturations if group.by_frequency for channel in group.channels}
        return tuple(cell for cell in self.cells if cell[1] in channels)

    @property
    def markets_of_cells(self) -> tuple[int, ...]:
        """Position of each cell's market."""
        return tuple(market for market, _ in self.cells)

    @property
    def channels_of_cells(self) -> tuple[int, ...]:
        """Position of each cell's channel."""
        return tuple(channel for _, channel in self.cells)

    def is_complete(self, markets: int, channels: int) -> bool:
        """Do the cells hold every market of every channel, channel by channel? Then a reshape does for a scatter."""
        return self.cells == tuple((market, channel) for channel in range(channels) for market in range(markets))
