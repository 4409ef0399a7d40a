"""What became of lift tests: how each stands, which run used it, and what happened to it; from the published file."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from dagster_project import environment
from dagster_project.refusal import refuse
from mmm_models.reporting.money import format_money, outcome_currency

console = Console()

_TESTS = """
    select
        test_id, channel, market, start_date, end_date, spend_delta, outcome, lift, lift_se, state, role, quality,
        state_why, role_note
    from results.lift_tests order by start_date, test_id
"""
# Of a model, or of all: which champion used the test, and what the others say.
_USED = """
    select test_id, model, run_id, used, reason
    from results.latest_evidence_used where $model is null or model = $model
    order by test_id, model
"""
_CURRENCY = "select reporting_currency from main.dim_market limit 1"
_EVENTS = """
    select recorded_at, occurred_at, from_state, to_state, who, why, quality
    from results.evidence_events where test_id = ? order by recorded_at
"""


def list_experiments(
    model: Annotated[str | None, typer.Option("--model", "-m", help="What this model makes of each test.")] = None,
) -> None:
    """Every test: state, role, quality, which model uses it, and why not."""
    from dagster_project.terminal import NothingPublishedError, no_rows, query

    published = environment.prepare().published
    ask = partial(query, published)
    try:
        tests, used, currency = ask(_TESTS, []), ask(_USED, {"model": model}), ask(_CURRENCY, [])
        if model is not None and used.empty:
            raise NothingPublishedError(no_rows(published, model, "decision on lift tests"))
    except NothingPublishedError as error:
        raise refuse(str(error)) from None
    if tests.empty:
        console.print("No lift test has landed. `mixhouse experiment template` prints one to start from.")
        return
    money = str(currency.iloc[0, 0]) if len(currency) else "USD"
    table = Table(title="Lift tests" if model is None else f"Lift tests and model {model}")
    for name in ("test", "channel", "window"):
        table.add_column(name)
    for name in ("change of spend", "lift ± error"):
        table.add_column(name, justify="right")
    for name in ("state", "role"):
        table.add_column(name)
    table.add_column("quality", justify="right")
    for name in ("used by", "why"):
        table.add_column(name, overflow="fold")
    for test in tests.itertuples():
        mine = used[used["test_id"] == test.test_id]
        table.add_row(
            test.test_id,
            f"{test.channel}, {test.market}",
            f"{test.start_date:%Y-%m-%d} to {test.end_date:%Y-%m-%d}",
            format_money(test.spend_delta, money),
            _lift(test, outcome_currency(test.outcome, money)),
            test.state,
            test.role,
            f"{test.quality:.2f}",
            "\n".join(mine.loc[mine["used"], "run_id"]) or "–",
            _why(test, mine, model),
        )
    console.print(table)


def events(test_id: Annotated[str, typer.Argument(help="Test.")]) -> None:
    """What happened to a test: who, when and why, oldest first; and which runs used it."""
    from dagster_project.terminal import NothingPublishedError, query
    from warehouse.errors import did_you_mean

    published = environment.prepare().published
    try:
        rows = query(published, _EVENTS, [test_id])
        known = query(published, "select test_id from results.lift_tests", [])["test_id"].tolist()
    except NothingPublishedError as error:
        raise refuse(str(error)) from None
    if rows.empty:
        near = did_you_mean(test_id, known) if known else ""
        raise refuse(f"Nothing is known of a lift test {test_id!r}. {near}".strip())
    table = Table("recorded (UTC)", "happened", "from", "to", "who", "quality", "why", title=test_id)
    for row in rows.itertuples():
        happened = "–" if pd.isna(row.occurred_at) else f"{row.occurred_at:%Y-%m-%d %H:%M}"
        table.add_row(
            f"{row.recorded_at:%Y-%m-%d %H:%M}",
            happened,
            row.from_state or "–",
            row.to_state,
            row.who or "–",
            f"{row.quality:.2f}",
            row.why,
        )
    console.print(table)


def _lift(test: object, unit: str | None) -> str:
    if pd.isna(test.lift):
        return "–"
    error = "" if pd.isna(test.lift_se) else f" ± {format_money(test.lift_se, unit)}"
    return f"{format_money(test.lift, unit)}{error}"


def _why(test: object, of_models: pd.DataFrame, model: str | None) -> str:
    """What the model says where one is asked; else what concerns the test itself, then what models say of it."""
    if model is not None and len(of_models):
        return str(of_models["reason"].iloc[0])
    if test.state != "approved" or test.role == "validate" or of_models["used"].any():
        return "; ".join(said for said in (test.state_why, test.role_note) if said)
    return "; ".join(f"{row.model}: {row.reason}" for row in of_models.itertuples()) or test.state_why
