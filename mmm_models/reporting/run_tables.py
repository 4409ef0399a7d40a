"""All result tables of one fit, keyed by its run."""

from dataclasses import replace

import pandas as pd

from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.fit import Fit, StackedFit
from mmm_models.reporting import tables
from mmm_models.reporting.evidence import Refit, evidence_used
from mmm_models.reporting.structures import structure_tables
from mmm_models.spec import ModelSpec
from mmm_models.validation import evaluate_gates

_QUICK = ("marginal", "quick_look")


def run_tables(
    fit: Fit | StackedFit,
    run_id: str,
    kind: str,
    role: str,
    spec: ModelSpec,
    evidence: EvidenceSet,
    lift_tests: list[LiftTest],
    *,
    written_at: pd.Timestamp | None = None,
    dagster_run_id: str | None = None,
    mlflow_run_id: str | None = None,
) -> dict[str, pd.DataFrame]:
    """Every run-keyed table of `results`, by name; those of structures for a stacked fit only.

    Args:
        fit: the fit.
        run_id: its run.
        kind: "fit", or "calibrated_fit" where lift tests are in its likelihood.
        role: "champion" or "challenger".
        spec: the model, with the gates that hold now.
        evidence: which tests the model's policy admits, and why others not.
        lift_tests: all tests that are known.
        written_at: when the rows are written, UTC; by default when the fit was made. A fit that is found again, because
            evidence that came in between was revoked, is the newest once more.
        dagster_run_id, mlflow_run_id: where it was made and registered, if anywhere.
    """
    # Thresholds may have changed since the fit, which does not depend on them.
    fit = replace(fit, spec=spec)
    made = tables.fit_tables(fit, run_id, gates=evaluate_gates(fit))
    if isinstance(fit, StackedFit):
        made |= structure_tables(fit, run_id, spec.tournament.disagreement_factor)
    made["model_runs"] = tables.model_run(
        fit,
        run_id,
        created_at=fit.info.started_at if written_at is None else written_at,
        kind=kind,
        role=role,
        dagster_run_id=dagster_run_id,
        mlflow_run_id=mlflow_run_id,
    )
    made["evidence_used"] = evidence_used(
        fit, run_id, evidence, lift_tests, in_likelihood=kind == "calibrated_fit", refit=_refit(fit)
    )
    return made


def _refit(fit: Fit | StackedFit) -> Refit | None:
    """Fits the same model to other evidence, where that takes seconds."""
    if isinstance(fit, StackedFit) or fit.spec.engine not in _QUICK:
        return None

    def again(evidence: EvidenceSet) -> Fit:
        from mmm_models.engines import get_engine

        return get_engine(fit.spec.engine).fit(fit.panel, fit.spec, evidence)

    return again
