"""What does the plan change, and what is it worth? Spend now and planned, marginal return, and the gain."""

from typing import TYPE_CHECKING

import numpy as np

from mmm_models.planning.interval import Interval
from mmm_models.planning.plan import BudgetPlan
from mmm_models.reporting.money import certificate, format_change, format_money, format_percent, outcome_currency
from mmm_models.reporting.style import (
    GRID,
    INK,
    MUTED,
    channel_colours,
    display_name,
    headline,
    money_axis,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plan(made: BudgetPlan) -> "Figure":
    """Left: weekly spend now (ring) and planned (dot) inside its bounds. Right: marginal return at the plan."""
    from matplotlib.lines import Line2D

    lines = made.lines
    channels = list(map(str, lines.channel.values))
    colours = channel_colours(channels)
    shown = _shown_lines(made)
    figure = new_figure(9.0, 1.9 + 0.36 * len(shown))
    left, right = figure.subplots(1, 2, width_ratios=[1.75, 1.0], sharey=True)
    names = []
    for row, (market, channel) in enumerate(shown):
        here = {"market": market, "channel": channel}
        now, level, low, high = (float(lines[n].sel(here)) for n in ("status_quo", "level", "lower", "upper"))
        _move(left, row, now, level, (low, high), colours[channel])
        _marginal(right, row, Interval.of(lines.mroas.sel(here)), colours[channel])
        left.annotate(
            format_change(now, level), (1.0, row),
            xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
            fontsize=9, color=INK, va="center", annotation_clip=False,
        )  # fmt: skip
        names.append(f"{display_name(channel)} · {market}" if lines.sizes["market"] > 1 else display_name(channel))
    left.set_yticks(range(len(shown)), names)
    left.set_ylim(len(shown) - 0.4, -0.6)
    left.set_xlim(left=0)
    for axes, title in ((left, "Spend a week"), (right, "Marginal return at the plan")):
        axes.set_title(title, loc="left", fontsize=10, color=MUTED, fontweight="bold")
        tidy(axes, grid="x")
    if outcome_currency(made.outcome, made.currency):
        right.axvline(1.0, color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
        right.set_xlim(left=min(0.0, right.get_xlim()[0]))
    left.tick_params(axis="y", labelsize=9.5, labelcolor=INK)
    money_axis(left.xaxis, made.currency)
    left.legend(
        handles=[
            Line2D([], [], color=MUTED, marker="o", markerfacecolor="white", linestyle="", label="now"),
            Line2D([], [], color=MUTED, marker="o", linestyle="", label="plan"),
            Line2D([], [], color=GRID, linewidth=7, label="allowed"),
        ],
        loc="upper left", bbox_to_anchor=(0, -0.32 / len(shown) - 0.03), ncols=3, frameon=False, fontsize=9,
        labelcolor=MUTED,
    )  # fmt: skip
    headline(figure, _takeaway(made), _risk(made))
    return figure


def _shown_lines(made: BudgetPlan, most: int = 24) -> list[tuple[str, str]]:
    """Lines that spend or may spend, most money first within each market; the largest `most` of them."""
    lines = made.lines
    keys = [(str(m), str(c)) for m in lines.market.values for c in lines.channel.values]
    size = {k: max(float(lines.level.loc[k]), float(lines.status_quo.loc[k])) for k in keys}
    kept = sorted((k for k in keys if size[k] > 0), key=lambda k: -size[k])[:most]
    markets = list(map(str, lines.market.values))
    return sorted(kept, key=lambda k: (markets.index(k[0]), -size[k]))


def _move(axes: "Axes", row: int, now: float, level: float, bounds: tuple[float, float], colour: str) -> None:
    low, high = bounds
    far = high if np.isfinite(high) else max(now, level) * 1.3
    axes.plot([low, far], [row, row], color=GRID, linewidth=8, solid_capstyle="butt", zorder=1)
    axes.plot([now, level], [row, row], color=colour, linewidth=2.2, zorder=2)
    axes.plot(now, row, "o", color="white", markeredgecolor=colour, markeredgewidth=1.6, markersize=7, zorder=3)
    axes.plot(level, row, "o", color=colour, markersize=8, zorder=4)


def _marginal(axes: "Axes", row: int, mroas: Interval, colour: str) -> None:
    axes.plot([mroas.p05, mroas.p95], [row, row], color=colour, linewidth=2.2, solid_capstyle="round")
    axes.plot(mroas.p50, row, "o", color=colour, markersize=6)


def _takeaway(made: BudgetPlan) -> str:
    moved = 0.5 * float(np.abs(made.spend - made.status_quo).sum())
    before, spent = float(made.status_quo.sum()), float(made.spend.sum())
    money = format_money(spent, made.currency)
    gain, what, unit = _gain(made)
    verb = "adds" if gain.mean >= 0 else "costs"
    if abs(spent - before) <= 1e-6 * before:
        subject = f"Moving {format_money(moved, made.currency)} of {money}"
    else:
        subject = f"Spending {money} ({format_change(before, spent)})"
    return f"{subject} {verb} {format_money(abs(gain.mean), unit)} {what} in {made.request.weeks} weeks"


def _gain(made: BudgetPlan) -> tuple[Interval, str, str | None]:
    """What the plan gains, in profit where that is the goal; what that is; its currency."""
    if made.profit_gain is not None:
        return made.profit_gain, "profit", made.currency
    return made.gain, made.outcome, outcome_currency(made.outcome, made.currency)


def _risk(made: BudgetPlan) -> str:
    gain, _, unit = _gain(made)
    return (
        f"90 % interval {format_money(gain.p05, unit)} to {format_money(gain.p95, unit)}; chance of a gain "
        f"{format_percent(made.prob_gain_positive)}; {certificate(made.gap)}"
    )
