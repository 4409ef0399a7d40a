"""`mixhouse holidays`: the public holidays of the markets as a file of the landing folder."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.console import Console

from dagster_project.refusal import refuse

app = typer.Typer(help="Public holidays of the markets: write.", no_args_is_help=True)
console = Console()

_THIS_YEAR = dt.date.today().year
_FIRST, _LAST = 2000, 2049  # the years that an export can be about


@app.callback()
def holidays() -> None:
    """Public holidays of the markets, from the package `holidays`: no network is asked."""


@app.command()
def write(
    first: Annotated[int, typer.Option("--from", min=_FIRST, max=_LAST, help="First year.")] = _THIS_YEAR - 6,
    last: Annotated[int, typer.Option("--to", min=_FIRST, max=_LAST, help="Last year.")] = _THIS_YEAR + 1,
) -> None:
    """Write the holidays of the countries and regions of dbt/seeds/markets.csv into landing/holidays."""
    from dagster_project.environment import DBT_PROJECT, prepare
    from warehouse.errors import WarehouseError
    from warehouse.public_holidays import places, write_holidays

    if last < first:
        raise refuse(f"--from {first} is after --to {last}. Swap them.")
    try:
        where = places(DBT_PROJECT / "seeds" / "markets.csv")
        path = write_holidays(prepare().landing, where, range(first, last + 1))
    except (WarehouseError, OSError) as error:
        raise refuse(str(error)) from error
    console.print(
        f"[green]✓[/] {path}: {', '.join(place.market for place in where)}, {first} to {last}\nNext: mixhouse run",
        highlight=False,
        soft_wrap=True,
    )
