"""A plan at the terminal: its lines, its worth in words, its scenarios side by side, and what to do next.

Printed from the rows of the result tables, so that a plan made just now and one published last week look the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
# Money that is no money.
_CENT = 0.005
# A share of the gain that nobody would read.
_NOTHING = 1e-4
# Kinds of limits that the table of lines shows already.
_OF_LINES = ("most", "least", "fixed", "lot", "rest")
# From this share of the money on other lines on, plans of nearly the same worth differ widely; so outside the data.
_WIDE = 0.1
# A gap above this is worth a sentence.
_GAP = 0.01
# So many lines are told of by name.
_PULSED = 4
# The laydown without pulses.
_EVEN = "continuous"


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
    told = verdict(plan, currency, unit)
    if "plan_constraints" in tables:
        told += binding_rows(tables["plan_constraints"], currency)
    if "plan_allocations" in tables:
        told += pulsed_rows(tables["plan_allocations"], unit)
    for sentence in told:
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    scenarios = tables["plan_scenarios"]
    if len(scenarios):
        console.print(_scenarios_table(scenarios, currency, unit))


def by_line(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `plan_lines` by market and channel: money a week on average, and what is the same in all weeks.

    `laydown` says in words how the money lies over the weeks.
    """
    first = {name: "first" for name in rows.columns if name not in ("plan_id", "week_start", "market", "channel")}
    grouped = rows.groupby(["market", "channel"], sort=False)
    lines = grouped.agg({**first, "spend": "mean", "spend_status_quo": "mean", "binds": "any"})
    return lines.assign(laydown=grouped["spend"].agg(_laydown)).reset_index()


def _laydown(weeks: pd.Series) -> str:
    on = int((weeks > _CENT).sum())
    if on == 0:
        return ""
    if on < len(weeks):
        return f"{on} of {len(weeks)} weeks"
    return "even" if weeks.max() - weeks.min() <= 1e-6 * weeks.max() else "uneven"


def verdict(plan: pd.Series, currency: str, unit: str | None) -> list[str]:
    """What a row of `plans` says, in sentences."""
    told = [f"Chosen for: {plan.objective}."]
    chance = f"P(gain > 0) = {format_percent(plan.prob_gain_positive)}"
    gain = format_interval(plan.gain_mean, plan.gain_p05, plan.gain_p95, unit)
    brings = f"the plan brings {format_money(plan.value_mean, unit)} in all"
    if pd.notna(plan.get("profit_gain_mean")):
        profit = format_interval(plan.profit_gain_mean, plan.profit_gain_p05, plan.profit_gain_p95, currency)
        told += [f"Gain in profit over the status quo: {profit}, {chance}.", f"Gain in outcome: {gain}; {brings}."]
    else:
        told.append(f"Gain over the status quo: {gain}, {chance}; {brings}.")
    moving = plan.get("reallocation_gain_mean")
    if pd.notna(moving) and abs(moving - plan.gain_mean) > 1e-6 * abs(plan.value_mean):
        moved = format_interval(moving, plan.reallocation_gain_p05, plan.reallocation_gain_p95, unit)
        told.append(f"Of this, moving money brings {moved}: the plan above the same money in today's shares.")
    told.append(f"Certificate: {certificate(None if pd.isna(plan.gap) else plan.gap)} (solver {plan.solver}).")
    if pd.notna(plan.expected_regret):
        regret = format_money(plan.expected_regret, unit if pd.isna(plan.get("profit_gain_mean")) else currency)
        told.append(f"Expected regret {regret}: the most that knowing the true response could add.")
    curse = f"{format_money(abs(plan.optimism), unit)} {'higher' if plan.optimism >= 0 else 'lower'}"
    mean, usual = "", plan.get("curse_estimate")
    if pd.notna(usual):
        is_nothing = abs(usual) + plan.curse_se <= _NOTHING * abs(plan.gain_mean)
        figure = f"{format_money(usual, unit)} ± {format_money(plan.curse_se, unit)}"
        mean = f"; on average {'nothing' if is_nothing else figure}"
    told.append(f"Winner's curse: the draws that chose the plan put its gain {curse} than those above do{mean}.")
    return told + _about_money(plan, currency)


def _about_money(plan: pd.Series, currency: str) -> list[str]:
    """Where the money could lie otherwise, where it leaves the data, what more of it would bring."""
    told = []
    if pd.notna(plan.get("shadow_price_mean")):
        price = format_ratio(plan.shadow_price_mean, plan.shadow_price_p05, plan.shadow_price_p95)
        told.append(f"One more {currency} would add {price} to the objective.")
    if plan.get("unspent", 0) > _CENT:
        # Without a line between its bounds there is no price, and limits may be what leaves the money.
        why = "they would not pay" + (", or limits take no more" if pd.isna(plan.get("shadow_price_mean")) else "")
        told.append(f"{format_money(plan.unspent, currency)} of the budget stay unspent: {why}.")
    if pd.notna(plan.get("outside_support_share")):
        told.append(f"{format_percent(plan.outside_support_share)} of the money lies where the data have not been.")
    if pd.notna(plan.get("indifferent_share")):
        share = format_percent(plan.indifferent_share)
        told.append(f"Plans within 1 % of this one spend up to {share} of the money on other lines.")
    return told


def binding_rows(constraints: pd.DataFrame, currency: str) -> list[str]:
    """Limits of several lines together that hold the plan, and what easing them is worth: from `plan_constraints`."""
    told = []
    for row in constraints[constraints["binds"] & ~constraints["kind"].isin(_OF_LINES)].itertuples():
        eased = "1 unit of outcome" if row.unit == "outcome" else f"1 {currency}"
        worth = "" if pd.isna(row.shadow_price) else f"; easing it by {eased} adds {row.shadow_price:.3g}"
        told.append(f"Held by {row.constraint_name}{worth}.")
    return told


def pulsed_rows(allocations: pd.DataFrame, unit: str | None) -> list[str]:
    """Whether pulses that are planned are a finding or a habit, from `plan_allocations`; most money first."""
    if "pulsing_verdict" not in allocations:
        return []
    said = {"finding": "a finding", "habit": "a habit", "open": "open to doubt"}
    # In a plan of one week even spend stands for the pulses, too.
    is_pulsed = (allocations["laydown"] == allocations["pulses"]) & (allocations["laydown"] != _EVEN)
    pulsed = allocations[is_pulsed].sort_values("level", ascending=False)
    told = []
    for row in pulsed.head(_PULSED).itertuples():
        gain = format_interval(row.pulsing_gain_mean, row.pulsing_gain_p05, row.pulsing_gain_p95, unit)
        told.append(
            f"Pulses of {row.channel} in {row.market} ({row.pulses}) are {said[row.pulsing_verdict]}: {gain} above "
            f"even spend; S-shaped with probability {format_percent(row.prob_s_shaped)}."
        )
    return told


def next_steps(plan: pd.Series, lines: pd.DataFrame, currency: str, ratio: str) -> list[str]:
    """What a row of `plans` and the lines of `by_line` suggest to do, most urgent first."""
    steps = []
    if not _is_sure(plan):
        width = lines["mroas_p95"] - lines["mroas_p05"]
        line = lines.loc[(width * lines["spend"]).idxmax()]
        steps.append(
            f"Whether this beats the shares of today is not sure: test {line.channel} in {line.market} first, whose "
            f"marginal {ratio} is least known ({format_ratio(line.mroas_mean, line.mroas_p05, line.mroas_p95)}), "
            "or ask for less change with --max-change."
        )
    held = lines[lines["binds"] & (lines["upper_bound"] > lines["lower_bound"]) & (lines["spend"] > 0)]
    free = lines[~lines["binds"] & (lines["spend"] > 0)]
    elsewhere = free["mroas_mean"].max() if len(free) else 0.0
    at_most = held[(held["spend"] >= held["upper_bound"] * (1 - 1e-3)) & (held["mroas_mean"] > elsewhere)]
    if len(at_most):
        line = at_most.loc[at_most["mroas_mean"].idxmax()]
        steps.append(
            f"{line.channel} in {line.market} would take more money: it is held at "
            f"{format_money(line.spend, currency)} a week, where the next {currency} returns {line.mroas_mean:.2f}. "
            "If more can be bought: "
            f"--max {line.market}/{line.channel}={2 * line.upper_bound:.0f}."
        )
    if plan.get("indifferent_share", 0) > _WIDE:
        steps.append(
            "Single lines are open to argument: the column spend_least_change of the totals has the plan of nearly the "
            "same worth that changes least."
        )
    if plan.get("outside_support_share", 0) > _WIDE:
        steps.append("Go step by step where the plan leaves the data, and plan again when the weeks have come.")
    if pd.notna(plan.gap) and plan.gap > _GAP:
        steps.append(f"A better plan may exist, by up to {format_percent(plan.gap)}: another --solver may find it.")
    return steps


def _is_sure(plan: pd.Series) -> bool:
    """Is it better than now, in profit where that is the goal, else than the same money in today's shares?"""
    moving = plan.get("reallocation_gain_p05")
    if pd.notna(plan.get("profit_gain_mean")) or pd.isna(moving):
        return bool(plan.prob_gain_positive >= _SURE)
    return bool(moving > 0)


def _lines_table(plan: pd.Series, lines: pd.DataFrame, currency: str, ratio: str) -> Table:
    """Narrow enough for 80 columns; the laydown has a column where it is not even everywhere."""
    table = Table(
        title=f"{plan.model}: plan for {plan.horizon_weeks} weeks from {plan.horizon_start:%Y-%m-%d}, "
        f"budget {format_money(plan.budget, currency)}; money a week",
        show_footer=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    now, planned = lines["spend_status_quo"].sum(), lines["spend"].sum()
    laid = bool(set(lines["laydown"]) - {"", "even"})
    table.add_column("market", "all")
    table.add_column("channel")
    table.add_column("now", format_money(now, currency), justify="right")
    table.add_column("plan", format_money(planned, currency), justify="right")
    table.add_column("change", format_change(now, planned), justify="right")
    table.add_column(escape(f"marginal\n{ratio} [90 %]"), justify="right", no_wrap=True)
    if laid:
        table.add_column("laydown")
    table.add_column("held by")
    for row in lines.itertuples():
        table.add_row(
            row.market,
            row.channel,
            format_money(row.spend_status_quo, currency),
            format_money(row.spend, currency),
            format_change(row.spend_status_quo, row.spend),
            "–" if pd.isna(row.mroas_mean) else escape(format_ratio(row.mroas_mean, row.mroas_p05, row.mroas_p95)),
            *([row.laydown] if laid else []),
            _held(row),
        )
    if not laid:
        table.caption = "Spent evenly over the weeks."
    return table


def _held(row: Any) -> str:
    """The limit that a line lies on: its planned money is the limit's."""
    if not row.binds:
        return ""
    if row.lower_bound == row.upper_bound:
        return "fixed"
    is_least = pd.isna(row.upper_bound) or abs(row.spend - row.lower_bound) <= abs(row.spend - row.upper_bound)
    return "min" if is_least else "max"


def _scenarios_table(scenarios: pd.DataFrame, currency: str, unit: str | None) -> Table:
    """Gains are in profit where that is the goal: the chance beside them is."""
    is_profit = "profit_gain_mean" in scenarios and scenarios["profit_gain_mean"].notna().any()
    kind, gain_unit = ("profit_gain", currency) if is_profit else ("gain", unit)
    table = Table(title="Scenarios, each over the whole horizon", box=box.SIMPLE_HEAD, pad_edge=False)
    has_notes = "note" in scenarios and scenarios["note"].fillna("").ne("").any()
    table.add_column("scenario")
    for name in ("budget", "value", f"{kind.replace('_', ' ')} [90 %]", "P(gain > 0)"):
        table.add_column(escape(name), justify="right")
    if has_notes:
        table.add_column("note")
    for row in scenarios.to_dict("records"):
        gain = [row[f"{kind}_{what}"] for what in ("mean", "p05", "p95")]
        chance = row.get("prob_gain_positive")
        table.add_row(
            row["scenario"].replace("_", " "),
            _or_dash(row["budget"], lambda money: format_money(money, currency)),
            _or_dash(row["value_mean"], lambda value: format_money(value, unit)),
            _or_dash(gain[0], lambda _, gain=gain: escape(format_interval(*gain, gain_unit))),
            "–" if row["scenario"] == "status_quo" else _or_dash(chance, format_percent),
            *([escape(row["note"] or "")] if has_notes else []),
        )
    return table


def _or_dash(value: float | None, words: Callable[[float], str]) -> str:
    return "–" if pd.isna(value) else words(value)
