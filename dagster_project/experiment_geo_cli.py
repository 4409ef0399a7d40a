"""`mixhouse experiment read-geo`: the effect of a geo test from files, without landing anything."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dagster_project.refusal import refuse

console = Console()


def read_geo(
    panel: Annotated[Path, typer.Argument(help="Outcome by market, outcome, unit and date.")],
    treatments: Annotated[Path, typer.Argument(help="The test's units: a row each, with its arm and the window.")],
    spend: Annotated[
        Path | None, typer.Option(help="Spend by test_id, unit and date: baseline, actual. A record needs it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="YAML to write the record to.")] = None,
) -> None:
    """Estimate a geo test: effect, standard error by placebos, and the record to deliver."""
    import pandas as pd

    from mmm_models.errors import EvidenceError
    from mmm_models.evidence.geo import read_all
    from mmm_models.evidence.writing import record_text
    from warehouse.errors import WarehouseError
    from warehouse.landing.read import read_rows

    if out is not None and spend is None:
        raise refuse("A record needs the test's spend. Give --spend with test_id, unit, date, baseline and actual.")
    no_spend = pd.DataFrame(columns=["test_id", "unit", "date", "baseline", "actual"])
    try:
        outcome = read_rows(panel, "experiments.geo_panel")
        units = read_rows(treatments, "experiments.geo_treatments")
        money = no_spend if spend is None else read_rows(spend, "experiments.geo_spend")
        with console.status("comparing with regions that were not treated"):
            now = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)
            results = read_all(outcome, units, money, now)
    except (EvidenceError, WarehouseError) as error:
        raise refuse(str(error)) from None
    for result in results:
        if result.readout is None:
            raise refuse(result.problem)
        _print(result.readout)
        if result.record is None and spend is not None:
            raise refuse(result.problem)
    if out is None:
        return
    records = [record_text(result.record).splitlines() for result in results]
    out.write_text("".join("- " + "\n  ".join(lines) + "\n" for lines in records))
    console.print(f"[green]✓[/] {out}\nNext: have it checked, then put it under landing/experiments/lift_tests/")


def _print(readout) -> None:  # noqa: ANN001  (the science is imported when the command runs)
    low, high = readout.interval(0.9)
    in_time = "" if readout.se_in_time is None else f"; earlier windows alone would say ± {readout.se_in_time:,.0f}"
    console.print(
        f"[bold]{readout.test.test_id}[/]: {readout.test.outcome} {readout.point:+,.0f} ± {readout.se:,.0f} "
        f"({readout.relative:+.1%}), 90 % interval {low:+,.0f} to {high:+,.0f}\n"
        f"  {readout.test.estimator} ({readout.estimator_version}); standard error from {readout.placebo_totals.size} "
        f"{readout.error_from}{in_time}\n"
        f"  placebo p {readout.placebo_p:.3f}; error before the test {readout.pre_fit_error:.1%}",
        highlight=False,
        soft_wrap=True,
    )
