"""`mixhouse fit`: a model fitted to a CSV, for a scientist without a warehouse."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from dagster_project import environment
from dagster_project.refusal import refuse

if TYPE_CHECKING:
    import pandas as pd

    from dagster_project.fitting import FittedFile
    from mmm_models.spec import ModelSpec

console = Console()
_SHOWN = 5


def fit(
    data: Annotated[Path, typer.Argument(help="A wide CSV: one row a week (and market).")],
    date: Annotated[str, typer.Option(help="Column of the week's first day.")],
    outcome: Annotated[str, typer.Option(help="Column of what is explained, such as sales.")],
    spend: Annotated[str, typer.Option(help="Columns of money by channel, with commas.")],
    exposure: Annotated[str, typer.Option(help="Impressions, GRPs and the like: channel=column, with commas.")] = "",
    controls: Annotated[str, typer.Option(help="Columns of what moves the outcome and is not media.")] = "",
    organic: Annotated[str, typer.Option(help="Columns of media without money: mails, posts; with commas.")] = "",
    treatments: Annotated[str, typer.Option(help="Columns of doings that are no media: price cuts and so on.")] = "",
    population: Annotated[str | None, typer.Option(help="Column of people by market: scales all by head.")] = None,
    market: Annotated[str | None, typer.Option(help="Column that names the market; none for a single one.")] = None,
    currency: Annotated[str, typer.Option(help="Currency of the spend, ISO 4217.")] = "USD",
    date_format: Annotated[str | None, typer.Option(help="Form of the dates, such as %d/%m/%Y; ISO else.")] = None,
    lift_tests: Annotated[Path | None, typer.Option(help="CSV of lift tests, as in docs/evidence.md.")] = None,
    accept: Annotated[str, typer.Option(help="Lift tests to use in spite of their tension; with commas.")] = "",
    spec: Annotated[Path | None, typer.Option(help="Model YAML: adstock, saturation, priors and so on.")] = None,
    engine: Annotated[str | None, typer.Option(help="marginal (default), pymc_marketing, ridge or quick_look.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws kept in each chain.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the sampler.")] = None,
    out: Annotated[Path | None, typer.Option(help="DuckDB file for the results; default DATA.duckdb.")] = None,
) -> None:
    """Fit a model to a weekly CSV and write the `results.*` tables into a DuckDB file."""
    environment.prepare()
    from dagster_project.fitting import fit_rows, read_tests, refuse_existing, write_results
    from dagster_project.weekly_file import Columns, read_rows
    from mmm_models.errors import MixhouseModelError
    from warehouse.errors import WarehouseError

    target = out or data.with_suffix(".duckdb")
    columns = Columns(
        date,
        outcome,
        _listed(spend),
        _listed(controls),
        _pairs(exposure),
        _listed(organic),
        _listed(treatments),
        population,
        market,
        date_format,
    )
    try:
        refuse_existing(target)
        rows = read_rows(data, columns, currency)
        model = _model(rows, columns, currency, data, spec, {"engine": engine}, {"draws": draws, "seed": seed})
        console.print(f"Fitting {model.model}: {len(model.channels)} channels, {rows['week_start'].nunique()} weeks …")
        tests = read_tests(lift_tests) if lift_tests else []
        made = fit_rows(rows, model, tests, accepted=frozenset(_listed(accept)), progress=console.is_terminal)
        write_results(made, target)
    except (MixhouseModelError, WarehouseError, OSError) as error:
        raise refuse(str(error)) from error
    _told(made, target)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = [part.partition("=") for part in _listed(text)]
    for channel, sign, column in pairs:
        if not sign or not channel or not column:
            raise refuse(f"--exposure {text!r}: write channel=column, such as tv=tv_grps,search=search_clicks.")
    return [(channel.strip(), column.strip()) for channel, _, column in pairs]


def _model(
    rows: pd.DataFrame,
    columns: Any,
    currency: str,
    data: Path,
    spec: Path | None,
    top: dict[str, Any],
    sampler: dict[str, Any],
) -> ModelSpec:
    """The spec of the YAML, or one of defaults, with what the command line says laid over it."""
    from mmm_models.spec import ModelSpec
    from mmm_models.spec.yaml_text import parse_yaml
    from warehouse.weekly_csv.mapping import snake_case

    said = {
        "model": snake_case(data.stem),
        "outcome": snake_case(columns.outcome),
        "currency": currency,
        "markets": list(dict.fromkeys(rows["market"])),
        "channels": [snake_case(column) for column in columns.spend],
        "controls": [snake_case(column) for column in columns.controls],
        "organic": [snake_case(column) for column in columns.organic],
        "treatments": [snake_case(column) for column in columns.treatments],
        **({"population": snake_case(columns.population)} if columns.population else {}),
    }
    given = parse_yaml(spec.read_text(encoding="utf-8"), spec.name) if spec else {}
    laid = {**said, **given, **{key: value for key, value in top.items() if value is not None}}
    over = {key: value for key, value in sampler.items() if value is not None}
    if over:
        laid["sampler"] = {**(given.get("sampler") or {}), **over}
    return ModelSpec.from_dict(laid, source=spec.name if spec else "the command line")


def _told(made: FittedFile, target: Path) -> None:
    from dagster_project.terminal import print_returns
    from mmm_models.reporting.data_checks import worst_in_words
    from mmm_models.validation import evaluate_gates

    for decision in made.evidence.decisions:
        mark = "[green]✓[/]" if decision.used else "[yellow]![/]"
        console.print(f"{mark} lift test {decision.test_id}: {decision.reason}", highlight=False, soft_wrap=True)
    if found := worst_in_words(made.findings, _SHOWN):
        console.print(f"[yellow]![/] the data: {found}", highlight=False, soft_wrap=True)
    print_returns(console, target, made.fit.spec.model, "all", run_id=made.run_id)
    marks = {"pass": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}
    gates = evaluate_gates(made.fit)
    for gate in gates:
        if math.isnan(gate.value):
            continue
        advice = "" if gate.verdict == "pass" else f" {gate.advice}"
        console.print(
            f"{marks[gate.verdict]} {gate.metric} {gate.value:,.4g} (threshold {gate.threshold:,.4g}).{advice}",
            highlight=False,
            soft_wrap=True,
        )
    unknown = {gate.advice: gate.verdict for gate in gates if math.isnan(gate.value)}
    for advice, verdict in unknown.items():
        console.print(f"{marks[verdict]} {advice}", highlight=False, soft_wrap=True)
    console.print(f"Results: {target}; docs/analyst.md explains its tables.", highlight=False, soft_wrap=True)
