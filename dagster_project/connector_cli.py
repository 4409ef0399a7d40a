"""`mixhouse connector`: what can be landed, an empty export of it, and whether an export would load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dagster_project.refusal import refuse
from warehouse.errors import ContractError, FileRejectedError, did_you_mean

app = typer.Typer(help="Connectors: list, template, check, generate.", no_args_is_help=True)

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
    """Write an empty export with the right header: for a source, one file a table."""
    from warehouse.contracts import contracts_for
    from warehouse.landing.check import named, write_template

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
        optional = [column.name for column in contract.columns if not column.required]
        console.print(f"[green]✓[/] {path}" + (f"  (may be left out: {', '.join(optional)})" if optional else ""))
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
