"""A plan at the terminal: its lines, its worth in words, its scenarios side by side, and what to do next.

Printed from the rows of the result tables, so that a plan made just now and one published last week look the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mmm_models.reporting.money import (
    certificate,
    format_change,
    format_interval,
    format_money,
    format_percent,
    format_ratio,
)

# A chance of a gain below this is no plan to book without another look.
_SURE = 0.9
# A gap above this is worth a sentence.
_GAP = 0.01


def print_plan_tables(
    console: Console, tables: Mapping[str, pd.DataFrame], *, currency: str, unit: str | None, ratio: str
) -> None:
    """Print a plan.

    Args:
        console: where to.
        tables: rows of one plan, by their names in `results`.
        currency: of spend.
        unit: currency of the outcome, None where it is a count.
        ratio: what a return is called.
    """
    plan, lines = tables["plans"].iloc[0], by_line(tables["plan_lines"])
    console.print(_lines_table(plan, lines, currency, ratio))
    for sentence in verdict(plan, currency, unit):
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    scenarios = tables["plan_scenarios"]
    if len(scenarios):
        console.print(_scenarios_table(scenarios, currency, unit))


def by_line(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `plan_lines` by market and channel: money a week on average, and what is the same in all weeks."""
    first = {name: "first" for name in rows.columns if name not in ("plan_id", "week_start", "market", "channel")}
    return (
        rows.groupby(["market", "channel"], sort=False)
        .agg({**first, "spend": "mean", "spend_status_quo": "mean", "binds": "any"})
        .reset_index()
    )


def verdict(plan: pd.Series, currency: str, unit: str | None) -> list[str]:
    """What a row of `plans` says, in sentences."""
    told = [f"Chosen for: {plan.objective}."]
    if pd.notna(plan.get("profit_gain_mean")):
        profit = format_interval(plan.profit_gain_mean, plan.profit_gain_p05, plan.profit_gain_p95, currency)
        told.append(f"Profit above the status quo: {profit}.")
    told += [
        f"Gain over the status quo: {format_interval(plan.gain_mean, plan.gain_p05, plan.gain_p95, unit)}, "
        f"P(gain > 0) = {format_percent(plan.prob_gain_positive)}; "
        f"the plan brings {format_money(plan.value_mean, unit)} in all.",
        f"Certificate: {certificate(None if pd.isna(plan.gap) else plan.gap)} (solver {plan.solver}).",
    ]
    if pd.notna(plan.expected_regret):
        regret = format_money(plan.expected_regret, unit)
        told.append(f"Expected regret {regret}: the most that knowing the true response could add.")
    curse = f"Winner's curse {format_money(plan.optimism, unit)}"
    return [*told, f"{curse}: what the draws that chose the plan claimed beyond the gain above."]


def next_steps(plan: pd.Series, lines: pd.DataFrame, currency: str, ratio: str) -> list[str]:
    """What a row of `plans` and the lines of `by_line` suggest to do, most urgent first."""
    steps = []
    if plan.prob_gain_positive < _SURE:
        width = lines["mroas_p95"] - lines["mroas_p05"]
        line = lines.loc[(width * lines["spend"]).idxmax()]
        steps.append(
            f"Whether this beats going on as before is not sure: test {line.channel} in {line.market} first, whose "
            f"marginal {ratio} is least known ({format_ratio(line.mroas_mean, line.mroas_p05, line.mroas_p95)}), "
            "or ask for less change with --max-change."
        )
    held = lines[lines["binds"] & (lines["upper_bound"] > lines["lower_bound"]) & (lines["spend"] > 0)]
    at_most = held[held["spend"] >= held["upper_bound"] * (1 - 1e-3)]
    if len(at_most):
        line = at_most.loc[at_most["mroas_mean"].idxmax()]
        steps.append(
            f"{line.channel} in {line.market} would take more money: it is held at "
            f"{format_money(line.spend, currency)} a week, where the next {currency} returns {line.mroas_mean:.2f}. "
            "If more can be bought: "
            f"--max {line.market}/{line.channel}={2 * line.upper_bound:.0f}."
        )
    if pd.notna(plan.gap) and plan.gap > _GAP:
        steps.append(f"A better plan may exist, by up to {format_percent(plan.gap)}: another --solver may find it.")
    return steps


def _lines_table(plan: pd.Series, lines: pd.DataFrame, currency: str, ratio: str) -> Table:
    table = Table(
        title=f"{plan.model}: plan for {plan.horizon_weeks} weeks from {plan.horizon_start:%Y-%m-%d}, "
        f"budget {format_money(plan.budget, currency)}; money a week",
        show_footer=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    now, planned = lines["spend_status_quo"].sum(), lines["spend"].sum()
    table.add_column("market", "all")
    table.add_column("channel")
    table.add_column("now", format_money(now, currency), justify="right")
    table.add_column("plan", format_money(planned, currency), justify="right")
    table.add_column("change", format_change(now, planned), justify="right")
    table.add_column(escape(f"marginal {ratio} [90 %]"), justify="right")
    table.add_column("held by")
    for row in lines.itertuples():
        table.add_row(
            row.market,
            row.channel,
            format_money(row.spend_status_quo, currency),
            format_money(row.spend, currency),
            format_change(row.spend_status_quo, row.spend),
            "–" if pd.isna(row.mroas_mean) else escape(format_ratio(row.mroas_mean, row.mroas_p05, row.mroas_p95)),
            _held(row, currency),
        )
    return table


def _held(row: Any, currency: str) -> str:
    """The limit that a line lies on, in words."""
    if not row.binds:
        return ""
    if row.lower_bound == row.upper_bound:
        return "fixed"
    at_least = abs(row.spend - row.lower_bound) <= abs(row.spend - row.upper_bound) or pd.isna(row.upper_bound)
    name, bound = ("min", row.lower_bound) if at_least else ("max", row.upper_bound)
    return f"{name} {format_money(bound, currency)}"


def _scenarios_table(scenarios: pd.DataFrame, currency: str, unit: str | None) -> Table:
    table = Table(title="Scenarios, each over the whole horizon", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("scenario")
    for name in ("budget", "value [90 %]", "above the status quo [90 %]"):
        table.add_column(escape(name), justify="right")
    table.add_column("note")
    for row in scenarios.itertuples():
        table.add_row(
            row.scenario.replace("_", " "),
            "–" if pd.isna(row.budget) else format_money(row.budget, currency),
            _interval(row, "value", unit),
            _interval(row, "gain", unit),
            escape(str(getattr(row, "note", None) or "")),
        )
    return table


def _interval(row: Any, name: str, unit: str | None) -> str:
    mean, low, high = (getattr(row, f"{name}_{what}") for what in ("mean", "p05", "p95"))
    return "–" if pd.isna(mean) else escape(format_interval(mean, low, high, unit))
