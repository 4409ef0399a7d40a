"""`mixhouse experiment`: write a lift test down, check it, deliver it; who decides about it, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from dagster_project import environment
from dagster_project.experiment_decisions import accept, approve, revoke, supersede
from dagster_project.experiment_geo_cli import read_geo
from dagster_project.experiment_list import events, list_experiments
from dagster_project.refusal import errors, refuse
from mmm_models.spec.designs import Family

if TYPE_CHECKING:
    from mmm_models.evidence import LiftTest

TABLE = "experiments.lift_tests"
app = typer.Typer(help="Lift tests: write down, check, submit, approve, revoke, list.", no_args_is_help=True)
console = Console()


@app.command()
def template(
    design: Annotated[Family, typer.Option(help="Family of the design.")] = "geo_lift",
    file_format: Annotated[Literal["yaml", "csv"], typer.Option("--format", help="yaml or csv.")] = "yaml",
) -> None:
    """Print a record to start from; redirect it into a file, and fill in your own figures."""
    from dagster_project.experiment_templates import as_csv, as_yaml, meanings

    if file_format == "yaml":
        typer.echo(as_yaml(design), nl=False)
        return
    # A sheet has no room for comments: they go beside it, so that the file stays one.
    for name, meaning in meanings():
        errors.print(f"{name}: {meaning}", highlight=False, markup=False, soft_wrap=True)
    typer.echo(as_csv(design), nl=False)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A sheet (CSV, Parquet) or a YAML file of lift tests.")]) -> None:
    """Say what is wrong with each test, and what its design is worth; load nothing."""
    tests, problems = read_file(file)
    for test in tests:
        print_test(test)
    for problem in problems:
        console.print(f"[red]✗[/] {problem}", highlight=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)


@app.command()
def submit(file: Annotated[Path, typer.Argument(help="A file that `check` finds nothing wrong with.")]) -> None:
    """Check a file and deliver it to landing."""
    from warehouse.errors import WarehouseError
    from warehouse.landing.deliver import deliver_once

    tests, problems = read_file(file)
    if problems:
        told = "\n".join(problems)
        raise refuse(f"{told}\nNothing was delivered.")
    # A name of its own, so that what an earlier file said stays in landing.
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}_{file.name}"
    try:
        placed = deliver_once(environment.prepare().landing, *TABLE.split("."), name, file.read_bytes())
    except (WarehouseError, OSError) as error:
        raise refuse(str(error)) from None
    console.print(f"[green]✓[/] {len(tests)} tests: {placed}\nNext: mixhouse run", highlight=False, soft_wrap=True)


def read_file(file: Path) -> tuple[list[LiftTest], list[str]]:
    """The tests of a file that are in order, and what is wrong with the others: row, column, value and remedy."""
    from mmm_models.evidence import EvidenceError, read_lift_tests
    from warehouse.errors import ContractError, FileRejectedError, did_you_mean
    from warehouse.landing.check import check_file
    from warehouse.landing.read import read_rows

    if not file.is_file():
        near = did_you_mean(file.name, [path.name for path in file.parent.glob("*")]) if file.parent.is_dir() else ""
        raise refuse(f"No file {file}. {near}".strip())
    try:
        found = check_file(file, TABLE)
        if found.problems:  # of the contract; what is in order there may still contradict itself
            return [], [problem.message(file.name) for problem in found.problems]
        rows = read_rows(file, TABLE)
    except (ContractError, FileRejectedError) as error:
        raise refuse(str(error)) from None
    tests, problems = [], []
    for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
        try:
            tests += read_lift_tests([row])
        except EvidenceError as error:
            problems.append(f"{file.name}: {error}")
    return tests, problems


def print_test(test: LiftTest) -> None:
    """What a test says, how it stands by itself, and the quality of its design."""
    from mmm_models.evidence import standings
    from mmm_models.evidence.quality import DesignFacts, design_quality

    standing = standings([test], on=datetime.now(UTC).date())[test.test_id]
    quality = design_quality(DesignFacts.of(test))
    mark = "[yellow]![/]" if standing.is_void else "[green]✓[/]"
    console.print(
        f"{mark} {test.test_id}: {test.family} of {test.channel} in {test.market}, {test.start_date} to "
        f"{test.end_date}; {standing.state}, role {standing.role}",
        highlight=False,
        soft_wrap=True,
    )
    if standing.is_void:
        console.print(f"    {standing.why}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"    quality {quality.value:.2f}: {quality.in_words()}", highlight=False, markup=False, soft_wrap=True
    )


for name, command in (
    ("approve", approve),
    ("accept", accept),
    ("revoke", revoke),
    ("supersede", supersede),
    ("list", list_experiments),
    ("events", events),
    ("read-geo", read_geo),
):
    app.command(name)(command)
