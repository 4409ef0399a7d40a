"""Which channels pay? ROAS with its intervals, marginal ROAS beside it, and what experiments measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mmm_models.fit import Fit
from mmm_models.reporting.money import outcome_currency
from mmm_models.reporting.style import (
    INK,
    MUTED,
    channel_colours,
    display_name,
    headline,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class MeasuredReturn:
    """What an experiment measured: outcome per unit of money, with its standard error."""

    channel: str
    market: str
    roas: float
    standard_error: float


def measured_returns(tests: Sequence[object]) -> list[MeasuredReturn]:
    """Turn lift-test records (channel, market, lift, lift_se, spend_delta) into returns on the money they moved."""
    return [
        MeasuredReturn(t.channel, t.market, t.lift / t.spend_delta, abs(t.lift_se / t.spend_delta))
        for t in tests
        if t.spend_delta
    ]


def returns(
    fit: Fit,
    *,
    window: str = "last_52_weeks",
    market: str = "all",
    tests: Sequence[MeasuredReturn] = (),
) -> "Figure":
    """ROAS (dot, 50 % and 90 % interval), marginal ROAS (ring) and measured returns (diamonds), one row a channel."""
    from matplotlib.lines import Line2D

    figures = fit.returns(window=window).sel(market=market)
    channels = list(map(str, figures.channel.values))
    colours = channel_colours(channels)
    unit = outcome_currency(fit.spec.outcome, fit.spec.currency)
    roas = np.quantile(figures["roas"].transpose("channel", "sample").values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    marginal = np.quantile(figures["mroas"].transpose("channel", "sample").values, [0.05, 0.5, 0.95], axis=1)
    shown = [i for i in np.argsort(roas[2], kind="stable") if np.isfinite(roas[2, i])]

    figure = new_figure(9.0, 1.7 + 0.62 * len(shown))
    axes = figure.subplots()
    for row, i in enumerate(shown):
        colour = colours[channels[i]]
        axes.plot(roas[[0, 4], i], [row + 0.12] * 2, color=colour, linewidth=2.2, solid_capstyle="round")
        axes.plot(roas[[1, 3], i], [row + 0.12] * 2, color=colour, linewidth=6, solid_capstyle="round")
        axes.plot(roas[2, i], row + 0.12, "o", color="white", markeredgecolor=colour, markersize=6, markeredgewidth=1.8)
        axes.plot(marginal[[0, 2], i], [row - 0.2] * 2, color=colour, linewidth=1.1, alpha=0.6)
        axes.plot(marginal[1, i], row - 0.2, "|", color=colour, markersize=9, markeredgewidth=2)
        axes.annotate(
            f"{roas[2, i]:.2f}", (1.01, row + 0.12), xycoords=("axes fraction", "data"),
            fontsize=10, color=INK, va="center", fontweight="bold", annotation_clip=False,
        )  # fmt: skip
        for k, test in enumerate(t for t in tests if t.channel == channels[i] and market in ("all", t.market)):
            half = 1.645 * test.standard_error
            y = row - 0.36 - 0.1 * k
            axes.plot([test.roas - half, test.roas + half], [y] * 2, color=INK, linewidth=1)
            axes.plot(test.roas, y, "D", color=INK, markersize=4)
    if unit:
        axes.axvline(1.0, color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
        axes.annotate(
            f"{fit.spec.outcome} = spend", (1.0, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -2),
            textcoords="offset points", fontsize=8.5, color=MUTED, va="top",
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [display_name(channels[i]) for i in shown])
    axes.set_ylim(-0.7, len(shown) - 0.3)
    _limits(axes, roas[:, shown], marginal[:, shown], tests)
    tidy(axes, grid="x")
    axes.tick_params(axis="y", labelsize=10.5, labelcolor=INK)
    handles = [
        Line2D([], [], color=MUTED, linewidth=6, label="ROAS (thick 50 %, thin 90 %)"),
        Line2D([], [], color=MUTED, linewidth=1.1, marker="|", markersize=9, label="marginal ROAS (90 %)"),
    ]
    if tests:
        handles.append(Line2D([], [], color=INK, linewidth=1, marker="D", markersize=4, label="lift test (90 %)"))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.09), ncols=3, frameon=False, fontsize=9,
        labelcolor=MUTED,
    )  # fmt: skip
    where = "all markets" if market == "all" else market
    per = f"{fit.spec.outcome} per {fit.spec.currency} of spend"
    subtitle = f"{per}, {where}, {window.replace('_', ' ')}"
    if unit:
        subtitle += "; surely: with 95 % probability, before margin"
    headline(figure, _takeaway(channels, roas, shown, fit.spec.outcome if unit else None), subtitle)
    return figure


def _limits(axes: "Axes", roas: np.ndarray, marginal: np.ndarray, tests: Sequence[MeasuredReturn]) -> None:
    """Room for every 50 % bar and test; a very long 90 % whisker may leave the picture."""
    core = [roas[3].max(), marginal[1].max(), *(t.roas for t in tests)]
    right = min(max(roas[4].max(), marginal[2].max()) * 1.05, 2.5 * max(core))
    left = min(0.0, roas[0].min(), marginal[0].min())
    axes.set_xlim(left * 1.05, max(right, 1.15))


def _takeaway(channels: list[str], roas: np.ndarray, shown: list[int], outcome: str | None) -> str:
    if not shown:
        return "No channel spent anything in this window"
    best = display_name(channels[shown[-1]])
    if outcome is None:
        return f"{best} brings the most per unit of money"
    sure = [i for i in shown if roas[0, i] > 1]
    if len(sure) == len(shown):
        return f"Every channel brings more {outcome} than it costs; {best} returns the most"
    if not sure:
        return f"No channel surely brings more {outcome} than it costs; {best} comes nearest"
    return f"{len(sure)} of {len(shown)} channels surely bring more {outcome} than they cost; {best} the most"
