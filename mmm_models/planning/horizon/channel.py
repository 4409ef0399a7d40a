"""One channel over a plan: outcome and slope of weekly levels, for all draws and several laydowns at once.

A path is one laydown π (weeks, mean 1) of one market's channel. At a level b its week t has the money
c_t + (b − c̄)·π_t, with c what is committed and c̄ its mean, and buys the volume c_t + g(c_t, (b − c̄)·π_t); see
`Price`. Adstock is linear, so the pressure of a week is what history, the weeks before the plan and commitments carry
into it, plus a sum over kinds of weeks j that buy alike, base_t + Σ_j unit_jt · g_j(b). With usual prices g is b − c̄
itself, one kind is enough, and the pressure is affine in the level. With saturation h and coefficient β

    V(b) = Σ_t β [h(base_t + Σ_j unit_jt g_j(b)) − h(carry_t)],   V'(b) = Σ_t β h'(·) Σ_j unit_jt g_j'(b)

over the plan and the weeks after it in which its carryover still acts; `carry` is what acts without the plan.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.horizon.pressure import adstocked
from mmm_models.planning.horizon.prices import Price
from mmm_models.planning.horizon.shapes import LINEAR, SHAPES, Shape


@dataclass(frozen=True)
class ChannelTerms:
    """A channel's part of a plan's terms, money a week.

    `lead` (week, market): spent between the data and the plan; `committed` (week, market); `price` of each market.
    `cap` (market): the most that a week may take; `seen` (market): the most that a week of the data took.
    """

    lead: np.ndarray
    committed: np.ndarray
    price: Price
    cap: np.ndarray
    seen: np.ndarray


@dataclass(frozen=True)
class Purchase:
    """What kinds of weeks buy at a free level r = b − c̄: g_j(r) = [v(c_j + r π_j) − v(c_j)] / times.

    `committed`, `share` (kind, path): c_j and π_j; `price` of each path. `price` None: r itself.
    """

    committed: np.ndarray
    share: np.ndarray
    price: Price | None

    def only(self, paths: np.ndarray) -> "Purchase":
        """Of some of the paths, by number."""
        price = None if self.price is None else replace(self.price, now=self.price.now[paths])
        return Purchase(self.committed[:, paths], self.share[:, paths], price)

    def __call__(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Volume (…, kind, path) of free levels (…, path), and its slope."""
        free = free[..., None, :]
        if self.price is None:
            return free, np.ones_like(free)
        money = self.committed + free * self.share
        bought = self.price.volume(money) - self.price.volume(self.committed)
        return bought / self.price.times, self.price.slope(money) * self.share / self.price.times


@dataclass(frozen=True, eq=False)
class ChannelHorizon:
    """One structure's channel. Pressures in spend scales: `unit` (kind, week, path, sample), `base`, `carry` (week, …).

    `without` (week, …): saturation of `carry`; `count` (week): how often each kind of week occurs; `mean_committed`
    (path): c̄, money a week.
    """

    shape: Shape
    parameters: dict[str, np.ndarray]
    coefficient: np.ndarray
    unit: np.ndarray
    base: np.ndarray
    carry: np.ndarray
    without: np.ndarray
    count: np.ndarray
    purchase: Purchase
    mean_committed: np.ndarray

    @classmethod
    def of(
        cls, curve: ChannelCurve, laydowns: np.ndarray, terms: ChannelTerms, *, repeated: bool = False
    ) -> "ChannelHorizon":
        """Of a curve's markets, each with every laydown.

        Args:
            curve: the channel's effect; money buys what it usually does, at the strength that it had last.
            laydowns: weights of mean 1 (laydown, week, market); paths are ordered laydown by laydown.
            terms: lead, commitments and price.
            repeated: count the plan's weeks as if it had been repeated for ever, with no history and no end.
        """
        times, weeks, markets = laydowns.shape
        rate, scale = np.broadcast_to(curve.driver.usual_rate, markets), curve.scale

        def by_path(values: np.ndarray) -> np.ndarray:
            """(…, market) for each laydown: (…, path)."""
            return np.tile(values, (*[1] * (values.ndim - 1), times))

        memory = curve.max_lag - 1
        before = np.concatenate([curve.driver.volume, terms.lead * rate]) / scale
        before = np.concatenate([np.zeros((memory, markets)), before])[len(before) :]
        shares = laydowns.transpose(1, 0, 2).reshape(weeks, -1)
        committed = by_path(terms.committed)
        kinds, purchase = _purchases(shares, committed, replace(terms.price, now=by_path(terms.price.now)))
        per_money = by_path(rate / scale)
        series = np.zeros((2 + len(kinds), memory + weeks + memory, times * markets))
        series[1, memory : memory + weeks] = committed * per_money
        series[2:, memory : memory + weeks] = kinds * per_money
        if repeated:
            series = series[:, memory + np.arange(-memory, weeks) % weeks]
        else:
            series[0, :memory] = by_path(before)
        pressures, count = adstocked(series, np.tile(curve.weights, (1, times, 1)))
        coefficient = curve.coefficient * curve.strength_now
        shape, parameters = SHAPES[curve.kind], SHAPES[curve.kind].prepare(**curve.parameters)
        if curve.driver.frequency is not None:
            # At a given frequency the outcome is linear in reach.
            shape, parameters, coefficient = LINEAR, {}, coefficient * curve.shape_at_usual_frequency
        parameters = {name: np.ascontiguousarray(by_path(values).T) for name, values in parameters.items()}
        return cls(
            shape=shape,
            parameters=parameters,
            coefficient=np.ascontiguousarray(by_path(coefficient).T),
            unit=pressures[2:],
            base=pressures[0] + pressures[1],
            carry=pressures[0],
            without=shape.evaluate(pressures[0], **parameters)[0],
            count=count,
            purchase=purchase,
            mean_committed=committed.mean(axis=0),
        )

    @property
    def size(self) -> int:
        """Numbers that one evaluation holds."""
        return self.base.size

    def outcome(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outcome (…, path, sample) of `levels` (…, path), and its derivative by the level."""
        bought, more = self.purchase(np.maximum(levels - self.mean_committed, 0.0))
        more = np.where(levels[..., None, :] < self.mean_committed, 0.0, more)
        bought, more = (part.astype(self.base.dtype)[..., None, :, None] for part in (bought, more))
        pressure = self.base
        for kind in range(len(self.unit)):
            pressure = pressure + bought[..., kind, :, :, :] * self.unit[kind]
        value, slope = self.shape.evaluate(pressure, **self.parameters)
        rise = value - self.without
        steepness = sum(more[..., kind, :, :, :] * self.unit[kind] for kind in range(len(self.unit)))
        slope = slope * steepness
        count = self.count.astype(self.base.dtype)
        return self.coefficient * _weighed(count, rise), self.coefficient * _weighed(count, slope)

    def only(self, paths: np.ndarray) -> "ChannelHorizon":
        """Some of the paths, by number."""
        return replace(
            self,
            parameters={name: values[paths] for name, values in self.parameters.items()},
            coefficient=self.coefficient[paths],
            unit=self.unit[:, :, paths],
            base=self.base[:, paths],
            carry=self.carry[:, paths],
            without=self.without[:, paths],
            purchase=self.purchase.only(paths),
            mean_committed=self.mean_committed[paths],
        )

    @cached_property
    def single(self) -> "ChannelHorizon":
        """The same in single precision."""
        single = replace(
            self,
            parameters={name: values.astype(np.float32) for name, values in self.parameters.items()},
            **{name: getattr(self, name).astype(np.float32) for name in ("coefficient", "unit", "base", "carry")},
        )
        # In its own precision: where the plan adds nothing, nothing is left of the difference.
        return replace(single, without=single.shape.evaluate(single.carry, **single.parameters)[0])


def _weighed(count: np.ndarray, by_week: np.ndarray) -> np.ndarray:
    """Sum over weeks, each as often as it occurs: (…, week, path, sample) -> (…, path, sample)."""
    *leading, weeks, paths, samples = by_week.shape
    return (count @ by_week.reshape(*leading, weeks, paths * samples)).reshape(*leading, paths, samples)


def _purchases(shares: np.ndarray, committed: np.ndarray, price: Price) -> tuple[np.ndarray, Purchase]:
    """Which weeks buy alike (kind, week, path), and what they buy at a free level."""
    weeks, paths = shares.shape
    if not price.rises:
        nothing = np.zeros((1, paths))
        return shares[None] / price.times, Purchase(nothing, nothing + 1.0, None)
    found = []
    for path in range(paths):
        pairs = np.stack([committed[:, path], shares[:, path]], axis=1)
        distinct, which = np.unique(pairs, axis=0, return_inverse=True)
        found.append((distinct[distinct[:, 1] > 0], which.ravel(), np.flatnonzero(distinct[:, 1] > 0)))
    most = max(len(distinct) for distinct, _, _ in found)
    kinds = np.zeros((most, weeks, paths))
    bound, share = np.zeros((most, paths)), np.zeros((most, paths))
    for path, (distinct, which, kept) in enumerate(found):
        bound[: len(distinct), path], share[: len(distinct), path] = distinct.T
        for kind, original in enumerate(kept):
            kinds[kind, :, path] = which == original
    return kinds, Purchase(bound, share, price)
