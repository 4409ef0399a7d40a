"""Which laydowns each line may take: those asked for, and of the many pulses the few that are worth most somewhere."""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.errors import PlanError
from mmm_models.planning.horizon.channel import ChannelTerms
from mmm_models.planning.horizon.patterns import CONTINUOUS, GIVEN, even, greatest_level, pulses
from mmm_models.planning.horizon.shapes import SHAPES
from mmm_models.planning.horizon.stacked import StackedHorizon, thinned
from mmm_models.planning.horizon.terms import Terms
from mmm_models.spec import PlanningSpec

# Pulses are compared on so many draws, at these multiples of what a line spends now.
_DRAWS = 40
_MULTIPLES = np.array([0.1, 0.3, 0.6, 1.0, 1.5, 2.5])
# So many pulses of a line are kept: those that are best at most of these levels.
_KEPT = 3
# Pulses are looked at on their own accord where at least this share of draws has an S-shaped curve.
_MATTERS = 0.5


@dataclass(frozen=True, eq=False)
class Menu:
    """Laydowns of one channel: `names` (laydown, market), `weights` of mean 1 (laydown, week, market).

    `limits` (laydown, market): the level a week above which a laydown would break the line's weekly maximum. A market
    with fewer laydowns than others has its first one again.
    """

    names: np.ndarray
    weights: np.ndarray
    limits: np.ndarray

    @property
    def flattest(self) -> np.ndarray:
        """The laydown (market) whose greatest week is smallest."""
        return self.weights.max(axis=1).argmin(axis=0)

    def within(self, committed: np.ndarray, caps: np.ndarray) -> "Menu":
        """The same laydowns under other commitments (week, market)."""
        limits = [
            [greatest_level(own[:, m], committed[:, m], caps[m]) for m in range(caps.size)] for own in self.weights
        ]
        return replace(self, limits=np.array(limits))

    @classmethod
    def of(cls, by_market: list[dict[str, np.ndarray]], committed: np.ndarray, caps: np.ndarray) -> "Menu":
        """Of weights by name for each market; `committed` (week, market), `caps` (market)."""
        most = max(len(own) for own in by_market)
        names, weights, limits = [], [], []
        for m, own in enumerate(by_market):
            first = next(iter(own))
            filled = [*own, *[first] * (most - len(own))]
            names.append(filled)
            weights.append([own[name] for name in filled])
            limits.append([greatest_level(own[name], committed[:, m], caps[m]) for name in filled])
        return cls(np.array(names, dtype=object).T, np.array(weights).transpose(1, 2, 0), np.array(limits).T)

    def best(self, values: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """The laydown (…, market) worth most at levels (…, market), by `values` (…, laydown, market).

        Above all limits it is the one with the highest.
        """
        allowed = levels[..., None, :] <= self.limits * (1 + 1e-9)
        highest = self.limits == self.limits.max(axis=0)
        allowed |= ~allowed.any(axis=-2, keepdims=True) & highest
        return np.where(allowed, values, -np.inf).argmax(axis=-2)


def one_menu(names: np.ndarray, weights: np.ndarray, committed: np.ndarray, caps: np.ndarray) -> Menu:
    """A menu of one laydown: `names`, `caps` (market), `weights`, `committed` (week, market)."""
    by_market = [{str(name): weights[:, m]} for m, name in enumerate(names)]
    return Menu.of(by_market, committed, caps)


def channel_terms(terms: Terms, channel: str) -> ChannelTerms:
    """One channel's part of a plan's terms."""
    own = terms.now.sel(channel=channel).values
    return ChannelTerms(
        lead=np.broadcast_to(own, (len(terms.weeks.lead), own.size)),
        committed=terms.committed.sel(channel=channel).transpose("week", "market").values,
        price=terms.prices[channel],
    )


def s_shaped(curves: tuple[ChannelCurve, ...]) -> np.ndarray:
    """Is a draw's curve S-shaped? (sample, market); at a given frequency the outcome is linear in reach."""
    found = []
    for curve in curves:
        flags = SHAPES[curve.kind].is_s_shaped(**curve.parameters)
        found.append(np.zeros_like(flags) if curve.driver.frequency is not None else flags)
    return np.concatenate(found)


def make_menu(fit: Fit | StackedFit, channel: str, curves: tuple[ChannelCurve, ...], terms: Terms) -> Menu:
    """The laydowns of one channel that `planning.flighting` allows; see the module's text.

    A channel that may not be planned goes on as it does, evenly.

    Raises:
        PlanError: the weights given are not one a week.
    """
    planning, weeks = fit.spec.planning, len(terms.weeks.planned)
    own = channel_terms(terms, channel)
    caps = terms.caps.sel(channel=channel).values
    asked = laydown_asked(planning, channel, plannable=fit.spec.channel(channel).plannable)
    markets = caps.size
    if isinstance(asked, list):
        by_market = [{GIVEN: given_weights(asked, weeks, channel)}] * markets
    elif asked == "continuous":
        by_market = [{CONTINUOUS: even(weeks)}] * markets
    else:
        wanted = np.full(markets, True) if asked == "pulsed" else s_shaped(curves).mean(axis=0) >= _MATTERS
        every = pulses(weeks) if wanted.any() else {}
        ranked = _ranked(curves, every, own, caps) if every else [[]] * markets
        first = {CONTINUOUS: even(weeks)} if asked == "auto" or not every else {}
        by_market = [
            first | ({name: every[name] for name in names} if pulse else {})
            for names, pulse in zip(ranked, wanted, strict=True)
        ]
    return Menu.of(by_market, own.committed, caps)


def laydown_asked(planning: PlanningSpec, channel: str, *, plannable: bool) -> str | list[float]:
    """What `planning.flighting` says of a channel."""
    return planning.flighting.channels.get(channel, planning.flighting.default) if plannable else "continuous"


def given_weights(asked: list[float], weeks: int, channel: str) -> np.ndarray:
    """Weights of mean 1 (week)."""
    if len(asked) != weeks:
        raise PlanError(
            f"planning.flighting gives {channel} {len(asked)} weights, but the plan has {weeks} weeks. Give one a week."
        )
    weights = np.asarray(asked, dtype=float)
    return weights * (weeks / weights.sum())


def pulse_values(
    curves: tuple[ChannelCurve, ...], weights: np.ndarray, terms: ChannelTerms, levels: np.ndarray
) -> np.ndarray:
    """Mean outcome (level, laydown, market) of laydowns (laydown, week, market) at levels (level, market)."""
    times, _, markets = weights.shape
    horizon = StackedHorizon.of(curves, weights, terms)
    by_path = np.tile(levels, (1, times))
    # Level by level: with many markets all at once would take much memory.
    values = [horizon.outcome(row, single=True)[0].mean(axis=-1, dtype=float) for row in by_path]
    return np.reshape(values, (len(levels), times, markets))


def _ranked(
    curves: tuple[ChannelCurve, ...], every: dict[str, np.ndarray], terms: ChannelTerms, caps: np.ndarray
) -> list[list[str]]:
    """For each market the names of the pulses that are best at most levels; the gentlest one where a cap limits it."""
    samples = sum(len(curve.weights) for curve in curves)
    few = thinned(curves, np.unique(np.linspace(0, samples - 1, min(samples, _DRAWS)).round().astype(int)))
    names, weights = list(every), np.array(list(every.values()))
    now = terms.price.now
    # A line that spends nothing now is looked at around the largest money that its curve was fitted on.
    rate = np.broadcast_to(curves[0].driver.usual_rate, now.shape)
    size = np.where(now > 0, now, curves[0].scale / np.where(rate > 0, rate, 1.0))
    levels = _MULTIPLES[:, None] * size
    values = pulse_values(few, np.repeat(weights[:, :, None], now.size, axis=2), terms, levels)
    limits = np.array(
        [[greatest_level(own, terms.committed[:, m], caps[m]) for m in range(caps.size)] for own in weights]
    )
    found = []
    for m in range(now.size):
        allowed = np.where(levels[:, m, None] <= limits[:, m], values[:, :, m], -np.inf)
        wins = np.bincount(allowed.argmax(axis=1)[np.isfinite(allowed.max(axis=1))], minlength=len(names))
        kept = [index for index in np.argsort(-wins, kind="stable")[:_KEPT] if wins[index]]
        gentlest = int(limits[:, m].argmax())
        if np.isfinite(caps[m]) and gentlest not in kept:
            kept.append(gentlest)
        found.append([names[index] for index in kept])
    return found
