"""What would another budget bring? The best plan's value for each budget, with its risk; where now and the plan lie."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.planning.plan import BudgetPlan
from mmm_models.reporting.money import format_money, outcome_currency
from mmm_models.reporting.style import INK, MUTED, headline, money_axis, new_figure, sentence, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINE = "#4477aa"


def frontier(made: BudgetPlan) -> "Figure":
    """The mean and the 90 % interval of the best plans' value over budgets; plan and status quo are marked."""
    curve = made.honesty.frontier
    figure = new_figure(9.0, 5.0)
    axes = figure.subplots()
    budgets = curve["budget"].values
    axes.fill_between(budgets, curve["value_p05"], curve["value_p95"], color=_LINE, alpha=0.18, linewidth=0)
    axes.plot(budgets, curve["value_mean"], color=_LINE, linewidth=2.2)
    weeks = made.request.weeks
    spent, now = float(made.lines.level.sum()) * weeks, float(made.lines.status_quo.sum()) * weeks
    # The plan's interval is the band's; the status quo lies beneath it and needs one of its own.
    axes.plot([now, now], [made.status_quo_value.p05, made.status_quo_value.p95], color=MUTED, linewidth=1.4, zorder=3)
    # Limits that now breaks may take the plan below it.
    plan_is_above = made.value.mean >= made.status_quo_value.mean
    for label, money, value, face in (("now", now, made.status_quo_value, "white"), ("plan", spent, made.value, INK)):
        axes.plot(money, value.mean, "o", color=face, markeredgecolor=INK, markersize=8, zorder=4)
        is_plan = label == "plan"
        is_above = is_plan == plan_is_above
        axes.annotate(
            label, (money, value.mean), xytext=(-8 if is_plan else 8, 6 if is_above else -6), zorder=5,
            textcoords="offset points", ha="right" if is_plan else "left", va="bottom" if is_above else "top",
            fontsize=9.5, color=INK,
        )  # fmt: skip
    unit = outcome_currency(made.outcome, made.currency)
    money_axis(axes.xaxis, made.currency)
    money_axis(axes.yaxis, unit)
    tidy(axes)
    axes.margins(y=0.12)
    axes.set_xlabel(f"Spend over the {weeks} weeks", fontsize=9.5, color=MUTED)
    axes.set_ylabel(f"{sentence(made.outcome)} that it causes", fontsize=9.5, color=MUTED)
    headline(figure, _takeaway(made, curve), "best plan for each budget, within the limits: mean and 90 % interval")
    return figure


def _takeaway(made: BudgetPlan, curve: xr.Dataset) -> str:
    """What the last tenth of more and of less money is worth, as far as the curve reaches."""
    spent = float(made.lines.level.sum()) * made.request.weeks
    budgets, values = curve["budget"].values, curve["value_mean"].values
    unit = outcome_currency(made.outcome, made.currency)

    def at(times: float) -> float | None:
        money = times * spent
        return float(np.interp(money, budgets, values)) if budgets[0] <= money <= budgets[-1] else None

    here, more, less = at(1.0), at(1.1), at(0.9)
    tenth = format_money(0.1 * spent, made.currency)
    if here is None or (more is None and less is None):
        return f"The plan spends {format_money(spent, made.currency)}"
    told = []
    if more is not None:
        told.append(f"{tenth} more would bring {format_money(more - here, unit)}")
    if less is not None:
        told.append(f"{tenth} less would cost {format_money(here - less, unit)}")
    return "; ".join(told) + f" of {made.outcome}"
