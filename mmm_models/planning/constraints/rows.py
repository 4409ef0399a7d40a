"""Rows that tie lines together: budget, groups, markets, ratios, returns and targets, each in linear form.

With b the weekly levels of the lines and R_l(b_l) the mean outcome of a line over the horizon, every row reads

    low ≤ Σ_l spend_l b_l + Σ_l outcome_l R_l(b_l) ≤ high.

A least return Σ R ≥ ρ H Σ b and a greatest cost of an outcome are linear in (R, b), too (H: weeks of the horizon).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class Row:
    """`spend`, `outcome` (line): coefficients; `low`, `high`: limits, weekly money or outcome of the horizon.

    `name` says it as a person would; `key` is where it stands in the spec. `stated` is the figure that stands there, in
    `form`; with one more of it, `spend` grows by `per_spend`, `outcome` by `per_outcome`, the limits by `per_limit`.
    """

    name: str
    key: str
    spend: np.ndarray
    outcome: np.ndarray
    low: float = -np.inf
    high: float = np.inf
    stated: float = np.nan
    form: str = ",.0f"
    per_spend: np.ndarray | float = 0.0
    per_outcome: np.ndarray | float = 0.0
    per_limit: float = 0.0

    def restated(self, figure: float) -> "Row":
        """The same row with another figure."""
        more = figure - self.stated
        return replace(
            self,
            spend=self.spend + more * self.per_spend,
            outcome=self.outcome + more * self.per_outcome,
            low=self.low + more * self.per_limit,
            high=self.high + more * self.per_limit,
            stated=figure,
        )

    @property
    def is_budget(self) -> bool:
        """Does it say what all lines spend together, exactly or at most? A least alone is no budget."""
        whole = bool((self.spend == 1).all() and (self.outcome == 0).all())
        return whole and np.isfinite(self.high) and self.low in (-np.inf, self.high)

    def value(self, levels: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """What stands between the limits (…), for levels and mean outcomes (…, line)."""
        return levels @ self.spend + outcomes @ self.outcome


@dataclass(frozen=True)
class _Lines:
    """Which lines a name stands for; lines are ordered market by market."""

    markets: tuple[str, ...]
    channels: tuple[str, ...]

    def mask(self, channels: list[str] | None = None, markets: list[str] | None = None) -> np.ndarray:
        """1 for lines (line) of these channels and markets; none named means all."""
        of_market = [not markets or name in markets for name in self.markets]
        of_channel = [not channels or name in channels for name in self.channels]
        return np.outer(of_market, of_channel).astype(float).ravel()

    def one(self, market: str, channel: str) -> int:
        return self.markets.index(market) * len(self.channels) + self.channels.index(channel)

    @property
    def nothing(self) -> np.ndarray:
        return np.zeros(len(self.markets) * len(self.channels))


def compile_rows(
    planning: PlanningSpec, markets: tuple[str, ...], channels: tuple[str, ...], budget: float | None
) -> tuple[Row, ...]:
    """Rows of `planning:`, over lines ordered market by market. `budget` is money over the horizon; None: no limit."""
    lines = _Lines(markets, channels)
    weeks = planning.horizon_weeks
    rows = []
    if budget is not None:
        name = f"{_extent(planning)} {budget:,.0f} over {weeks} weeks"
        rows.append(_money(planning, f"budget: {name}", "planning.budget", lines.mask(), budget))
    for market, money in planning.market_budgets.items():
        name = f"budget of {market}: {_extent(planning)} {money:,.0f}"
        own = lines.mask(markets=[market])
        rows.append(_money(planning, name, f"planning.market_budgets.{market}", own, money))
    return (*rows, *_groups(planning, lines), *_ratios(planning, lines), *_aims(planning, lines))


def _extent(planning: PlanningSpec) -> str:
    return "at most" if planning.may_keep_money else "exactly"


def _money(planning: PlanningSpec, name: str, key: str, own: np.ndarray, money: float) -> Row:
    """A budget of these lines (line) over the horizon."""
    weeks = planning.horizon_weeks
    least = -np.inf if planning.may_keep_money else money / weeks
    return Row(name, key, own, np.zeros_like(own), least, money / weeks, stated=money, per_limit=1 / weeks)


def _ratios(planning: PlanningSpec, lines: _Lines) -> Iterator[Row]:
    for ratio in planning.ratios:
        for market in lines.markets:
            own, other = lines.one(market, ratio.channel), lines.one(market, ratio.of)
            for side, sign, times in (("max", 1.0, ratio.max), ("min", -1.0, ratio.min)):
                if times is None:
                    continue
                spend, step = lines.nothing, lines.nothing
                spend[own] += sign
                spend[other] -= sign * times
                step[other] = -sign
                name = f"{market}/{ratio.channel} {'at most' if sign > 0 else 'at least'} {times:g} times {ratio.of}"
                key = f"planning.ratios ({ratio.channel} of {ratio.of}).{side}"
                yield Row(name, key, spend, lines.nothing, high=0.0, stated=times, form=".4g", per_spend=step)


def compile_needs(
    planning: PlanningSpec, markets: tuple[str, ...], channels: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Pairs of lines: the first may spend only where the second does."""
    lines = _Lines(markets, channels)
    return tuple(
        (lines.one(market, need.channel), lines.one(market, need.needs))
        for need in planning.needs
        for market in markets
    )


def _groups(planning: PlanningSpec, lines: _Lines) -> Iterator[Row]:
    weeks = planning.horizon_weeks
    for group in planning.groups:
        own, everything = lines.mask(group.channels, group.markets), lines.mask()
        key = f"planning.groups ({group.name})"
        if group.min is not None:
            name = f"group {group.name}: at least {group.min:,.0f}"
            yield Row(
                name, f"{key}.min", own, lines.nothing, low=group.min / weeks, stated=group.min, per_limit=1 / weeks
            )
        if group.max is not None:
            name = f"group {group.name}: at most {group.max:,.0f}"
            yield Row(
                name, f"{key}.max", own, lines.nothing, high=group.max / weeks, stated=group.max, per_limit=1 / weeks
            )
        if group.share_min is not None:
            name = f"group {group.name}: at least {group.share_min:.0%} of all spend"
            spend = own - group.share_min * everything
            yield Row(name, f"{key}.share_min", spend, lines.nothing, 0.0, np.inf, group.share_min, ".1%", -everything)
        if group.share_max is not None:
            name = f"group {group.name}: at most {group.share_max:.0%} of all spend"
            spend = own - group.share_max * everything
            yield Row(name, f"{key}.share_max", spend, lines.nothing, -np.inf, 0.0, group.share_max, ".1%", -everything)
        if group.return_min is not None:
            name = f"group {group.name}: at least {group.return_min:g} outcome for a unit of money"
            yield _least_return(name, f"{key}.return_min", own, group.return_min, weeks)


def _least_return(name: str, key: str, own: np.ndarray, least: float, weeks: int) -> Row:
    return Row(name, key, -least * weeks * own, own, 0.0, np.inf, least, ".4g", -weeks * own)


def _aims(planning: PlanningSpec, lines: _Lines) -> Iterator[Row]:
    """Least return, greatest cost, target outcome."""
    aim, weeks, everything = planning.objective, planning.horizon_weeks, lines.mask()
    key = "planning.objective"
    if aim.return_min is not None:
        name = f"at least {aim.return_min:g} outcome for a unit of money"
        yield _least_return(name, f"{key}.return_min", everything, aim.return_min, weeks)
    if aim.cost_max is not None:
        name = f"at most {aim.cost_max:g} money for a unit of outcome"
        outcome, step = -aim.cost_max * everything, -everything
        yield Row(
            name,
            f"{key}.cost_max",
            weeks * everything,
            outcome,
            high=0.0,
            stated=aim.cost_max,
            form=".4g",
            per_outcome=step,
        )
    if aim.goal == "target":
        name = f"at least {aim.target:,.0f} outcome"
        yield Row(name, f"{key}.target", lines.nothing, everything, low=aim.target, stated=aim.target, per_limit=1.0)
