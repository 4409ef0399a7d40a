"""`mixhouse connector`: what can be landed, an empty export of it, and whether an export would load."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.refusal import refuse
from warehouse.errors import ContractError, FileRejectedError, did_you_mean

if TYPE_CHECKING:
    from warehouse.home import Home

app = typer.Typer(help="Connectors: list, template, check, enable, disable, generate.", no_args_is_help=True)

console = Console()
_SHOWN = 20


@app.command("list")
def list_connectors() -> None:
    """Every table that can be landed, where its files go, and how far back its source restates."""
    from warehouse.contracts import CONTRACTS

    table = Table("table", "files go to", "key", "restated", "what it is", title="Tables that can be landed")
    for contract in CONTRACTS.values():
        table.add_row(
            contract.full_name,
            f"landing/{contract.source}/{contract.table}/",
            ", ".join(contract.key),
            f"{contract.lookback_days} days",
            contract.description,
        )
    console.print(table)


@app.command()
def template(
    name: Annotated[
        str, typer.Argument(help="A source, such as tiktok_ads, or a table, such as tiktok_ads.advertiser.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("templates"),
) -> None:
    """Write an empty export with the right header, and what its columns mean: for a source, one file a table."""
    from warehouse.contracts import contracts_for
    from warehouse.landing.check import named
    from warehouse.landing.template import write_guide, write_template

    try:
        contracts = (named(name),) if "." in name else contracts_for(name)
    except ContractError as error:
        raise refuse(str(error)) from None
    if contracts[0].source == "weekly_csv":
        raise refuse("weekly_csv takes any weekly CSV by a mapping of yours: see `mixhouse csv add --help`.")
    for contract in contracts:
        path = out / contract.source / contract.table / f"{contract.table}.csv"
        try:
            write_template(contract, path)
        except FileExistsError:
            raise refuse(f"{path} is there already. Move it away, or choose another folder with --out.") from None
        guide = write_guide(contract, path)
        optional = [column.name for column in contract.columns if not column.required]
        console.print(f"[green]✓[/] {path}" + (f"  (may be left out: {', '.join(optional)})" if optional else ""))
        console.print(f"  what each column means: {guide}", highlight=False)
    console.print("Fill it, then `mixhouse connector check FILE`.")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A CSV, gzipped CSV or Parquet export.")],
    table: Annotated[str | None, typer.Option(help="<source>.<table>; by default told by folder or header.")] = None,
) -> None:
    """Validate an export as landing would, and load nothing."""
    from warehouse.landing.check import check_file

    if not file.is_file():
        near = did_you_mean(file.name, [path.name for path in file.parent.glob("*")]) if file.parent.is_dir() else ""
        raise refuse(f"No file {file}. {near}".strip())
    try:
        found = check_file(file, table)
    except (ContractError, FileRejectedError) as error:
        raise refuse(str(error)) from None
    contract = found.contract
    for problem in found.problems[:_SHOWN]:
        console.print(f"[yellow]![/] {problem.message(file.name)}", highlight=False, soft_wrap=True)
    if (more := len(found.problems) - _SHOWN) > 0:
        console.print(f"  and {more:,} more problems.")
    older = f", {found.rows_older:,} superseded by a newer version in the file" if found.rows_older else ""
    console.print(
        f"{contract.full_name}: {found.rows_read:,} rows read, {found.rows_good:,} would be loaded{older}, "
        f"{found.rows_quarantined:,} would go to quarantine.",
        highlight=False,
    )
    if not found.is_clean:
        raise typer.Exit(1)
    console.print(f"[green]✓[/] Put it under landing/{contract.source}/{contract.table}/ and run `mixhouse run`.")


@app.command()
def disable(
    names: Annotated[list[str] | None, typer.Argument(help="Sources, such as snapchat_ads.")] = None,
    unused: Annotated[bool, typer.Option(help="All that never delivered a file.")] = False,
) -> None:
    """Do without connectors: they get no tables, models or assets, and cost nothing. What they have loaded stays."""
    from dagster_project.environment import prepare
    from warehouse.contracts import CONNECTORS, DISABLED
    from warehouse.contracts.usage import unused_connectors

    home = prepare()
    wanted = {_switchable(name) for name in names or ()} | (unused_connectors(home) if unused else set())
    if not names and not unused:
        raise refuse("Name the connectors to disable, or say --unused.")
    _switched(home, DISABLED | wanted, [name for name in CONNECTORS if name in wanted - DISABLED], "disabled")


@app.command()
def enable(
    names: Annotated[list[str], typer.Argument(help="Sources, such as snapchat_ads; `all` for all.")],
) -> None:
    """Use connectors again that were disabled."""
    from dagster_project.environment import prepare
    from warehouse.contracts import DISABLED

    home = prepare()
    wanted = set(DISABLED) if names == ["all"] else {_switchable(name) for name in names}
    _switched(home, DISABLED - wanted, sorted(DISABLED & wanted), "enabled")


def _switchable(name: str) -> str:
    from warehouse.contracts import CONNECTORS

    if name not in CONNECTORS:
        raise refuse(f"No connector {name!r}. {did_you_mean(name, CONNECTORS)}")
    if CONNECTORS[name].core:
        raise refuse(f"Connector {name!r} is part of every installation and stays.")
    return name


def _switched(home: Home, off: Iterable[str], changed: list[str], what: str) -> None:
    from warehouse.contracts.switched_off import switch

    path = switch(home, off)
    console.print(f"[green]✓[/] {what}: {', '.join(changed) or 'nothing new'}  ({path})", highlight=False)
    if changed:
        console.print("A Dagster UI that is running shows it after `Reload definitions`.")


@app.command()
def generate() -> None:
    """Write what dbt must know of the connectors: sources and the seed of feeds."""
    from dagster_project.environment import DBT_PROJECT
    from warehouse.contracts import CONNECTORS
    from warehouse.contracts.dbt_files import dbt_files

    for name, text in dbt_files(CONNECTORS).items():
        path = DBT_PROJECT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        console.print(f"[green]✓[/] dbt/{name}")
