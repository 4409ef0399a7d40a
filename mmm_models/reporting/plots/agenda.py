"""What is worth testing? The value of each proposed test, inside that of knowing the channel exactly."""

from typing import TYPE_CHECKING

from mmm_models.planning.agenda import Agenda, AgendaItem
from mmm_models.reporting.money import format_money, format_percent, outcome_currency
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
    from matplotlib.figure import Figure


def agenda(made: Agenda, channels: list[str] | None = None) -> "Figure":
    """One bar a test: its value in colour within the value of knowing the response (grey), labelled by the design.

    `channels`: of the model, in order, so that each has its colour of the other figures.
    """
    from matplotlib.lines import Line2D

    items = made.items
    colours = channel_colours(channels or sorted({item.trial.channel for item in items}))
    figure = new_figure(9.0, 1.7 + 0.42 * max(1, len(items)))
    axes = figure.subplots()
    several = len({item.trial.market for item in items}) > 1
    unit = outcome_currency(made.outcome, made.currency)
    names = []
    for row, item in enumerate(items):
        trial = item.trial
        axes.barh(row, max(item.evppi.value, item.evsi.value, 0.0), height=0.62, color=GRID)
        axes.barh(row, max(item.evsi.value, 0.0), height=0.62, color=colours[trial.channel])
        axes.annotate(
            _label(item), (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            fontsize=8.5, color=INK, va="center", annotation_clip=False,
        )  # fmt: skip
        names.append(f"{display_name(trial.channel)} · {trial.market}" if several else display_name(trial.channel))
    axes.set_yticks(range(len(items)), names)
    axes.set_ylim(len(items) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_title(f"Value to a plan of {made.horizon_weeks} weeks", loc="left", fontsize=10, color=MUTED,
                   fontweight="bold")  # fmt: skip
    tidy(axes, grid="x")
    axes.tick_params(axis="y", labelsize=9.5, labelcolor=INK)
    money_axis(axes.xaxis, unit)
    axes.legend(
        handles=[
            Line2D([], [], color=MUTED, linewidth=7, label="the proposed test"),
            Line2D([], [], color=GRID, linewidth=7, label="the response known exactly"),
        ],
        loc="lower right", frameon=False, fontsize=9, labelcolor=MUTED,
    )  # fmt: skip
    headline(figure, _takeaway(made), _context(made))
    return figure


def _label(item: AgendaItem) -> str:
    trial = item.trial
    change = "dark" if trial.change <= -1 else f"{trial.change:+.0%} spend"
    return f"{change}, {trial.unit_share:.0%} of regions, {trial.weeks} weeks; power {format_percent(trial.power)}"


def _takeaway(made: Agenda) -> str:
    if not made.items:
        return "No channel that the plan may move spends money now: nothing to test"
    first = made.items[0]
    if not first.evsi.is_positive:
        return "No test of the sizes considered would change the plan"
    worth = format_money(first.evsi.value, outcome_currency(made.outcome, made.currency))
    return f"Test {display_name(first.trial.channel)} in {first.trial.market} next: worth {worth} of {made.outcome}"


def _context(made: Agenda) -> str:
    unit = outcome_currency(made.outcome, made.currency)
    return (
        f"knowing all responses exactly would add {format_money(made.evpi.value, unit)}; values on draws that did not "
        "choose the plan"
    )
