"""Where does the money go? Spend a week now and planned, and how far it could lie elsewhere for nearly as much."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.planning.plan import BudgetPlan
from mmm_models.reporting.money import format_change, format_money
from mmm_models.reporting.style import (
    BASE,
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

# Lines of a figure that can be read; more are told by channel, over all markets.
_MOST_LINES = 16
_BAR = 0.34


def allocation(made: BudgetPlan) -> "Figure":
    """Two bars a line, now and planned, the largest first; on the plan's, where plans lie that are nearly as good.

    Of sums over markets, which stand for lines where there are many, the latter is not known.
    """
    rows = _rows(made)
    figure = new_figure(9.0, 1.7 + 0.52 * len(rows))
    axes = figure.subplots()
    colours = channel_colours([str(name) for name in made.lines.channel.values])
    for row, line in enumerate(rows.itertuples()):
        axes.barh(row - _BAR / 2, line.now, height=_BAR, color=BASE)
        axes.barh(row + _BAR / 2, line.planned, height=_BAR, color=colours[line.channel])
        far = max(line.now, line.planned)
        if np.isfinite(line.highest):
            _region(axes, row + _BAR / 2, line.lowest, line.highest)
            far = max(far, line.highest)
        moved = format_change(line.now, line.planned)
        text = format_money(line.planned, made.currency) + (f" ({moved})" if moved else "")
        axes.annotate(
            text, (far, row), xytext=(7, 0), textcoords="offset points", va="center", fontsize=9, color=INK,
            parse_math=False, annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), rows["label"])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    # Room for what stands to the right of the longest bar.
    axes.set_xlim(0, 1.22 * max(rows[["now", "planned", "highest"]].max(axis=None), 1e-9))
    money_axis(axes.xaxis, made.currency)
    tidy(axes, grid="x")
    axes.tick_params(axis="y", labelsize=9.5, labelcolor=INK)
    _legend(figure, bool(np.isfinite(rows["highest"]).any()), made.honesty.indifference.loss)
    headline(figure, _takeaway(made), f"money a week, mean over the {made.request.weeks} weeks from {_day(made)}")
    return figure


def _rows(made: BudgetPlan) -> pd.DataFrame:
    """What is drawn, most money first: `channel`, `label`, `now`, `planned`, `lowest`, `highest` (NaN if not shown)."""
    drawn = xr.Dataset(
        {
            "now": made.lines.status_quo,
            "planned": made.lines.level,
            "lowest": made.honesty.lines["lowest"],
            "highest": made.honesty.lines["highest"],
        }
    )
    several = made.lines.sizes["market"] > 1
    if several and made.lines.level.size > _MOST_LINES:
        drawn, several = drawn.sum("market", skipna=False).assign(lowest=np.nan, highest=np.nan), False
    frame = drawn.to_dataframe().reset_index()
    frame = frame[(frame["now"] > 0) | (frame["planned"] > 0)]
    names = frame["channel"].map(display_name)
    frame = frame.assign(label=names + " · " + frame["market"] if several else names)
    size = frame[["now", "planned"]].max(axis=1)
    return frame.assign(size=size).sort_values("size", ascending=False).head(_MOST_LINES)


def _region(axes: "Axes", y: float, lowest: float, highest: float) -> None:
    axes.plot([lowest, highest], [y, y], color=INK, linewidth=1.2, zorder=3)
    for end in (lowest, highest):
        axes.plot([end, end], [y - 0.1, y + 0.1], color=INK, linewidth=1.2, zorder=3)


def _legend(figure: "Figure", has_region: bool, loss: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [Patch(color=BASE, label="now"), Patch(color=MUTED, label="plan")]
    if has_region:
        handles.append(Line2D([], [], color=INK, linewidth=1.2, label=f"plans within {100 * loss:g} % of the best"))
    figure.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=9, labelcolor=MUTED)


def _takeaway(made: BudgetPlan) -> str:
    """Up to two channels that gain money and two that lose it, by money."""
    change = (made.lines.level - made.lines.status_quo).sum("market").to_series()
    before = made.lines.status_quo.sum("market").to_series()
    noted = change[change.abs() > 0.005 * before.sum()]
    if noted.empty:
        return "The money stays where it is"
    more = noted[noted > 0].sort_values(ascending=False).index[:2]
    less = noted[noted < 0].sort_values().index[:2]
    parts = [f"{verb} for {' and '.join(map(display_name, names))}" for verb, names in
             (("more", more), ("less", less)) if len(names)]  # fmt: skip
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _day(made: BudgetPlan) -> str:
    start = made.horizon_start
    return f"{start.day} {start:%b %Y}"
