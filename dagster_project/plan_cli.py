"""`mixhouse plan`: the next weeks' budget, from any result file, with the limits that a company has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dagster_project import environment
from dagster_project.plan_asked import Asked
from dagster_project.refusal import refuse

console = Console()

_MANY = list[str] | None
_WHERE = (
    "Here planning.budget is --budget, limits of channels are --min, --max, --fix and --max-change; every other key "
    "goes into a file for --constraints."
)


def plan(
    target: Annotated[str, typer.Argument(help="A result file (.duckdb), or the name of a published model.")],
    model: Annotated[str | None, typer.Option(help="Which model, where the file holds several.")] = None,
    budget: Annotated[str | None, typer.Option(help="Money of the whole plan: 1.2M, 850k or 1200000.")] = None,
    weeks: Annotated[int | None, typer.Option(help="Length of the plan.")] = None,
    start: Annotated[str | None, typer.Option(help="Its first Monday, as 2026-02-02; else after the data.")] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="Goal: the outcome by its name, profit, marginal_return=1.5, target=5M. With a comma, risk: mean, "
            "cvar=0.9, mean_variance=10, entropic=10, prob_gain. Such as profit,cvar=0.9."
        ),
    ] = None,
    margin: Annotated[str | None, typer.Option(help="Of profit: 0.4, or 0.4+-0.05 where it is not known.")] = None,
    min_return: Annotated[float | None, typer.Option(help="Least outcome for a unit of money, of the plan.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Greatest money for a unit of outcome, of the plan.")] = None,
    constraints: Annotated[Path | None, typer.Option(help="YAML with keys of `planning:` (docs/models.md).")] = None,
    least: Annotated[_MANY, typer.Option("--min", help="tv=20000, DE/tv=20k: least money a week. Repeatable.")] = None,
    most: Annotated[_MANY, typer.Option("--max", help="tv=90k: greatest money a week. Repeatable.")] = None,
    fixed: Annotated[_MANY, typer.Option("--fix", help="radio=12k: exactly this a week. Repeatable.")] = None,
    max_change: Annotated[_MANY, typer.Option(help="0.2: by a fifth at most; tv=0.2 for one. Repeatable.")] = None,
    solver: Annotated[str | None, typer.Option(help="Name of the solver; auto chooses.")] = None,
    decimal_comma: Annotated[bool, typer.Option("--decimal-comma", help="Sheets for an Excel of 1,5.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder, or new .duckdb file; default TARGET.plan.duckdb.")] = None,
) -> None:
    """Plan the next weeks' budget from a result file, or print a model's newest published plan.

    A file is planned with always; a model's name alone prints what was published, and is planned anew with any option.
    """
    home = environment.prepare()
    asked = Asked(
        budget, weeks, start, objective, margin, min_return, max_cost, constraints,
        tuple(least or ()), tuple(most or ()), tuple(fixed or ()), tuple(max_change or ()), solver,
    )  # fmt: skip
    if is_file(target):
        _plan(Path(target), model, asked, out, Path(target).stem, Path(target).parent, decimal_comma)
    elif model not in (None, target):
        raise refuse(f"--model {model} chooses within a file, and {target} is a model's name. Leave one of them out.")
    elif asked.is_anything or out is not None or decimal_comma:
        _plan(home.published, target, asked, out, target, Path(), decimal_comma)
    else:
        _print_published(home.published, target)


def is_file(target: str) -> bool:
    """A file rather than the name of a model?"""
    return target.endswith(".duckdb") or "/" in target or Path(target).is_file()


def _print_published(published: Path, model: str) -> None:
    from dagster_project.terminal import NothingPublishedError, print_plan

    try:
        print_plan(console, published, model)
    except NothingPublishedError as error:
        raise refuse(str(error)) from error


def _plan(
    file: Path, model: str | None, asked: Asked, out: Path | None, name: str, beside: Path, decimal_comma: bool
) -> None:
    from dagster_project.kept_fits import read_kept_fit
    from dagster_project.plan_files import destination
    from dagster_project.plan_making import made_plan, write_made
    from dagster_project.plan_terminal import by_line, next_steps, print_plan_tables
    from mmm_models.errors import MixhouseModelError
    from mmm_models.planning import PlanError
    from mmm_models.reporting.money import outcome_currency
    from warehouse.errors import WarehouseError

    try:
        kept = read_kept_fit(file, model)
        files = destination(out, beside, name)
        made = made_plan(kept, asked, console)
        currency, outcome = made.plan.currency, made.plan.outcome
        unit = outcome_currency(outcome, currency)
        ratio = "ROAS" if unit else f"{outcome} per {currency}"
        print_plan_tables(console, made.tables, currency=currency, unit=unit, ratio=ratio)
        with console.status("writing tables, sheets and plots"):
            write_made(made, files, decimal_comma=decimal_comma)
    except PlanError as error:
        raise refuse(f"{error}\n{_WHERE}") from error
    except (MixhouseModelError, WarehouseError, OSError) as error:
        raise refuse(str(error)) from error
    steps = next_steps(made.tables["plans"].iloc[0], by_line(made.tables["plan_lines"]), currency, ratio)
    if kept.role == "rejected":
        steps.insert(
            0, "The fit behind this plan is an approximation or failed a gate: sample a model before you book it."
        )
    steps.append(f"Book from {files.lines} (a row a week, market and channel); totals are in {files.totals.name}.")
    console.print("What next:", highlight=False)
    for number, step in enumerate(steps, start=1):
        console.print(f"{number}. {step}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"Tables: {files.database}; plots: {files.plot('allocation').name}, {files.plot('frontier').name}.",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
