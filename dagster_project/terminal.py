"""What a person at a terminal reads: outcome, returns and plan, from the published file."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table

from dagster_project.plan_terminal import print_plan_tables
from dagster_project.running import Outcome
from dagster_project.structures_terminal import print_structures
from mmm_models.reporting.money import format_money, outcome_currency


class NothingPublishedError(LookupError):
    """The published file is missing or holds nothing of that model."""


def query(published: Path, sql: str, parameters: list[object] | dict[str, object]) -> pd.DataFrame:
    """Rows of the published file.

    Raises:
        NothingPublishedError: there is no such file yet.
    """
    if not published.exists():
        raise NothingPublishedError(f"{published} does not exist yet. Run `make demo` or `mixhouse run` first.")
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(sql, parameters).df()


# Of one asset; a model's data can have many findings, and they come with the worst first.
_WARNINGS_SHOWN = 3


def print_outcome(console: Console, outcome: Outcome) -> None:
    """What was refitted and why, what failed, what checks say."""
    refitted = {key: why for key, why in outcome.made.items() if key.path[-1] in ("fit", "calibrated_fit")}
    for key, why in sorted(refitted.items()):
        console.print(f"refitted [bold]{key.to_user_string()}[/]: {why}", highlight=False)
    if outcome.ok and not refitted:
        console.print("No model was refitted: data, specs, evidence and code are what they were.")
    for asset, checks in groupby(outcome.failed_checks, key=lambda failed: failed[0]):
        _print_failed_checks(console, asset, list(checks))
    for step, message in outcome.failed.items():
        console.print(f"[red]✗ {step.replace('__', '/')}[/]")
        console.print(f"{message}\n", highlight=False, markup=False)
    if outcome.failed:
        console.print(f"The whole output is in {outcome.log}; `make ui` shows the run step by step.", highlight=False)


def _print_failed_checks(console: Console, asset: str, checks: list[tuple[str, str, bool, str]]) -> None:
    """Every check that blocks, and the first few that warn."""
    warnings = [failed for failed in checks if not failed[2]]
    left_out = warnings[_WARNINGS_SHOWN:]
    for failed in checks:
        if failed not in left_out:
            _, check, blocking, description = failed
            mark = "[red]✗[/]" if blocking else "[yellow]![/]"
            console.print(f"{mark} check {check} on {asset}: {description or 'did not pass; see the asset page.'}")
    if left_out:
        where = "results.data_checks" if asset.endswith("/data_checks") else "the asset page"
        checks_of = f"check{'s' * (len(left_out) > 1)} of {asset}"
        console.print(f"[yellow]![/] {len(left_out)} more {checks_of} did not pass; see {where}.", highlight=False)


_RETURNS = """
    select market, channel, spend, contribution_mean, roas_mean, roas_p05, roas_p95, mroas_mean, mroas_p05, mroas_p95
    from {rows} where {key} = ? and window_name = ?
    order by market = 'all' desc, market, spend desc
"""


def print_returns(console: Console, published: Path, model: str, window: str, *, run_id: str | None = None) -> None:
    """Returns by market and channel: of the model's champion, or of a run, whatever its role is."""
    chosen = ("results.channel_returns", "run_id") if run_id else ("results.latest_channel_returns", "model")
    rows = query(published, _RETURNS.format(rows=chosen[0], key=chosen[1]), [run_id or model, window])
    if rows.empty:
        raise NothingPublishedError(no_rows(published, model, f"returns for window {window!r}"))
    if rows["market"].nunique() == 2:  # one market and its total are the same
        rows = rows[rows["market"] != "all"]
    table = Table(title=f"{model}: returns, {window.replace('_', ' ')} (mean and 90 % interval)")
    for name in ("market", "channel"):
        table.add_column(name)
    currency, unit, ratio = units(published, model)
    for name in ("spend", "contribution", ratio, f"marginal {ratio}"):
        table.add_column(name, justify="right")
    for row in rows.itertuples():
        table.add_row(
            row.market,
            row.channel,
            format_money(row.spend, currency),
            format_money(row.contribution_mean, unit),
            interval(row.roas_mean, row.roas_p05, row.roas_p95),
            interval(row.mroas_mean, row.mroas_p05, row.mroas_p95),
        )
    console.print(table)
    print_structures(console, partial(query, published), model, window, ratio, run_id=run_id)


_PLAN_TABLES = """
    select table_name from duckdb_tables() where schema_name = 'results'
    and table_name in ('plan_lines', 'plan_scenarios', 'plan_constraints', 'plan_allocations')
"""


def print_plan(console: Console, published: Path, model: str) -> None:
    """The newest plan: what to spend where, and what it is worth."""
    plans = query(published, "select * from results.latest_plans where model = ?", [model])
    if plans.empty:
        raise NothingPublishedError(no_rows(published, model, "plan"))
    plan_id, (currency, unit, ratio) = plans["plan_id"].iloc[0], units(published, model)
    tables = {"plans": plans}
    # A file that an earlier version published has fewer tables.
    for name in query(published, _PLAN_TABLES, [])["table_name"]:
        tables[name] = query(published, f"select * from results.{name} where plan_id = ?", [plan_id])
    print_plan_tables(console, tables, currency=currency, unit=unit, ratio=ratio)


def interval(mean: float, low: float, high: float) -> str:
    """`2.31 [1.80, 2.85]`; a dash where nothing was spent."""
    if pd.isna(mean):
        return "–"
    return f"{mean:.2f} \\[{low:.2f}, {high:.2f}]"


def units(published: Path, model: str) -> tuple[str, str | None, str]:
    """The reporting currency, the currency of the outcome (None where it is counted), and what a return is called."""
    rows = query(published, "select reporting_currency from main.dim_market limit 1", [])
    currency = str(rows.iloc[0, 0]) if len(rows) else "USD"
    runs = query(published, "select outcome from results.model_runs where model = ? order by created_at desc", [model])
    outcome = runs["outcome"].iloc[0] if len(runs) else None
    if not isinstance(outcome, str):  # a run of a version that did not write it
        return currency, currency, "ROAS"
    unit = outcome_currency(outcome, currency)
    return currency, unit, "ROAS" if unit else f"{outcome} per {currency}"


def no_rows(published: Path, model: str, what: str) -> str:
    """That the published file lacks something of a model, and which models it has."""
    known = query(published, "select distinct model from results.model_runs order by 1", [])["model"].tolist()
    return f"{published} holds no {what} of model {model!r}. It has: {', '.join(known) or 'no model yet'}."
