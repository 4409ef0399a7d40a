"""Figures for people: returns and plans as short markdown tables that also read well in a terminal."""

from collections.abc import Sequence

import pandas as pd

from mmm_models.planning.constraints.lines import binding
from mmm_models.planning.interval import Interval
from mmm_models.planning.plan import BudgetPlan
from mmm_models.planning.scenarios import Scenario
from mmm_models.reporting.money import (
    certificate,
    format_change,
    format_interval,
    format_money,
    format_percent,
    format_ratio,
    outcome_currency,
)
from mmm_models.reporting.quantiles import summarise


def returns_summary(
    returns: pd.DataFrame,
    *,
    outcome: str,
    currency: str,
    window: str = "last_52_weeks",
    market: str = "all",
) -> str:
    """Return what each channel returned in one window and market ('all' = every market), most spend first.

    `returns`: rows of `channel_returns` of one run. Raises `ValueError` when it has none of that window and market.
    """
    rows = returns.query("window_name == @window and market == @market").sort_values("spend", ascending=False)
    if rows.empty:
        known = returns[["window_name", "market"]].drop_duplicates().agg(" in ".join, axis=1)
        raise ValueError(f"There are no returns for {window} in {market}; there are: {', '.join(known)}.")
    unit = outcome_currency(outcome, currency)
    ratio = "ROAS" if unit else f"{outcome} per {currency}"
    body = [
        [
            str(row.channel),
            format_money(row.spend, currency),
            format_interval(row.contribution_mean, row.contribution_p05, row.contribution_p95, unit),
            _ratio(row.roas_mean, row.roas_p05, row.roas_p95),
            _ratio(row.mroas_mean, row.mroas_p05, row.mroas_p95),
        ]
        for row in rows.itertuples()
    ]
    head = ["channel", "spend", f"{outcome} caused [90 %]", f"{ratio} [90 %]", f"marginal {ratio} [90 %]"]
    first = rows.iloc[0]
    where = "all markets" if market == "all" else market
    title = f"Returns, {where}, {first.window_start} to {first.window_end} ({window.replace('_', ' ')})"
    return f"{title}\n\n{markdown_table(head, body)}"


def plan_summary(plan: BudgetPlan) -> str:
    """Return the plan's verdict, its lines and its scenarios."""
    unit = outcome_currency(plan.outcome, plan.currency)
    end = plan.horizon_end + pd.Timedelta(days=6)
    verdict = [
        f"Plan for {plan.horizon_start:%d %b %Y} to {end:%d %b %Y} ({plan.request.weeks} weeks), "
        f"budget {format_money(plan.budget, plan.currency)}",
        *_gains(plan, unit),
        f"- {_regret(plan, unit)}optimism {format_money(plan.optimism, unit)}; {certificate(plan.gap)}",
        f"- {format_percent(plan.honesty.support.share)} of the money lies where the data have not been; "
        f"{format_percent(plan.honesty.indifference.elsewhere_share)} could go to other lines at a loss of 1 %",
    ]
    return "\n".join(verdict) + "\n\n" + _lines_table(plan) + "\n\n" + _scenario_table(plan, unit)


def _gains(plan: BudgetPlan, unit: str | None) -> list[str]:
    """The chance stands beside what it is of: profit where that is the goal."""
    outcome = f"- {plan.outcome} above the status quo: {_of(plan.gain, unit)}"
    chance = f", chance of a gain {format_percent(plan.prob_gain_positive)}"
    if plan.profit_gain is None:
        return [outcome + chance]
    return [f"- profit above the status quo: {_of(plan.profit_gain, plan.currency)}{chance}", outcome]


def _regret(plan: BudgetPlan, unit: str | None) -> str:
    """What not knowing the truth costs, in the objective's unit; a smallest budget has no such figure."""
    if plan.expected_regret is None:
        return ""
    own = unit if plan.profit_gain is None else plan.currency
    return f"expected regret {format_money(plan.expected_regret, own)}, "


def _lines_table(plan: BudgetPlan) -> str:
    lines = plan.lines
    marginal = summarise(lines.mroas, prefix="mroas").set_index(["market", "channel"])
    held = binding(lines.level, lines.lower, lines.upper)
    body = []
    for market in map(str, lines.market.values):
        for channel in map(str, lines.channel.values):
            here = {"market": market, "channel": channel}
            now, planned = float(lines.status_quo.sel(here)), float(lines.level.sel(here))
            bound = str(held.sel(here).item())
            mroas = marginal.loc[(market, channel)]
            body.append(
                [
                    market,
                    channel,
                    format_money(now, plan.currency),
                    format_money(planned, plan.currency),
                    format_change(now, planned),
                    _ratio(mroas.mroas_mean, mroas.mroas_p05, mroas.mroas_p95),
                    "" if bound == "none" else bound,
                ]
            )
    head = ["market", "channel", "a week now", "planned", "change", "marginal return [90 %]", "held by"]
    return markdown_table(head, body)


def _scenario_table(plan: BudgetPlan, unit: str | None) -> str:
    body = [
        [
            scenario.name.replace("_", " "),
            format_money(scenario.budget, plan.currency),
            *(_of(figure, own) if scenario.is_feasible else "none" for figure, own in _worth(scenario, plan, unit)),
            scenario.note,
        ]
        for scenario in plan.scenarios
    ]
    above = "above the status quo [90 %]" if plan.profit_gain is None else "profit above the status quo [90 %]"
    return markdown_table(["scenario", "budget", f"{plan.outcome} caused [90 %]", above, "note"], body)


def _worth(scenario: Scenario, plan: BudgetPlan, unit: str | None) -> list[tuple[Interval, str | None]]:
    """What a scenario causes and what it gains, in profit where that is the goal, each with its unit."""
    gain = (scenario.gain, unit) if scenario.profit_gain is None else (scenario.profit_gain, plan.currency)
    return [(scenario.value, unit), gain]


def _of(interval: Interval, unit: str | None) -> str:
    return format_interval(interval.mean, interval.p05, interval.p95, unit)


def markdown_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """Return a markdown table padded to equal column widths, numbers to the right of their column."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *body, strict=True)]
    right = [_numeric([row[i] for row in body]) for i in range(len(head))]
    rule = [("-" * (w - 1) + ":") if r else "-" * w for w, r in zip(widths, right, strict=True)]

    def row(cells: Sequence[str]) -> str:
        padded = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True)]
        return "| " + " | ".join(padded) + " |"

    return "\n".join([row(head), row(rule), *map(row, body)])


def _numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(any(ch.isdigit() for ch in cell) for cell in filled)


def _ratio(mean: float, low: float, high: float) -> str:
    return "no spend" if pd.isna(mean) else format_ratio(mean, low, high)
