"""A plan as sheets for Excel: one row a week, market and channel; and totals.

Numbers have a point and columns a comma, as Excel reads them in English; with `decimal_comma` a comma and semicolons,
as it reads them where people write so (German, French, Dutch, Spanish, ...). One file cannot serve both: Excel splits
by the list separator of the computer's own region. UTF-8 with a byte order mark, without which Excel garbles umlauts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

_LINE = ["market", "channel"]
_SUMMED = ["spend_plan", "spend_now", "outcome_plan", "outcome_p05", "outcome_p95"]
# What may be summed over lines.
_ADDITIVE = ["spend_plan", "spend_now", "outcome_plan", "spend_least_change"]


def lines_sheet(lines: pd.DataFrame, currency: str) -> pd.DataFrame:
    """What to book, from rows of `plan_lines`: money to the cent, weeks adding up to the rounded total of a line."""
    sheet = lines.sort_values(["week_start", *_LINE], key=_in_order).reset_index(drop=True)
    made = sheet[["week_start", *_LINE]].assign(currency=currency)
    for name, column in (("spend_plan", "spend"), ("spend_now", "spend_status_quo")):
        made[name] = sheet.groupby(_LINE, sort=False)[column].transform(_cents)
    made["change"] = (made["spend_plan"] - made["spend_now"]).round(2)
    for name, column in (("outcome_plan", "response_mean"), ("outcome_p05", "response_p05"),
                         ("outcome_p95", "response_p95")):  # fmt: skip
        made[name] = sheet[column].round(2)
    return made


def totals_sheet(lines: pd.DataFrame, allocations: pd.DataFrame, currency: str) -> pd.DataFrame:
    """A row a market and channel over the whole plan, then each market and everything, whose channel is 'all'.

    Beside the plan stands the one that changes least among those of nearly the same worth; rows of `plan_allocations`.
    Intervals are of single lines: those of sums are not the sums of theirs, and stay empty.
    """
    sheet = lines_sheet(lines, currency)
    totals = sheet.groupby(_LINE, sort=False)[_SUMMED].sum().reset_index()
    weeks = sheet["week_start"].nunique()
    least = allocations.assign(spend_least_change=(weeks * allocations["level_least_change"]).round(2))
    totals = totals.merge(least[[*_LINE, "spend_least_change"]], on=_LINE)
    by_line = lines.groupby(_LINE, sort=False)
    for name in ("mroas_mean", "mroas_p05", "mroas_p95"):
        totals = totals.merge(by_line[name].first().round(4).reset_index(), on=_LINE)
    sums = totals.groupby("market", sort=False)[_ADDITIVE].sum().reset_index().assign(channel="all")
    if len(sums) > 1:
        everything = sums[_ADDITIVE].sum().to_frame().T.assign(market="all", channel="all")
        sums = pd.concat([sums, everything], ignore_index=True)
    totals = pd.concat([totals, sums], ignore_index=True)
    totals["change"] = (totals["spend_plan"] - totals["spend_now"]).round(2)
    totals["change_percent"] = (100 * totals["change"] / totals["spend_now"].where(totals["spend_now"] > 0)).round(1)
    totals["currency"] = currency
    names = [*_LINE, "currency", "spend_plan", "spend_now", "change", "change_percent", "spend_least_change"]
    names += ["outcome_plan", "outcome_p05", "outcome_p95", "mroas_mean", "mroas_p05", "mroas_p95"]
    return totals[names].round(4)


def write_sheet(sheet: pd.DataFrame, path: Path, *, decimal_comma: bool) -> None:
    """Write a sheet as CSV in the form of the module's text."""
    separator, decimal = (";", ",") if decimal_comma else (",", ".")
    sheet.to_csv(path, sep=separator, decimal=decimal, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _cents(weeks: pd.Series) -> pd.Series:
    """Rounded so that the running total is never off by more than half a cent."""
    running = np.round(np.cumsum(weeks.to_numpy()), 2)
    return pd.Series(np.round(np.diff(running, prepend=0.0), 2), index=weeks.index)


def _in_order(values: pd.Series) -> pd.Series:
    """Weeks by date, names in the order in which the plan has them."""
    return values if values.name == "week_start" else values.map({name: i for i, name in enumerate(values.unique())})
