"""`mixhouse load`: what was landed when, and the word of a person on a load that looks short."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.refusal import refuse
from warehouse.errors import WarehouseError

app = typer.Typer(help="Loads: list, accept.", no_args_is_help=True)
console = Console()

_RECENT = """
select batch_id, loaded_at, source || '.' || table_name, source_file, rows_read, rows_merged, rows_quarantined,
    min_date, max_date
from raw_meta.loads
where ? is null or source = ?
order by loaded_at desc, source_file desc
limit ?
"""


@app.command("list")
def list_loads(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
) -> None:
    """The newest loads: file, rows and the days that they cover."""
    from dagster_project.environment import prepare
    from warehouse.connection import Warehouse

    try:
        with Warehouse(prepare().database).read() as connection:
            rows = connection.execute(_RECENT, [source, source, limit]).fetchall()
    except WarehouseError as error:
        raise refuse(str(error)) from None
    table = Table("load", "at (UTC)", "table", "file", title="Newest loads")
    for name in ("rows", "merged", "quarantined"):
        table.add_column(name, justify="right")
    table.add_column("days")
    for batch, at, name, file, read, merged, refused, first, last in rows:
        days = f"{first} to {last}" if first else ""
        table.add_row(batch, f"{at:%Y-%m-%d %H:%M}", name, file, f"{read:,}", f"{merged:,}", f"{refused:,}", days)
    console.print(table)


@app.command()
def accept(
    load: Annotated[str, typer.Argument(help="The load, as the failed check names it.")],
) -> None:
    """Say that a load is right although it holds fewer rows than the one before it."""
    from dagster_project.environment import prepare
    from warehouse.connection import Warehouse
    from warehouse.landing.volume import accept_load

    warehouse = Warehouse(prepare().database)
    try:
        with warehouse.read():  # before there is a warehouse, there is no load to accept
            pass
        with warehouse.write() as connection:
            file = accept_load(connection, load)
    except WarehouseError as error:
        raise refuse(str(error)) from None
    console.print(f"[green]✓[/] {file} is accepted as it is.\nNext: mixhouse run", highlight=False)
