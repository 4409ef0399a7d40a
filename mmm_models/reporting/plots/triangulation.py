"""Do model, experiments and platforms agree, and what follows? One group of intervals a channel."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm_models.reporting.style import INK, MUTED, channel_colours, display_name, headline, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Marker and word of each source, from top to bottom of a channel's group.
_SOURCES = {"mmm": ("o", "model without tests"), "experiment": ("D", "experiment"), "attribution": ("s", "platform")}
_STEP = 0.15


def triangulation(tables: dict[str, pd.DataFrame], *, unit: str) -> "Figure":
    """Readings of each source (90 %) above the fused ROAS (thick, 90 %).

    Args:
        tables: `triangulation` and `triangulation_sources`.
        unit: of ROAS, in words: 'revenue per EUR of spend'.
    """
    from matplotlib.lines import Line2D

    made = tables["triangulation"]
    fused = made[made["method"] == "hierarchical"].set_index("channel")
    readings = tables["triangulation_sources"].dropna(subset=["roas"])
    # The highest return on top.
    order = fused["roas_p50"].sort_values().index
    colours = channel_colours(list(fused.index))
    figure = new_figure(9.0, 1.8 + 0.85 * len(order))
    axes = figure.subplots()
    for row, channel in enumerate(order):
        own = readings[readings["channel"] == channel]
        own = own.assign(rank=own["source"].map({name: i for i, name in enumerate(_SOURCES)})).sort_values("rank")
        for place, reading in enumerate(own.itertuples()):
            height = row + 0.42 - _STEP * place * min(1.0, 4 / max(len(own), 1))
            axes.plot([reading.low, reading.high], [height] * 2, color=MUTED, linewidth=1.2)
            axes.plot(reading.roas, height, _SOURCES[reading.source][0], color=INK, markersize=4.5, fillstyle="none")
        line = fused.loc[channel]
        axes.plot([line.roas_p05, line.roas_p95], [row - 0.28] * 2, color=colours[channel], linewidth=5)
        axes.plot(line.roas_p50, row - 0.28, "o", color="white", markeredgecolor=colours[channel], markersize=6)
        axes.annotate(
            f"{line.roas_p50:.2f}", (1.01, row - 0.28), xycoords=("axes fraction", "data"), fontsize=10,
            color=INK, va="center", fontweight="bold", annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(range(len(order)), [display_name(str(channel)) for channel in order])
    axes.set_ylim(-0.6, len(order) - 0.3)
    _limits(axes, fused, readings)
    tidy(axes, grid="x")
    axes.tick_params(axis="y", labelsize=10.5, labelcolor=INK)
    handles = [
        Line2D([], [], color=MUTED, marker=marker, markeredgecolor=INK, fillstyle="none", linewidth=1.2, label=word)
        for marker, word in _SOURCES.values()
    ]
    handles.append(Line2D([], [], color=MUTED, linewidth=5, label="all together"))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.09), ncols=4, frameon=False, fontsize=9,
        labelcolor=MUTED,
    )  # fmt: skip
    headline(figure, _takeaway(fused), f"{unit}, all markets; medians and 90 % intervals")
    return figure


def _limits(axes: "Axes", fused: pd.DataFrame, readings: pd.DataFrame) -> None:
    """Room for every figure; the end of a very long interval may leave the picture."""
    core = max([*readings["roas"], *fused["roas_p95"]])
    right = min(max([*readings["high"], *fused["roas_p95"]]), 1.6 * core)
    axes.set_xlim(min(0.0, readings["roas"].min(), fused["roas_p05"].min()) * 1.1, right * 1.05)


def _takeaway(fused: pd.DataFrame) -> str:
    """Who says too much, and whether that is known or a guess."""
    parts = []
    for source, word in (("mmm", "the model says"), ("attribution", "platforms claim")):
        share = float(np.nanmedian(fused[f"bias_{source}"])) if fused[f"bias_{source}"].notna().any() else 0.0
        if abs(share) >= 0.05:
            parts.append(f"{word} {abs(share):.0%} too {'much' if share > 0 else 'little'}")
    said = " and ".join(parts)
    if (fused["verdict"] == "directional").all():
        return "Too few channels were tested to know who is right" + (f"; as a guess, {said}" if said else "")
    return f"In the median channel {said}" if said else "In the median channel all sources agree"
