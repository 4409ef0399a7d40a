"""The `mixhouse` command. Each verb is a few lines over the graph, the warehouse or the science."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dagster_project import connector_cli, database_cli, environment, experiment_cli, holidays_cli, load_cli
from dagster_project.agenda_cli import agenda
from dagster_project.fit_cli import fit
from dagster_project.plan_cli import plan
from dagster_project.refusal import refuse
from dagster_project.snapshot_cli import snapshot

app = typer.Typer(
    help="Marketing measurement from export file to budget plan.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
model_app = typer.Typer(help="Model specs: list, check, add.", no_args_is_help=True)
csv_app = typer.Typer(help="Weekly CSV files, for a team without connectors.", no_args_is_help=True)
sample_app = typer.Typer(help="Sample exports of the simulated retailer.", no_args_is_help=True)
app.add_typer(model_app, name="model")
app.add_typer(connector_cli.app, name="connector")
app.add_typer(load_cli.app, name="load")
app.add_typer(database_cli.app, name="database")
app.add_typer(experiment_cli.app, name="experiment")
app.add_typer(csv_app, name="csv")
app.add_typer(holidays_cli.app, name="holidays")
app.add_typer(sample_app, name="sample")

console = Console()


@app.command()
def demo(seed: Annotated[int, typer.Option(help="Seed of the simulated retailer.")] = 7) -> None:
    """Sample exports, the whole asset graph, the plan, and the truth beside the estimates."""
    from dagster_project.demo import run_demo

    home = environment.prepare()
    if not _delivered(lambda: run_demo(home, console, seed=seed)):
        raise typer.Exit(1)


@app.command()
def doctor() -> None:
    """Versions, folders, credentials, landing, locks, freshness: what is wrong, and what to do."""
    home = environment.prepare()
    from dagster_project.doctor import examine

    signs = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "error": "[red]✗[/]"}
    findings = examine(home)
    for finding in findings:
        console.print(f"{signs[finding.verdict]} {finding.what}", highlight=False, soft_wrap=True)
        if finding.remedy:
            console.print(f"    {finding.remedy}", highlight=False, soft_wrap=True)
    if any(finding.verdict == "error" for finding in findings):
        raise typer.Exit(1)


@app.command()
def run(
    model: Annotated[list[str] | None, typer.Option("--model", "-m", help="Only this model; repeatable.")] = None,
) -> None:
    """Land what is new, rebuild what that changed, refit what no longer matches, publish."""
    environment.prepare()
    from dagster_project.running import UnknownModelError, refresh
    from dagster_project.terminal import print_outcome

    try:
        outcome = refresh(console, model)
    except UnknownModelError as error:
        raise refuse(str(error)) from error
    print_outcome(console, outcome)
    if not outcome.ok:
        raise typer.Exit(1)


app.command()(snapshot)
app.command()(fit)


@app.command()
def returns(
    model: Annotated[str, typer.Argument(help="Model name.")],
    window: Annotated[str, typer.Option(help="all, last_52_weeks or last_13_weeks.")] = "all",
) -> None:
    """Print a model's returns from the published file."""
    from dagster_project.terminal import print_returns

    _read_published(lambda: print_returns(console, environment.prepare().published, model, window))


app.command()(plan)
app.command()(agenda)


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000,
    mlflow_port: Annotated[int, typer.Option(help="Port of the MLflow UI.")] = 5000,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
) -> None:
    """Serve the Dagster UI with its daemon (sensors, schedules), and MLflow's beside it, until Ctrl-C."""
    from dagster_project.serving import serve

    raise typer.Exit(serve(environment.prepare(), console, host=host, port=port, mlflow_port=mlflow_port))


@app.command()
def manifest() -> None:
    """Parse the dbt project into its manifest, so that no process has to."""
    environment.prepare()
    from dagster_project.resources.dbt import build_manifest

    try:
        console.print(f"dbt manifest: {build_manifest().relative_to(environment.PROJECT)}")
    except RuntimeError as error:
        raise refuse(str(error)) from error


@model_app.command("list")
def model_list() -> None:
    """The models of this installation and where their files are."""
    from dagster_project.catalog import model_files
    from mmm_models.spec import SpecError

    home = environment.prepare()
    try:
        for name, path in model_files(home).items():
            console.print(f"{name:<20} {path}")
    except SpecError as error:
        raise refuse(str(error)) from error


@model_app.command("check")
def model_check(path: Annotated[Path, typer.Argument(help="A model spec.")]) -> None:
    """Read a model spec and say what is wrong with it, if anything."""
    from mmm_models.spec import ModelSpec, SpecError

    try:
        spec = ModelSpec.from_yaml(path)
    except (SpecError, OSError) as error:
        raise refuse(str(error)) from error
    console.print(f"[green]✓[/] {spec.model}: {len(spec.channel_names)} channels, markets {', '.join(spec.markets)}")


@model_app.command("add")
def model_add(path: Annotated[Path, typer.Argument(help="A model spec.")]) -> None:
    """Check a model spec and copy it into <home>/models; its assets appear in the graph."""
    from mmm_models.spec import ModelSpec, SpecError

    try:
        spec = ModelSpec.from_yaml(path)
    except (SpecError, OSError) as error:
        raise refuse(str(error)) from error
    target = environment.prepare().models / f"{spec.model}.yaml"
    shutil.copyfile(path, target)
    console.print(f"[green]✓[/] {target}\nNext: mixhouse run --model {spec.model}")


@csv_app.command("add")
def csv_add(
    file: Annotated[Path, typer.Argument(help="A wide CSV, one row a week (and market).")],
    mapping: Annotated[Path, typer.Option(help="YAML that names date, outcome, spend, controls, market, currency.")],
    name: Annotated[str, typer.Option(help="Name of the data set; a folder under landing/weekly_csv.")],
) -> None:
    """Check a weekly CSV against its mapping and put both under landing/."""
    from warehouse.errors import WarehouseError
    from warehouse.weekly_csv import deliver

    try:
        delivered = deliver(file, mapping, name, environment.prepare().landing)
    except (WarehouseError, OSError) as error:
        raise refuse(str(error)) from error
    console.print(f"[green]✓[/] {delivered}\nNext: mixhouse model add YOUR_MODEL.yaml, then mixhouse run")


@sample_app.command("write")
def sample_write(seed: Annotated[int, typer.Option(help="Seed of the simulated retailer.")] = 7) -> None:
    """Write the simulated retailer's exports under landing/, and its truth apart."""
    from dagster_project.demo import write_sample

    home = environment.prepare()
    _delivered(lambda: write_sample(home, seed=seed))
    console.print(f"[green]✓[/] exports under {home.landing}\nNext: mixhouse run")


@sample_app.command("restate")
def sample_restate(
    market: Annotated[str, typer.Option(help="Market whose figures are restated.")] = "DE",
    seed: Annotated[int, typer.Option(help="Seed of the simulated retailer.")] = 7,
) -> None:
    """Deliver one more file that restates a few days of one market."""
    from dagster_project.demo import restate_sample

    written = _delivered(lambda: restate_sample(environment.prepare(), market=market, seed=seed))
    console.print(f"[green]✓[/] {written}")


@sample_app.command("lift-test")
def sample_lift_test(seed: Annotated[int, typer.Option(help="Seed of the simulated retailer.")] = 7) -> None:
    """Deliver one more approved lift test."""
    from dagster_project.demo import lift_test_sample

    console.print(f"[green]✓[/] {_delivered(lambda: lift_test_sample(environment.prepare(), seed=seed))}")


def _delivered[T](deliver: Callable[[], T]) -> T:
    from warehouse.errors import DeliveryError

    try:
        return deliver()
    except DeliveryError as error:
        raise refuse(str(error)) from error


def _read_published(show: object) -> None:
    from dagster_project.terminal import NothingPublishedError

    try:
        show()
    except NothingPublishedError as error:
        raise refuse(str(error)) from error


if __name__ == "__main__":
    app()
