"""`mixhouse agenda`: what to test next, and the drafts of these tests as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from dagster_project import environment
from dagster_project.refusal import refuse
from mmm_models.reporting.money import format_money, format_percent

console = Console()

_AGENDA = "select * from results.latest_test_agenda where model = ? order by rank"


def agenda(
    model: Annotated[str, typer.Argument(help="Model name.")],
    drafts: Annotated[
        Path | None, typer.Option(help="Folder to write the proposed tests to, a YAML file each.")
    ] = None,
) -> None:
    """Print which lift tests would do most for the next plan; `--drafts` writes them as records to fill in."""
    from dagster_project.terminal import NothingPublishedError

    try:
        rows = print_published_agenda(console, environment.prepare().published, model)
    except NothingPublishedError as error:
        raise refuse(str(error)) from error
    if drafts is not None:
        try:
            written = write_drafts(rows, drafts)
        except OSError as error:
            raise refuse(str(error)) from error
        for path in written:
            console.print(f"[green]✓[/] {path}", highlight=False, soft_wrap=True)
        console.print(
            "Next: name the regions, run the test, fill in lift and lift_se, and deliver the file under "
            "landing/experiments/lift_tests",
            soft_wrap=True,
        )


def print_published_agenda(where: Console, published: Path, model: str) -> pd.DataFrame:
    """Print a model's newest agenda from the published file, and return its rows.

    Raises:
        NothingPublishedError: there is none.
    """
    from dagster_project.terminal import NothingPublishedError, no_rows, query, units

    rows = query(published, _AGENDA, [model])
    if rows.empty:
        raise NothingPublishedError(no_rows(published, model, "test agenda"))
    print_agenda(where, model, rows, *units(published, model)[:2])
    return rows


def print_agenda(where: Console, model: str, rows: pd.DataFrame, currency: str, unit: str | None) -> None:
    """The table and, below it, why each test stands where it does. `unit`: currency of the outcome, if it is money."""
    first = rows.iloc[0]
    table = Table(
        title=f"{model}: what to test next, by worth to a plan of {first.horizon_weeks} weeks "
        f"(knowing everything: {format_money(first.evpi, unit)} of {first.outcome})"
    )
    table.add_column("")
    for name in ("channel", "market", "test"):
        table.add_column(name)
    for name in ("spend", "power", "worth", "of at most", "cost"):
        table.add_column(name, justify="right")
    table.add_column("role")
    for row in rows.itertuples():
        table.add_row(
            str(row.rank),
            row.channel,
            row.market,
            _design(row),
            f"{'+' if row.spend_delta > 0 else ''}{format_money(row.spend_delta, currency)}",
            format_percent(row.power),
            f"{format_money(row.evsi, unit)} ± {format_money(row.evsi_error, unit)}",
            format_money(row.evppi, unit),
            format_money(row.cost, unit),
            row.role,
        )
    where.print(table)
    for row in rows.itertuples():
        where.print(f"{row.rank}. {row.reason}", highlight=False, markup=False, soft_wrap=True)


def write_drafts(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Write each proposed test as a draft record, `<test id>.yaml`; a file that is there already is left alone.

    Raises:
        FileExistsError: a draft of that name was written before; somebody may have worked on it.
    """
    from mmm_models.evidence.writing import record_text
    from mmm_models.planning.drafts import draft_record

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{row.draft_test_id}.yaml" for row in rows.itertuples()]
    taken = [path for path in paths if path.exists()]
    if taken:
        raise FileExistsError(
            f"{taken[0]} is there already and may have been worked on. Move it away, or name another folder."
        )
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    for path, row in zip(paths, rows.itertuples(), strict=True):
        record = draft_record(
            test_id=row.draft_test_id,
            channel=row.channel,
            market=row.market,
            design=row.design,
            unit_share=row.unit_share,
            start_date=row.start_date.date(),
            end_date=row.end_date.date(),
            followup_end=row.followup_end.date(),
            outcome=row.outcome,
            spend_baseline=row.spend_baseline,
            spend_delta=row.spend_delta,
            power=row.power,
            role=row.role,
        )
        path.write_text(record_text(record.model_copy(update={"updated_at": now})), encoding="utf-8")
    return paths


def _design(row: object) -> str:
    change = "dark" if row.spend_change <= -1 else f"{row.spend_change:+.0%} spend"
    days = (row.end_date - row.start_date).days + 1
    tail = (row.followup_end - row.end_date).days // 7
    after = f" and {tail} after" if tail else ""
    return f"{change} in {row.unit_share:.0%} of regions, {days // 7} weeks{after} from {row.start_date:%Y-%m-%d}"
