"""What was seen in the data before a fit: series by checks, coloured by verdict, one panel a market."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmm_models.reporting.money import format_percent
from mmm_models.reporting.style import INK, MUTED, display_name, headline, new_figure
from mmm_models.validation.data_checks import VERDICTS, DataCheck

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# From calm to loud; apart in grey, too.
_COLOURS = {"pass": "#e3efe6", "info": "#dbe6f2", "warn": "#f4c65d", "severe": "#d1495b"}
_MEANING = {"pass": "as it should be", "info": "good to know, or no telling", "warn": "look at it", "severe": "severe"}
# Check -> heading, form of its figure, width of its column. `weeks_per_series` is one figure a market: its title.
_COLUMNS = {
    "vif": ("variance\ninflation", "{:.1f}", 1.0),
    "correlation": ("strongest\ncorrelation", "{:.2f}", 1.7),
    "mirrors_outcome": ("slow as\noutcome", "{:.2f}", 1.0),
    "endogenous_spend": ("paid by\nthe sale", "whether", 1.0),
    "spend_without_exposure": ("weeks not\nseen", "{:.0f}", 1.0),
    "exposure_without_spend": ("weeks not\npaid", "{:.0f}", 1.0),
    "cost_per_exposure": ("price\noutlier (z)", "{:.1f}", 1.0),
    "outliers": ("outlier\n(z)", "{:.1f}", 1.0),
    "active_weeks": ("active\nweeks", "{:.0f}", 1.0),
    "spend_variation": ("spend\nvaries by", "percent", 1.0),
    "spend_share": ("share of\nspend", "percent", 1.0),
    "control_variation": ("weeks off\nusual", "{:.0f}", 1.0),
}
_MARKETS_SHOWN = 4


def data_checks(records: Sequence[DataCheck], model: str) -> "Figure":
    """A cell a series and check: its figure, coloured by its verdict; of a series' correlations the worst.

    Of many markets the four with the worst findings are shown; the title counts over all.
    """
    markets = _worst_markets(records)
    rows = sorted(dict.fromkeys(name for record in records for name in _series_of(record)), key=_place)
    figure = new_figure(11.3, 1.3 + (0.65 + 0.27 * len(rows)) * len(markets))
    panels = figure.subplots(len(markets), 1, squeeze=False)[:, 0]
    for axes, market in zip(panels, markets, strict=True):
        _panel(axes, [record for record in records if record.market == market], rows, market)
    _legend(figure)
    headline(figure, *_words(records, model, len(markets)))
    return figure


def _panel(axes: "Axes", records: Sequence[DataCheck], rows: list[str], market: str) -> None:
    from matplotlib.patches import Rectangle

    left, edge = {}, 0.0
    for check, (_, _, width) in _COLUMNS.items():
        left[check], edge = edge, edge + width
    for (series, check), record in _cells(records).items():
        x, y, width = left[check], rows.index(series), _COLUMNS[check][2]
        axes.add_patch(
            Rectangle((x + 0.02, y + 0.04), width - 0.04, 0.92, facecolor=_COLOURS[record.verdict], linewidth=0)
        )
        axes.text(
            x + width / 2, y + 0.52, _figure(record, series), ha="center", va="center", fontsize=8.5,
            color="white" if record.verdict == "severe" else INK if record.is_finding else MUTED,
            fontweight="bold" if record.is_finding else "normal", parse_math=False,
        )  # fmt: skip
    axes.set_xlim(0, edge)
    axes.set_ylim(len(rows), 0)
    axes.set_xticks([left[check] + _COLUMNS[check][2] / 2 for check in _COLUMNS], [c[0] for c in _COLUMNS.values()])
    axes.set_yticks([row + 0.5 for row in range(len(rows))], [_label(series) for series in rows])
    axes.xaxis.tick_top()
    axes.tick_params(length=0, colors=MUTED, labelsize=8)
    axes.tick_params(axis="y", labelsize=9, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _title(axes, records, market)


def _title(axes: "Axes", records: Sequence[DataCheck], market: str) -> None:
    """The market beside the headings, and how many weeks there are for each of its series."""
    common = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "annotation_clip": False}
    axes.annotate(market, (0, 1), xytext=(-5, 17), fontsize=11, color=INK, fontweight="bold", **common)
    for record in records:
        if record.check == "weeks_per_series":
            text = f"{record.value:.1f} weeks a series"
            look = {"backgroundcolor": _COLOURS["warn"], "color": INK} if record.is_finding else {"color": MUTED}
            axes.annotate(text, (0, 1), xytext=(-5, 5), fontsize=8, **look, **common)


def _cells(records: Sequence[DataCheck]) -> dict[tuple[str, str], DataCheck]:
    """The record of each (series, check); of several pairs the worst, then the strongest."""
    cells: dict[tuple[str, str], DataCheck] = {}

    def rank(record: DataCheck) -> tuple[int, float]:
        return VERDICTS.index(record.verdict), -abs(record.value)

    for record in records:
        for series in _series_of(record):
            held = cells.get((series, record.check))
            if held is None or rank(record) < rank(held):
                cells[series, record.check] = record
    return cells


def _series_of(record: DataCheck) -> list[str]:
    return [name for name in (record.series, record.other_series) if name is not None]


def _place(series: str) -> int:
    """Outcome, channels, controls; within them as they came."""
    return {"outcome": 0, "": 1, "control": 2}[series.rpartition(":")[0]]


def _label(series: str) -> str:
    role, _, name = series.rpartition(":")
    return f"{display_name(name)}{' (control)' if role == 'control' else ''}"


def _figure(record: DataCheck, series: str) -> str:
    form = _COLUMNS[record.check][1]
    if math.isnan(record.value):
        return "–"
    if math.isinf(record.value):
        return "∞"
    if form == "percent":
        return format_percent(record.value)
    if form == "whether":
        return "yes" if record.value else "no"
    text = (form if abs(record.value) < 100 else "{:,.0f}").format(record.value)
    if record.other_series is None or not record.is_finding:
        return text
    other = record.other_series if series == record.series else str(record.series)
    name = display_name(other.rpartition(":")[2])
    return f"{text} {name if len(name) <= 10 else f'{name[:9]}…'}"


def _worst_markets(records: Sequence[DataCheck]) -> list[str]:
    """All markets in their order, or the few with the worst findings."""
    markets = list(dict.fromkeys(record.market for record in records))
    found = {market: [0] * len(VERDICTS) for market in markets}
    for record in records:
        found[record.market][VERDICTS.index(record.verdict)] -= 1
    worst = sorted(markets, key=lambda market: found[market])[:_MARKETS_SHOWN]
    return [market for market in markets if market in worst]


def _words(records: Sequence[DataCheck], model: str, shown: int) -> tuple[str, str]:
    findings = [record for record in records if record.is_finding]
    severe = sum(record.verdict == "severe" for record in findings)
    markets = len({record.market for record in records})
    title = (
        f"{model}: {len(findings)} finding{'s' * (len(findings) > 1)} to look at before a fit is believed"
        + (f", {severe} severe" if severe else "")
        if findings
        else f"{model}: nothing in the data stands in the way of a fit"
    )
    subtitle = f"{len(records)} figures of series and pairs; findings block nothing"
    return title, subtitle + (f"; {shown} of {markets} markets, those with the worst" if shown < markets else "")


def _legend(figure: "Figure") -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=_COLOURS[verdict], label=_MEANING[verdict]) for verdict in reversed(VERDICTS)]
    figure.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=9, labelcolor=MUTED)
