"""Does the model follow the outcome? Actual weeks against the predictive band, one panel a market."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm_models.fit import Fit
from mmm_models.reporting.money import format_percent, outcome_currency
from mmm_models.reporting.style import INK, MUTED, date_axis, headline, money_axis, new_figure, tidy
from mmm_models.reporting.tables import predictions_weekly

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAND, _LINE = "#9fc3e7", "#2f6fab"


def fit_against_actual(fit: Fit) -> "Figure":
    """Actual outcome as dots, prediction as a line with its 90 % predictive band."""
    frame = predictions_weekly(fit, run_id="")
    markets = list(map(str, fit.panel.markets))
    unit = outcome_currency(fit.spec.outcome, fit.spec.currency)
    figure = new_figure(9.0, 1.4 + 2.3 * len(markets))
    panels = figure.subplots(len(markets), 1, squeeze=False, sharex=True)[:, 0]
    for axes, market in zip(panels, markets, strict=True):
        rows = frame[frame.market == market]
        weeks = pd.to_datetime(rows.week_start)
        axes.fill_between(weeks, rows.p05, rows.p95, color=_BAND, alpha=0.55, linewidth=0, label="90 % band")
        axes.plot(weeks, rows["mean"], color=_LINE, linewidth=1.6, label="Model")
        axes.plot(weeks, rows.actual, "o", color=INK, markersize=2.6, label="Actual")
        axes.set_title(market, loc="left", fontsize=10.5, color=MUTED, fontweight="bold")
        tidy(axes)
        money_axis(axes.yaxis, unit)
        axes.margins(x=0.01)
    date_axis(panels[-1].xaxis)
    panels[0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, fontsize=9)

    error = np.abs(frame.actual - frame["mean"]).sum() / np.abs(frame.actual).sum()
    inside = float(((frame.actual >= frame.p05) & (frame.actual <= frame.p95)).mean())
    headline(
        figure,
        f"The model is off by {format_percent(error)} in a typical week",
        f"{fit.spec.outcome} a week; {format_percent(inside)} of the weeks fall inside the 90 % band. "
        "A good fit does not prove that the returns are right.",
    )
    return figure
