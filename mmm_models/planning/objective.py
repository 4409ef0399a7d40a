"""What spend in the horizon is worth: expected outcome and its exact gradient, over many posterior draws at once.

A plan line spends a level b a week, the mean over the plan's weeks; how it lies over them is its laydown, and the line
takes a laydown that depends on its level only (`horizon.choosing`). Lines add up: the model is additive. How a line's
money becomes outcome stands in `horizon.channel`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.horizon import Menu, StackedHorizon, Terms, channel_terms, make_menu, s_shaped, thinned
from mmm_models.planning.horizon.choosing import best_pulses
from mmm_models.planning.horizon.interpolation import hermite
from mmm_models.planning.horizon.patterns import CONTINUOUS

# Numbers that are worked on at a time: what a core's cache holds.
_CHUNK = 60_000
# Mean curves are worked out at so many levels, denser near the lowest, and joined by cubics.
_NODES = 33
# Two points of a table on both sides of a jump are this share of its range apart.
_APART = 1e-7


@dataclass(frozen=True, eq=False)
class HorizonObjective:
    """Value of weekly levels (market, channel) over the plan, per posterior draw. Build with `from_fit`.

    `terms`: weeks, commitments, prices.
    """

    samples: np.ndarray
    markets: tuple[str, ...]
    channels: tuple[str, ...]
    terms: Terms
    _curves: tuple[tuple[ChannelCurve, ...], ...]
    _menus: tuple[Menu, ...]

    @classmethod
    def from_fit(
        cls,
        fit: Fit | StackedFit,
        weeks: int,
        samples: np.ndarray,
        *,
        chooser: "HorizonObjective | None" = None,
        price_factors: dict[str, float] | None = None,
    ) -> "HorizonObjective":
        """Prepare the `weeks` weeks that `fit.spec.planning` plans, for the posterior samples with these indices.

        Args:
            fit: the posterior; its spec says start, commitments, prices and laydowns.
            weeks: length of the plan.
            samples: draws by number, ascending.
            chooser: the objective whose draws chose the laydowns, and whose terms hold; None: these draws choose.
            price_factors: channels whose media cost so many times as much as usual.

        Raises:
            PlanError: the plan starts within the data, a commitment lies outside it, or weights are not one a week.
        """
        terms = chooser.terms if chooser is not None else Terms.of(fit, weeks, price_factors)
        members = fit.split(samples) if isinstance(fit, StackedFit) else [(fit, samples)]
        drawn = [(member, member.draws().isel(sample=own)) for member, own in members]
        channels = tuple(fit.panel.paid)
        curves = tuple(tuple(member.curve(draws, channel) for member, draws in drawn) for channel in channels)
        if chooser is not None:
            menus = chooser._menus
        else:
            menus = tuple(make_menu(fit, channel, own, terms) for channel, own in zip(channels, curves, strict=True))
        return cls(np.asarray(samples), tuple(fit.panel.markets), channels, terms, curves, menus)

    @property
    def horizon_weeks(self) -> int:
        """Length of the plan."""
        return len(self.terms.weeks.planned)

    @property
    def curves(self) -> dict[str, tuple[ChannelCurve, ...]]:
        """The curves of each channel, one of each structure, on these draws."""
        return dict(zip(self.channels, self._curves, strict=True))

    @cached_property
    def evenly(self) -> "HorizonObjective":
        """The same money and terms with all lines spending evenly: how the status quo is valued."""
        return self.with_laydowns(self._named_laydowns(np.ones(self.terms.committed.shape), CONTINUOUS))

    @property
    def prob_s_shaped(self) -> xr.DataArray:
        """Share of draws in which a line's curve is S-shaped (market, channel)."""
        shares = np.stack([s_shaped(curves).mean(axis=0) for curves in self._curves], axis=-1)
        return self.terms.now.transpose("market", "channel").copy(data=shares).rename("prob_s_shaped")

    def responses(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome that each line causes (sample, market, channel)."""
        return self._labelled(self.draws_by_line(self._flat(levels))[0], "response")

    def values(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome that all lines cause (sample)."""
        return self.responses(levels).sum(("market", "channel")).rename("value")

    def marginal_returns(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome of one more unit of money spread over the line's horizon (sample, market, channel)."""
        return self._labelled(self.draws_by_line(self._flat(levels))[1] / self.horizon_weeks, "mroas")

    def repeated_responses(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome (sample, market, channel) of a plan that is one of endlessly many like it: no history, no end."""
        laid, array = self.laydowns(levels), self._by_channel(self._flat(levels))
        found = []
        for i, (channel, curves) in enumerate(zip(self.channels, self._curves, strict=True)):
            weights = laid.weight.sel(channel=channel).transpose("week", "market").values[None]
            terms = channel_terms(self.terms, channel)
            found.append(StackedHorizon.of(curves, weights, terms, repeated=True).outcome(array[:, i])[0].T)
        return self._labelled(np.stack(found, axis=-1), "response")

    def best_pulses(self, levels: xr.DataArray) -> xr.Dataset:
        """The pulses worth most for each line at these levels, whether it takes them or not; as `laydowns`."""
        weights, names = np.empty(self.terms.committed.shape), np.empty(self.terms.now.shape, dtype=object)
        array = self._by_channel(self._flat(levels))
        for i, (channel, curves) in enumerate(zip(self.channels, self._curves, strict=True)):
            names[:, i], weights[:, :, i] = best_pulses(curves, channel_terms(self.terms, channel), array[:, i])
        return self._named_laydowns(weights, names)

    def mean_by_line(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean over draws of what each line causes, and its slope by the level; all flat (line), market by market."""
        values, slopes = self.draws_by_line(levels)
        return values.mean(axis=0), slopes.mean(axis=0)

    def draws_by_line(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each line (line) causes in each draw, and its slope by the level, both (sample, line)."""
        array = self._by_channel(np.asarray(levels, dtype=float))
        found = [self._taken(i, array[:, i]) for i in range(len(self.channels))]
        values, slopes = (np.stack(parts, axis=1) for parts in zip(*found, strict=True))
        return tuple(part.reshape(-1, self.samples.size).T for part in (values, slopes))

    def table(self, lower: np.ndarray, upper: np.ndarray, points: int = 201) -> ValueTable:
        """Mean value and slope of each line (line, point) on a grid between its bounds.

        The grid is even, but for points moved to both sides of where a laydown gives way to another.
        """
        grid = self._grid(lower, upper, points)
        by_channel = self._by_channel(grid)
        values, slopes = np.empty_like(by_channel), np.empty_like(by_channel)
        for i, m, part, horizon in self._stretches(by_channel):
            # Where a price rises the curve has kinks, which no cubic follows.
            smooth = not self.terms.prices[self.channels[i]].rises
            values[m, i, part], slopes[m, i, part] = _mean_curve(horizon, by_channel[m, i, part], smooth=smooth)
        return ValueTable(grid, values.reshape(grid.shape), slopes.reshape(grid.shape))

    def draw_table(self, lower: np.ndarray, upper: np.ndarray, points: int = 41) -> ValueTable:
        """Value and slope of each line for each draw (sample, line, point), in single precision."""
        grid = self._grid(lower, upper, points)
        by_channel = self._by_channel(grid)
        shape = (self.samples.size, len(self.markets), len(self.channels), points)
        values, slopes = np.empty(shape, np.float32), np.empty(shape, np.float32)
        for i, m, part, horizon in self._stretches(by_channel):
            found = _at_all(horizon, by_channel[m, i, part], lambda draws: draws)
            values[:, m, i, part], slopes[:, m, i, part] = (piece.T for piece in found)
        flat = (self.samples.size, len(grid), points)
        return ValueTable(grid, values.reshape(flat), slopes.reshape(flat))

    @property
    def greatest_levels(self) -> np.ndarray:
        """The level (market, channel) above which no laydown of a line keeps its own weekly maximum."""
        return np.stack([menu.limits.max(axis=0) for menu in self._menus], axis=-1)

    def laydowns(self, levels: xr.DataArray) -> xr.Dataset:
        """How each line's money lies at these levels: `name` (market, channel), `weight` (week, market, channel).

        Weights have mean 1; what is committed runs beside them.
        """
        array = self._by_channel(self._flat(levels))
        return self._laid([menu.taken(array[:, i]) for i, menu in enumerate(self._menus)])

    @property
    def flattest(self) -> xr.Dataset:
        """The laydown of each line whose greatest week is smallest; as `laydowns`."""
        return self._laid([menu.flattest for menu in self._menus])

    def with_laydowns(self, laydowns: xr.Dataset) -> Self:
        """The same objective with each line's money laid so, as `laydowns` tells them."""
        weights = laydowns.weight.transpose("week", "market", "channel").sel(channel=list(self.channels)).values
        if all(np.array_equal(menu.weights, [weights[:, :, i]]) for i, menu in enumerate(self._menus)):
            return self
        names = laydowns.name.transpose("market", "channel").sel(channel=list(self.channels)).values
        committed, caps = self.terms.committed.values, self.terms.caps.values
        menus = tuple(
            Menu.of_one(list(names[:, i]), weights[:, :, i], committed[:, :, i], caps[:, i])
            for i in range(len(self.channels))
        )
        return replace(self, _menus=menus)

    def under(self, *, price_factors: dict[str, float] | None = None, dark: Sequence[str] = ()) -> "HorizonObjective":
        """The same draws and laydowns where media cost other multiples of today's prices and some channels are off.

        What is committed of a channel that is dark does not run. Price factors not given stay as they are.
        """
        return replace(self, terms=self.terms.changed(price_factors or {}, dark))

    def spend(self, levels: xr.DataArray) -> xr.DataArray:
        """Money (week, market, channel) of levels (market, channel), in the laydowns that they take."""
        return self.terms.spend(levels, self.laydowns(levels).weight)

    def thinned(self, most: int) -> "HorizonObjective":
        """The same objective on at most `most` of its draws, evenly spaced."""
        if self.samples.size <= most:
            return self
        keep = np.linspace(0, self.samples.size - 1, most).round().astype(int)
        return replace(
            self,
            samples=self.samples[keep],
            _curves=tuple(thinned(curves, keep) for curves in self._curves),
        )

    @cached_property
    def _horizons(self) -> tuple[StackedHorizon, ...]:
        """Each channel with all its laydowns as paths, laydown by laydown."""
        return tuple(
            StackedHorizon.of(curves, menu.weights, channel_terms(self.terms, channel))
            for channel, curves, menu in zip(self.channels, self._curves, self._menus, strict=True)
        )

    @cached_property
    def _latest(self) -> dict[int, tuple[np.ndarray, StackedHorizon]]:
        """For each channel the paths that were asked for last."""
        return {}

    def _taken(self, i: int, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and slope (market, sample) of channel i at levels (market), in the laydowns that they take."""
        menu, horizon = self._menus[i], self._horizons[i]
        if len(menu.names) == 1:
            return horizon.outcome(levels)
        paths = menu.taken(levels) * levels.size + np.arange(levels.size)
        # A climb asks for one laydown many times.
        latest = self._latest.get(i)
        if latest is None or not np.array_equal(latest[0], paths):
            latest = self._latest[i] = paths, horizon.only(paths)
        return latest[1].outcome(levels)

    def _stretches(self, by_channel: np.ndarray) -> Iterator[tuple[int, int, np.ndarray, StackedHorizon]]:
        """Channel, market, the points of a grid (market, channel, point) in one laydown, and that path alone."""
        for i, (menu, horizon) in enumerate(zip(self._menus, self._horizons, strict=True)):
            taken = menu.taken(by_channel[:, i].T).T
            for m, own in enumerate(taken):
                for laydown in np.unique(own):
                    path = horizon.single.only(np.array([laydown * len(taken) + m]))
                    yield i, m, np.flatnonzero(own == laydown), path

    def _grid(self, lower: np.ndarray, upper: np.ndarray, points: int) -> np.ndarray:
        """Even levels (line, point), the nearest ones moved to both sides of where a laydown gives way to another."""
        grid = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, points)
        by_channel = self._by_channel(grid)
        for i, menu in enumerate(self._menus):
            for m, own in enumerate(menu.switches.T):
                line = by_channel[m, i]
                for switch in own[(own > line[1]) & (own < line[-2])]:
                    after = int(np.searchsorted(line, switch))
                    line[after - 1 : after + 1] = switch - _APART * (line[-1] - line[0]), switch
        return grid

    def _by_channel(self, by_line: np.ndarray) -> np.ndarray:
        """(line, …) as (market, channel, …)."""
        return by_line.reshape(len(self.markets), len(self.channels), *by_line.shape[1:])

    def _flat(self, levels: xr.DataArray) -> np.ndarray:
        chosen = levels.sel(market=list(self.markets), channel=list(self.channels))
        return chosen.transpose("market", "channel").values.astype(float).ravel()

    def _laid(self, slots: list[np.ndarray]) -> xr.Dataset:
        """Laydowns of these numbers (market), a channel each."""
        every = np.arange(len(self.markets))
        pairs = list(zip(self._menus, slots, strict=True))
        weights = np.stack([menu.weights[slot, :, every].T for menu, slot in pairs], axis=-1)
        return self._named_laydowns(weights, np.stack([menu.names[slot, every] for menu, slot in pairs], axis=-1))

    def _named_laydowns(self, weights: np.ndarray, names: np.ndarray | str) -> xr.Dataset:
        """Weights (week, market, channel) and names (market, channel) with their labels."""
        committed = self.terms.committed
        named = np.broadcast_to(np.asarray(names, dtype=object), committed.shape[1:])
        return xr.Dataset(
            {"name": (committed.dims[1:], named.copy()), "weight": (committed.dims, weights)}, coords=committed.coords
        )

    def _labelled(self, by_line: np.ndarray, name: str) -> xr.DataArray:
        return xr.DataArray(
            by_line.reshape(-1, len(self.markets), len(self.channels)),
            dims=("sample", "market", "channel"),
            coords={"sample": self.samples, "market": list(self.markets), "channel": list(self.channels)},
            name=name,
        )


def _mean_curve(horizon: StackedHorizon, levels: np.ndarray, *, smooth: bool) -> tuple[np.ndarray, np.ndarray]:
    """Mean value and slope (point) of one path at ascending levels (point); where `smooth`, by way of fewer nodes."""
    if not smooth or levels.size <= _NODES:
        return _at_all(horizon, levels, lambda draws: draws.mean(axis=-1, dtype=float))
    at = levels[0] + (levels[-1] - levels[0]) * np.linspace(0.0, 1.0, _NODES) ** 2
    return hermite(at, *_at_all(horizon, at, lambda draws: draws.mean(axis=-1, dtype=float)), levels)


def _at_all(
    horizon: StackedHorizon, levels: np.ndarray, keep: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """What `keep` makes of one path's values and slopes (point, sample), in pieces that a core's cache holds."""
    chunk = max(1, _CHUNK // horizon.size)
    found = [horizon.outcome(levels[start : start + chunk, None]) for start in range(0, levels.size, chunk)]
    values, slopes = (np.concatenate([keep(piece[k][:, 0]) for piece in found]) for k in (0, 1))
    return values, slopes
