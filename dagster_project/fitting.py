"""A model fitted to a file, without warehouse or graph: the same figures that the graph would publish, in one file."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from dagster_project.market_table import write_markets
from mmm_models.evidence import EvidenceSet, LiftTest, read_lift_tests, select_evidence, standings
from mmm_models.evidence.tension import reviewed
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.reporting.clock import utc_now
from mmm_models.reporting.data_checks import data_checks as data_check_rows
from mmm_models.reporting.kept_fit import kept_fit
from mmm_models.reporting.register import lift_tests as lift_test_rows
from mmm_models.reporting.run_tables import run_tables
from mmm_models.spec import ModelSpec
from mmm_models.training import train
from mmm_models.validation.data_checks import DataCheck, check_data, exposure_series
from warehouse.errors import WarehouseError
from warehouse.results import upsert_lift_tests, write_tables


@dataclass(frozen=True)
class FittedFile:
    """What came of a file.

    Attributes:
        fit: the fit, with the tests that its policy admits in the likelihood.
        run_id: its run.
        evidence: which lift tests are used, and why others not.
        findings: what a careful analyst sees in the data.
        lift_tests: all that were given.
    """

    fit: Fit
    run_id: str
    evidence: EvidenceSet
    findings: list[DataCheck]
    lift_tests: list[LiftTest]

    @property
    def kind(self) -> str:
        """Which kind of fit it is, as in `results.model_runs`."""
        return "calibrated_fit" if self.evidence.used else "fit"

    @property
    def role(self) -> str:
        """Its role in `results.model_runs`: an approximation is never a champion."""
        return "rejected" if self.fit.info.draws == "approximation" else "champion"


def fit_rows(
    rows: pd.DataFrame,
    spec: ModelSpec,
    lift_tests: list[LiftTest],
    *,
    accepted: frozenset[str] = frozenset(),
    progress: bool,
) -> FittedFile:
    """Fit `spec` to rows of the form of `mmm_input_weekly`.

    Args:
        rows, spec: data and model.
        lift_tests: all that are known.
        accepted: tests to use however far they lie from the model without them.
        progress: show the sampler's progress.

    Raises:
        PanelError, SpecError, EngineError, EvidenceError: as `Panel.for_spec`, the engine and the evidence say.
    """
    panel = Panel.for_spec(rows, spec)
    evidence = select_evidence(lift_tests, spec, panel, as_of=panel.weeks[-1].date())
    exposed = rows[rows["role"].isin(["spend", "exposure"])]
    findings = check_data(panel, exposure_series(exposed, panel), spec.data_checks, [])
    with tempfile.TemporaryDirectory(prefix="mixhouse-fit-") as folder:
        if evidence.used:
            # A test is compared with a model that has not seen it, before one may.
            plain = train(panel, spec, None, "fit", Path(folder), progress=progress)[1]
            evidence = reviewed(evidence, plain, accepted)
        kind = "calibrated_fit" if evidence.used else "fit"
        reference, fit = train(panel, spec, evidence, kind, Path(folder), progress=progress)
    return FittedFile(fit, reference.run_id, evidence, findings, lift_tests)


def read_tests(file: Path) -> list[LiftTest]:
    """Lift tests of a CSV with the columns of the sheet (docs/evidence.md).

    Raises:
        EvidenceError: a row that is no test.
        OSError: the file cannot be read.
    """
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    return read_lift_tests(
        {name: value for name, value in row.items() if value != ""} for row in frame.to_dict("records")
    )


def refuse_existing(target: Path) -> None:
    """Raise `WarehouseError` where there is a file already: asked before minutes of sampling, and before writing."""
    if target.exists():
        raise WarehouseError(f"{target} exists already. Give another --out, or move it away.")


def write_results(made: FittedFile, target: Path) -> None:
    """Write `results.*` of a fit, and the fit itself, into a new DuckDB file, which appears when it is whole.

    Raises:
        WarehouseError: there is a file already.
    """
    refuse_existing(target)
    spec, fit = made.fit.spec, made.fit
    last_day = fit.panel.weeks[-1].date()
    tables = run_tables(fit, made.run_id, made.kind, made.role, spec, made.evidence, made.lift_tests)
    tables["fits"] = kept_fit(fit, made.run_id)
    snapshot_id = f"{spec.model}-snapshot-{fit.info.data_hash[:12]}"
    checks = data_check_rows(
        made.findings,
        snapshot_id=snapshot_id,
        model=spec.model,
        data_hash=fit.info.data_hash,
        as_of_week=fit.panel.weeks[-1],
        created_at=utc_now(),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with duckdb.connect(str(partial)) as connection:
            connection.begin()
            write_tables(connection, tables, key="run_id", value=made.run_id)
            write_tables(connection, {"data_checks": checks}, key="snapshot_id", value=snapshot_id)
            upsert_lift_tests(connection, lift_test_rows(made.lift_tests, standings(made.lift_tests, on=last_day)))
            write_markets(connection, spec.markets, spec.currency)
            connection.commit()
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
