"""Which laydown is worth most at which level.

Laydowns are compared as if the plan were repeated for ever. In a plan that ends, money of the last weeks has its
carryover to itself, and the best path always ends with a burst (for concave curves and an adstock of 0.8, even spend
would lose 4 to 8 % to it): an effect of where the plan ends and not of the channel. Repeated, even spend is best for
every concave curve, since it has the same mean pressure and the least spread (Jensen); pulses gain where a curve is
S-shaped and the level lies on its convex part. A line takes pulses where they are worth more both in a repeated plan
and in the plan itself, and where no week leaves what the data have seen: beyond it a curve is a guess.
"""

import numpy as np

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.errors import PlanError
from mmm_models.planning.horizon.channel import ChannelTerms
from mmm_models.planning.horizon.menu import Menu
from mmm_models.planning.horizon.patterns import CONTINUOUS, GIVEN, even, greatest_level, pulses
from mmm_models.planning.horizon.shapes import SHAPES
from mmm_models.planning.horizon.stacked import StackedHorizon, thinned
from mmm_models.planning.horizon.terms import Terms
from mmm_models.spec import PlanningSpec

# All pulses are compared on so many draws at these multiples of what a line spends now; of those, the ones that are
# best at most levels, at most so many, on more draws and levels.
_FEW_DRAWS, _DRAWS = 40, 100
# With very many markets fewer draws do, but no fewer than these.
_MARKETS, _LEAST_DRAWS = 8, 16
_COARSE = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.5, 5.0])
_FINE = np.geomspace(0.04, 25.0, 17)
_KEPT = 3
# Left to itself a line is even unless at least this share of draws has an S-shaped curve.
_MATTERS = 0.5
# No pulse takes a week beyond so many times the greatest week of the data.
_BEYOND_SEEN = 1.25


def make_menu(fit: Fit | StackedFit, channel: str, curves: tuple[ChannelCurve, ...], terms: Terms) -> Menu:
    """The laydowns of one channel that `planning.flighting` allows, on the draws of `curves`.

    A channel that may not be planned goes on as it does, evenly.

    Raises:
        PlanError: the weights given are not one a week.
    """
    weeks, own = len(terms.weeks.planned), channel_terms(terms, channel)
    asked = laydown_asked(fit.spec.planning, channel, plannable=fit.spec.channel(channel).plannable)
    pulsed = s_shaped(curves).mean(axis=0) >= _MATTERS if asked == "auto" else np.full(own.cap.size, asked == "pulsed")
    if weeks == 1 or not pulsed.any():
        given = isinstance(asked, list)
        weights = given_weights(asked, weeks, channel) if given else even(weeks)
        every_market = np.repeat(weights[:, None], own.cap.size, axis=1)
        return Menu.of_one([GIVEN if given else CONTINUOUS] * own.cap.size, every_market, own.committed, own.cap)
    first = {CONTINUOUS: even(weeks)} if asked == "auto" else {}
    every = pulses(weeks)
    kept = _screened(curves, every, own, keep_gentlest=not first)
    options = [
        first | ({name: every[name] for name in names} if may else {}) for names, may in zip(kept, pulsed, strict=True)
    ]
    return _menu(curves, options, own)


def channel_terms(terms: Terms, channel: str) -> ChannelTerms:
    """One channel's part of a plan's terms."""
    price, place = terms.prices[channel], list(terms.prices).index(channel)
    return ChannelTerms(
        lead=np.broadcast_to(price.now, (len(terms.weeks.lead), price.now.size)),
        committed=terms.committed.values[:, :, place],
        price=price,
        cap=terms.caps.values[:, place],
        seen=terms.seen.values[:, place],
    )


def s_shaped(curves: tuple[ChannelCurve, ...]) -> np.ndarray:
    """Is a draw's curve S-shaped? (sample, market); at a given frequency the outcome is linear in reach."""
    found = []
    for curve in curves:
        flags = SHAPES[curve.kind].is_s_shaped(**curve.parameters)
        found.append(np.zeros_like(flags) if curve.driver.frequency is not None else flags)
    return np.concatenate(found)


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


def mean_outcome(
    curves: tuple[ChannelCurve, ...], weights: np.ndarray, terms: ChannelTerms, levels: np.ndarray, *, repeated: bool
) -> np.ndarray:
    """Mean outcome (level, laydown, market) of laydowns (laydown, week, market) at levels (level, market)."""
    times, _, markets = weights.shape
    horizon = StackedHorizon.of(curves, weights, terms, repeated=repeated).single
    found = np.empty((len(levels), times, markets))
    for m in range(markets):
        # Market by market and level by level, so that a core's cache holds it.
        own = horizon.only(np.arange(times) * markets + m) if markets > 1 else horizon
        for k, level in enumerate(levels[:, m]):
            found[k, :, m] = own.outcome(np.full(times, level))[0].mean(axis=-1, dtype=float)
    return found


def best_pulses(
    curves: tuple[ChannelCurve, ...], terms: ChannelTerms, levels: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """Names (market) and weights (week, market) of the pulses worth most at levels (market) in a repeated plan."""
    weeks, markets = terms.committed.shape
    every = pulses(weeks) or {CONTINUOUS: even(weeks)}
    names, weights = list(every), np.repeat(np.array(list(every.values()))[:, :, None], markets, axis=2)
    values = mean_outcome(few(curves, _FEW_DRAWS), weights, terms, levels[None], repeated=True)[0]
    limits = np.stack([_limits(every, terms, m)[1] for m in range(markets)], axis=1)
    allowed = (levels <= limits) | (limits == limits.max(axis=0))
    best = np.where(allowed, values, -np.inf).argmax(axis=0)
    return [names[index] for index in best], weights[best, :, np.arange(markets)].T


def few(curves: tuple[ChannelCurve, ...], most: int) -> tuple[ChannelCurve, ...]:
    """The curves on at most `most` of their draws, evenly spaced; on fewer where there are many markets."""
    most = max(_LEAST_DRAWS, most * _MARKETS // max(_MARKETS, curves[0].scale.size))
    samples = sum(len(curve.weights) for curve in curves)
    return thinned(curves, np.unique(np.linspace(0, samples - 1, min(samples, most)).round().astype(int)))


def _usual_size(curves: tuple[ChannelCurve, ...], now: np.ndarray) -> np.ndarray:
    """What a line spends now, a week (market); one that spends nothing, the largest money its curve was fitted on."""
    rate = np.broadcast_to(curves[0].driver.usual_rate, now.shape)
    return np.where(now > 0, now, curves[0].scale / np.where(rate > 0, rate, 1.0))


def _screened(
    curves: tuple[ChannelCurve, ...], every: dict[str, np.ndarray], terms: ChannelTerms, *, keep_gentlest: bool
) -> list[list[str]]:
    """For each market the names of the pulses that are best, in a repeated plan, at most levels.

    `keep_gentlest`: also the pulses whose weeks are smallest, for a line that is to be pulsed at any level.
    """
    names, weights = list(every), np.array(list(every.values()))
    levels = _COARSE[:, None] * _usual_size(curves, terms.price.now)
    by_market = np.repeat(weights[:, :, None], terms.cap.size, axis=2)
    values = mean_outcome(few(curves, _FEW_DRAWS), by_market, terms, levels, repeated=True)
    found = []
    for m in range(terms.cap.size):
        _, limits = _limits(every, terms, m)
        allowed = np.where(levels[:, m, None] <= limits, values[:, :, m], -np.inf)
        wins = np.bincount(allowed.argmax(axis=1)[np.isfinite(allowed.max(axis=1))], minlength=len(names))
        kept = [index for index in np.argsort(-wins, kind="stable")[:_KEPT] if wins[index]]
        gentlest = int(limits.argmax())
        if keep_gentlest and gentlest not in kept:
            kept.append(gentlest)
        found.append([names[index] for index in kept])
    return found


def _menu(curves: tuple[ChannelCurve, ...], options: list[dict[str, np.ndarray]], terms: ChannelTerms) -> Menu:
    """Of some laydowns by name for each market, those that a line takes at some level, and from which level on."""
    most = max(len(own) for own in options)
    # Markets with fewer laydowns have their last one again.
    names = [[*own, *[list(own)[-1]] * (most - len(own))] for own in options]
    weights = np.array([[own[name] for name in filled] for own, filled in zip(options, names, strict=True)])
    weights = weights.transpose(1, 2, 0)
    levels = _FINE[:, None] * _usual_size(curves, terms.price.now)
    drawn = few(curves, _DRAWS)
    worth = [mean_outcome(drawn, weights, terms, levels, repeated=repeated) for repeated in (True, False)]
    # More than the first laydown in a repeated plan and in this one.
    score = np.minimum(*(values - values[:, :1] for values in worth))
    menus = []
    for m, own in enumerate(options):
        limits, sensible = _limits(own, terms, m)
        switches, choice = _switches(levels[:, m], score[:, : len(own), m], sensible)
        used, numbers = np.unique(choice, return_inverse=True)
        menus.append(
            Menu(
                names=np.array(list(own), dtype=object)[used][:, None],
                weights=np.array(list(own.values()))[used][:, :, None],
                limits=limits[used][:, None],
                switches=switches[:, None],
                choice=numbers[:, None],
            )
        )
    return Menu.of_markets(menus)


def _limits(own: dict[str, np.ndarray], terms: ChannelTerms, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Levels (laydown) up to which laydowns keep market m's weekly maximum, and up to which the data bear them out."""
    committed, cap = terms.committed[:, m], terms.cap[m]
    limits = np.array([greatest_level(weights, committed, cap) for weights in own.values()])
    seen = min(cap, _BEYOND_SEEN * terms.seen[m])
    sensible = [
        limit if name == CONTINUOUS else greatest_level(weights, committed, seen)
        for (name, weights), limit in zip(own.items(), limits, strict=True)
    ]
    return limits, np.array(sensible)


def _switches(levels: np.ndarray, score: np.ndarray, limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels (switch) at which the best laydown changes, and the best one below and between them (switch + 1).

    `score` (level, laydown); `limits` (laydown): beyond these a laydown may not be taken. Between two levels with
    different best laydowns the switch lies where straight lines through their scores cross.
    """
    ends = np.unique(limits[np.isfinite(limits)])
    # At the level where a laydown ends, another one must be known.
    known = np.unique(np.concatenate([levels, np.nextafter(ends, np.inf)]))
    at = np.stack([np.interp(known, levels, score[:, k]) for k in range(score.shape[1])], axis=1)
    allowed = known[:, None] <= limits
    allowed |= ~allowed.any(axis=1, keepdims=True) & (limits == limits.max())
    best = np.where(allowed, at, -np.inf).argmax(axis=1)
    switches, choice = [], [int(best[0])]
    for k in np.flatnonzero(np.diff(best)):
        old, new = best[k], best[k + 1]
        ahead, behind = at[k, old] - at[k, new], at[k + 1, new] - at[k + 1, old]
        share = ahead / (ahead + behind) if behind > 0 and ahead + behind > 0 else 1.0
        crossing = known[k] + share * (known[k + 1] - known[k])
        switches.append(min(crossing, np.nextafter(limits[old], np.inf)))
        choice.append(int(new))
    return np.array(switches), np.array(choice)
