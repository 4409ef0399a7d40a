"""Decisions on lift tests: each is a small file in landing that says who, when and why; nothing else is written."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import pandas as pd
import typer
from rich.console import Console

from dagster_project import environment
from dagster_project.refusal import refuse
from warehouse.home import Home

console = Console()
By = Annotated[str, typer.Option("--by", help="Team or account that decides.")]
Why = Annotated[str, typer.Option("--why", help="Reason, in words.")]
Id = Annotated[str, typer.Argument(help="Test.")]

_TESTS = "select test_id, state, owner, lift, record_hash, quality from results.lift_tests order by test_id"


def approve(test_id: Id, by: By, why: Why) -> None:
    """Approve a test as its record stands in the published file; somebody other than its owner must."""
    home = environment.prepare()
    test = _known(home, test_id)
    _refuse_owner(test, by, "approve")
    if pd.isna(test["lift"]):
        raise refuse(f"{test_id} has no lift yet. Deliver its read-out, `mixhouse run`, then approve it.")
    if test["state"] == "approved":
        raise refuse(f"{test_id} is approved already; `mixhouse experiment events {test_id}` says by whom.")
    _decide(home, test, "approved", by, why)


def accept(test_id: Id, by: By, why: Why) -> None:
    """Take a test in spite of its tension with a model, after a look at both fits; its owner may not."""
    home = environment.prepare()
    test = _known(home, test_id)
    _refuse_owner(test, by, "accept")
    _decide(home, test, "accepted", by, why)


def revoke(test_id: Id, by: By, why: Why) -> None:
    """Take a test back: models that used it are fitted again without it."""
    home = environment.prepare()
    test = _known(home, test_id)
    if test["state"] == "revoked":
        raise refuse(f"{test_id} is revoked already; `mixhouse experiment events {test_id}` says by whom.")
    _decide(home, test, "revoked", by, why)


def supersede(
    old: Annotated[str, typer.Argument(help="Test that no model shall use any more.")],
    new: Annotated[str, typer.Argument(help="Test that takes its place.")],
    by: By,
    why: Why,
) -> None:
    """Replace a test by another, which must be approved by itself."""
    home = environment.prepare()
    if old == new:
        raise refuse(f"{old} cannot replace itself. Name the new test.")
    test, other = _known(home, old), _known(home, new)
    if other["state"] != "approved":
        raise refuse(f"{new} is {other['state']}; approve it first, so that a test stands in place of {old}.")
    _decide(home, test, "superseded", by, f"replaced by {new}: {why}")


def _known(home: Home, test_id: str) -> dict[str, object]:
    """The test as published, so that a decision is about the record that somebody could look at."""
    from dagster_project.terminal import NothingPublishedError, query
    from warehouse.errors import did_you_mean

    try:
        rows = query(home.published, _TESTS, []).set_index("test_id", drop=False)
    except NothingPublishedError as error:
        raise refuse(str(error)) from None
    if test_id not in rows.index:
        _refuse_unknown(test_id, did_you_mean(test_id, rows.index) if len(rows) else "None is known.")
    return rows.loc[test_id].to_dict()


def _refuse_unknown(test_id: str, near: str) -> NoReturn:
    raise refuse(f"No lift test {test_id!r} is published. {near} A test that was just delivered: `mixhouse run` first.")


def _refuse_owner(test: dict[str, object], by: str, what: str) -> None:
    owner = test["owner"]
    if not isinstance(owner, str) or not owner.strip():
        raise refuse(f"{test['test_id']} names no owner, so nobody can tell whether another looked. Name its owner.")
    if owner.strip().casefold() == by.strip().casefold():
        raise refuse(f"{by} owns {test['test_id']}, and somebody else must {what} it.")


def _decide(home: Home, test: dict[str, object], state: str, by: str, why: str) -> None:
    from warehouse.contracts import CONTRACTS
    from warehouse.errors import WarehouseError
    from warehouse.landing.deliver import deliver_once

    if not by.strip() or not why.strip():
        raise refuse("A decision needs --by and --why in words.")
    contract, now = CONTRACTS["experiments", "decisions"], datetime.now(UTC)
    row = {
        "test_id": test["test_id"],
        "state": state,
        "decided_by": by.strip(),
        "decided_at": f"{now:%Y-%m-%d %H:%M:%S.%f}",
        "why": why.strip(),
        "record_hash": test["record_hash"],
        "quality": test["quality"],
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, contract.column_names, lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", str(test["test_id"]))
    try:
        name = f"{now:%Y%m%dT%H%M%S%f}_{safe}_{state}.csv"
        placed = deliver_once(home.landing, contract.source, contract.table, name, text.getvalue().encode())
    except (WarehouseError, OSError) as error:
        raise refuse(str(error)) from None
    console.print(
        f"[green]✓[/] {test['test_id']} {state} by {by}: {placed}\n"
        "Next: mixhouse run (while `make ui` runs, a sensor does)",
        highlight=False,
        soft_wrap=True,
    )
