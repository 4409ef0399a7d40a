"""`mixhouse database`: which databases are read, and what would be taken of one."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from dagster_project import environment
from dagster_project.refusal import refuse
from warehouse.errors import WarehouseError, did_you_mean

app = typer.Typer(help="Databases that are read: list, check.", no_args_is_help=True)

console = Console()


@app.command("list")
def list_databases() -> None:
    """The databases of this installation, and which table goes where."""
    from warehouse.databases import read_databases

    folder = environment.prepare().databases
    databases, problems = read_databases(folder)
    if not databases and not problems:
        console.print(f"No database is read. docs/data.md shows what to write into {folder}.", soft_wrap=True)
    for database in databases:
        for table in database.tables:
            how = f"rows by {table.changed}" if table.changed else "the whole table"
            console.print(f"{database.name}  {table.place} -> {table.contract.full_name}: {how}", highlight=False)
    if problems:
        raise refuse("\n".join(problems))


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="A database: the name of its file without .yaml.")],
) -> None:
    """Connect, and say for each table what would be taken and what stays; no row is read."""
    from warehouse.connection import Warehouse
    from warehouse.databases import read_databases
    from warehouse.databases.look import look_at

    home = environment.prepare()
    databases, problems = read_databases(home.databases)
    known = {database.name: database for database in databases}
    if name not in known:
        broken = [problem for problem in problems if problem.startswith(f"{name}.")]
        hint = did_you_mean(name, known) if known else "docs/data.md shows what to write there."
        raise refuse("\n".join(broken) or f"No database {name!r} in {home.databases}. {hint}")
    try:
        looks = look_at(known[name], Warehouse(home.database))
    except WarehouseError as error:
        raise refuse(str(error)) from None
    for look in looks:
        if look.selection is None:
            console.print(f"[red]✗[/] {look.problem}", highlight=False, soft_wrap=True)
            continue
        selection, contract = look.selection, look.read.contract
        absent = [column for column in contract.column_names if column not in selection.columns]
        console.print(f"[green]✓[/] {look.read.place} -> {contract.full_name}", highlight=False)
        console.print(f"    asks: {selection.statement(look.since)}", highlight=False, soft_wrap=True, markup=False)
        console.print(f"    stays there: {', '.join(selection.left) or 'nothing'}", highlight=False, soft_wrap=True)
        if absent:
            console.print(f"    not there, so null: {', '.join(absent)}", highlight=False, soft_wrap=True)
    if any(look.problem for look in looks):
        raise typer.Exit(1)
