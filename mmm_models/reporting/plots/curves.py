"""What would more or less money bring? Response curves with their band, one panel a channel, one line a market."""

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
    money_axis,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_LineStyle = str | tuple[float, tuple[float, ...]]
_LINES: tuple[_LineStyle, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)))


def response_curves(fit: Fit) -> "Figure":
    """Weekly response to steady weekly spend with its 90 % band; solid where spend was observed; dot = mean now.

    Up to three markets, those with most spend.
    """
    curves = fit.response_curves()
    channels = fit.panel.paid
    spend = fit.panel.dataset["spend"]
    markets = _largest_markets(fit)
    colours = channel_colours(channels)
    unit = outcome_currency(fit.spec.outcome, fit.spec.currency)
    rows = -(-len(channels) // _COLUMNS)
    figure = new_figure(9.0, 1.3 + 2.5 * rows)
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    now = spend.isel(week=slice(-13, None)).mean("week")
    bends = []
    for axes, channel in zip(panels, channels, strict=False):
        for market, line in zip(markets, _LINES, strict=False):
            here = {"market": market, "channel": channel}
            x = curves["spend"].sel(here).values
            draws = curves["response"].sel(here).transpose("sample", "point").values
            if not x.max() > 0:
                continue
            seen = curves["is_observed"].sel(here).values.astype(bool)
            _curve(axes, x, draws, seen, colours[channel], line)
            level = float(now.sel(here))
            middle = draws.mean(axis=0)
            at = float(np.interp(level, x, middle))
            axes.plot([level], [at], "o", color=colours[channel], markeredgecolor="white", markersize=7, zorder=5)
            axes.annotate(market, (x[-1], middle[-1]), xytext=(3, 0), textcoords="offset points",
                          fontsize=8, color=MUTED, va="center", annotation_clip=False)  # fmt: skip
            bends.append((_flattening(x, middle, level), channel))
        axes.set_title(display_name(channel), loc="left", fontsize=10.5, color=INK, fontweight="bold")
        tidy(axes)
        money_axis(axes.xaxis, fit.spec.currency)
        money_axis(axes.yaxis, unit)
        axes.xaxis.get_major_locator().set_params(nbins=4)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    for axes in panels[len(channels) :]:
        axes.set_axis_off()
    headline(figure, _takeaway(bends), f"{fit.spec.outcome} a week against steady spend a week; band 90 %; "
             "dot: last 13 weeks; pale: outside the range of the data")  # fmt: skip
    return figure


def _curve(axes: "Axes", x: np.ndarray, draws: np.ndarray, seen: np.ndarray, colour: str, line: _LineStyle) -> None:
    """Line and band in full colour over the spend that was observed, paler outside; `draws` (sample, point)."""
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    middle = draws.mean(axis=0)
    where = np.flatnonzero(seen)
    first, last = (where[0], where[-1]) if where.size else (0, 0)
    pale, full = 0.4, 1.0
    for part, strength in (
        (slice(0, first + 1), pale),
        (slice(first, last + 1), full),
        (slice(last, None), pale),
    ):
        axes.fill_between(x[part], low[part], high[part], color=colour, alpha=0.18 * strength, linewidth=0)
        axes.plot(x[part], middle[part], color=colour, linewidth=1.9, linestyle=line, alpha=strength)


def _flattening(x: np.ndarray, response: np.ndarray, level: float) -> float:
    """Marginal over average return at the present level: 1 on a straight line, 0 on a plateau."""
    if not level > 0:
        return np.nan
    average = float(np.interp(level, x, response)) / level
    marginal = float(np.interp(level, x, np.gradient(response, x)))
    return marginal / average if average > 0 else np.nan


def _takeaway(bends: list[tuple[float, str]]) -> str:
    known = {}
    for bend, channel in bends:
        if np.isfinite(bend):
            known.setdefault(channel, []).append(bend)
    if not known:
        return "What more or less money would bring"
    means = {channel: float(np.mean(values)) for channel, values in known.items()}
    most, least = min(means, key=means.get), max(means, key=means.get)
    if most == least:
        return f"{display_name(most)}: the next unit of money returns {100 * means[most]:.0f} % of the average one"
    return f"{display_name(most)} is closest to saturation, {display_name(least)} furthest from it"


def _largest_markets(fit: Fit) -> list[str]:
    total = fit.panel.dataset["spend"].sum(("week", "channel"))
    order = np.argsort(-total.values, kind="stable")[: len(_LINES)]
    return [str(total.market.values[i]) for i in sorted(order)]
