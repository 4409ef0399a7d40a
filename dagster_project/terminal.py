"""What a person at a terminal reads: outcome, returns and plan, from the published file."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb
import pandas as pd
from rich.console import Console
from rich.table import Table

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


_PLAN = """
    select plan_id, horizon_start, horizon_end, horizon_weeks, budget, solver, gain_mean, gain_p05, gain_p95,
           prob_gain_positive, gap
    from results.latest_plans where model = ?
"""
_LINES = """
    select market, channel, sum(spend) as spend, sum(spend_status_quo) as status_quo,
           avg(mroas_mean) as mroas, avg(mroas_p05) as mroas_low, avg(mroas_p95) as mroas_high
    from results.plan_lines where plan_id = ? group by all order by market, spend desc
"""


def print_plan(console: Console, published: Path, model: str) -> None:
    """The newest plan: what to spend where, and what it is worth."""
    plans = query(published, _PLAN, [model])
    if plans.empty:
        raise NothingPublishedError(no_rows(published, model, "plan"))
    plan, (currency, unit, ratio) = plans.iloc[0], units(published, model)
    table = Table(
        title=f"{model}: plan for {plan.horizon_weeks} weeks from {plan.horizon_start:%Y-%m-%d}, "
        f"budget {format_money(plan.budget, currency)}"
    )
    for name in ("market", "channel"):
        table.add_column(name)
    for name in ("now", "plan", "change", f"marginal {ratio} at plan"):
        table.add_column(name, justify="right")
    for row in query(published, _LINES, [plan.plan_id]).itertuples():
        change = f"{row.spend / row.status_quo - 1:+.0%}" if row.status_quo else "new"
        table.add_row(
            row.market,
            row.channel,
            format_money(row.status_quo, currency),
            format_money(row.spend, currency),
            change,
            interval(row.mroas, row.mroas_low, row.mroas_high),
        )
    console.print(table)
    console.print(
        f"Gain over the status quo: {format_money(plan.gain_mean, unit)} "
        f"[{format_money(plan.gain_p05, unit)}, {format_money(plan.gain_p95, unit)}], "
        f"P(gain > 0) = {plan.prob_gain_positive:.0%}; at most {plan.gap:.2%} below the best possible plan.",
        markup=False,
    )


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
