"""The verb `mixhouse snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.refusal import refuse
from warehouse.errors import WarehouseError

console = Console()
_SHOWN = 15


def snapshot(
    as_of: Annotated[str, typer.Option(help="Day (its end, UTC) or moment: what had been loaded by then.")],
    model: Annotated[str | None, typer.Option("--model", "-m", help="Only the rows that this model reads.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; by default <home>/snapshots.")] = None,
) -> None:
    """Make `mmm_input_weekly` again as of a past load date, and say what has changed since."""
    from dagster_project.as_of import rebuild
    from dagster_project.catalog import model_specs
    from dagster_project.components.mmm_model.inputs import used_rows
    from dagster_project.environment import prepare
    from mmm_models.errors import did_you_mean
    from warehouse.as_of import parse_moment
    from warehouse.snapshots import write_snapshot

    home = prepare()
    specs = model_specs(home)
    if model is not None and model not in specs:
        raise refuse(f"No model {model!r}{did_you_mean(model, specs)}. `mixhouse model list` names them.")
    try:
        moment = parse_moment(as_of)
        with console.status(f"building the marts as of {moment:%Y-%m-%d %H:%M} UTC"):
            past = rebuild(home, moment)
        rows = past.rows if model is None else used_rows(past.rows, specs[model])
        written = write_snapshot(rows, str(out or home.snapshots), model or "mmm_input_weekly", is_current=False)
    except WarehouseError as error:
        raise refuse(str(error)) from None
    console.print(
        f"[green]✓[/] {written.rows:,} rows to the week of {rows['week_start'].max():%Y-%m-%d}, as of "
        f"{moment:%Y-%m-%d %H:%M} UTC: {written.path}",
        highlight=False,
        soft_wrap=True,
    )
    if past.changes.empty:
        console.print("Nothing has changed since.")
        return
    table = Table("source", "series", "market", "weeks", title="What has changed since, by source")
    table.add_column("change", justify="right")
    for row in past.changes.head(_SHOWN).itertuples():
        weeks = f"{row.weeks} ({row.first_week:%Y-%m-%d} to {row.last_week:%Y-%m-%d})"
        table.add_row(row.source, f"{row.role} {row.name}", row.market, weeks, f"{row.change:+,.2f}")
    console.print(table)
    if (more := len(past.changes) - _SHOWN) > 0:
        console.print(f"and {more} more: fct_figure_vintages has all of them, by week.")
