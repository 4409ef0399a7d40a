"""What did a geo test do? Observed beside expected, and the effect beside what placebos show."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mmm_models.reporting.money import format_percent
from mmm_models.reporting.style import BASE, INK, MUTED, date_axis, headline, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mmm_models.evidence.geo import GeoReadout

_COLOUR = "#4477aa"


def geo_readout(readout: "GeoReadout") -> "Figure":
    """Totals of the treated regions above, the effect below with the middle 90 % of the placebos; window shaded."""
    dates = pd.DatetimeIndex(readout.observed.date.values)
    figure = new_figure(9.0, 5.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    above.plot(dates, readout.observed.sum("arm"), color=INK, linewidth=1.2, label="observed")
    above.plot(dates, readout.expected.sum("arm"), color=_COLOUR, linewidth=1.2, linestyle="--", label="expected")
    above.set_title("Treated regions", loc="left", fontsize=10, color=INK)
    above.legend(frameon=False, fontsize=9, loc="upper left", ncols=2)

    if readout.placebos.sizes["placebo"]:
        low, high = np.quantile(readout.placebos.sum("arm").values, (0.05, 0.95), axis=0)
        below.fill_between(dates, low, high, color=BASE, linewidth=0, alpha=0.6, label="placebos, middle 90 %")
    below.plot(dates, readout.effect.sum("arm"), color=_COLOUR, linewidth=1.2, label="observed less expected")
    below.axhline(0, color=MUTED, linewidth=0.8)
    below.set_title("Effect", loc="left", fontsize=10, color=INK)
    below.legend(frameon=False, fontsize=9, loc="upper left", ncols=2)
    for axes in (above, below):
        _window(axes, readout)
        tidy(axes)
    date_axis(below.xaxis)
    below.set_xlim(dates[0], dates[-1])
    headline(figure, *_words(readout))
    return figure


def _window(axes: "Axes", readout: "GeoReadout") -> None:
    test = readout.test
    day = pd.Timedelta(days=1)
    axes.axvspan(pd.Timestamp(test.start_date), pd.Timestamp(test.end_date) + day, color=_COLOUR, alpha=0.08, lw=0)


def _words(readout: "GeoReadout") -> tuple[str, str]:
    test = readout.test
    direction = "more" if readout.point >= 0 else "less"
    title = f"{test.test_id}: {abs(readout.point):,.0f} {direction} {test.outcome}, ± {readout.se:,.0f}"
    return title, (
        f"{format_percent(readout.relative)} of what was expected, {test.estimator.replace('_', ' ')}; placebo p "
        f"{readout.placebo_p:.2f}, error before the test {format_percent(readout.pre_fit_error)}"
    )
