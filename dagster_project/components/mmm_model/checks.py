"""Gates of a fit as Dagster asset checks: convergence blocks, fit quality warns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import dagster as dg

from mmm_models.validation import SAMPLER_GATES, Gate

# Necessary, never sufficient: a fit that did not converge says nothing, one that did may still be wrong.
BLOCKING = SAMPLER_GATES
WARNING = ("mape",)
# Of models with a tournament.
STRUCTURES = ("structure_agreement",)

_DESCRIPTION = {
    "r_hat": "Chains agree: the largest rank-normalised R-hat.",
    "ess_bulk": "Enough independent draws for means: the smallest bulk effective sample size.",
    "ess_tail": "Enough independent draws for the 5 % and 95 % quantiles: the smallest tail effective sample size.",
    "divergences": "The sampler never left the posterior's geometry.",
    "e_bfmi": "The energy of the sampler mixes.",
    "structure_agreement": "Structures give each channel similar returns, and would move its money the same way.",
    "mape": "Mean absolute percentage error of the weekly outcome, in sample. Good fit is not truth.",
}


def check_specs(key: dg.AssetKey, *, has_structures: bool = False) -> list[dg.AssetCheckSpec]:
    """The checks that a fit carries; one more where the model has a tournament."""
    return [
        dg.AssetCheckSpec(name, asset=key, blocking=name in BLOCKING, description=_DESCRIPTION[name])
        for name in (*BLOCKING, *WARNING, *(STRUCTURES if has_structures else ()))
    ]


def check_results(gates: Sequence[Gate], key: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """One result a gate; the advice stands beside the figure, where there is one. What only warns blocks nothing."""
    return [
        dg.AssetCheckResult(
            check_name=gate.name,
            asset_key=key,
            passed=gate.verdict == "pass",
            severity=_severity(gate),
            description=gate.advice,
            metadata={**_value(gate), "threshold": float(gate.threshold), "metric": gate.metric},
        )
        for gate in gates
    ]


def _severity(gate: Gate) -> dg.AssetCheckSeverity:
    warns = gate.name in WARNING or gate.verdict == "warn"
    return dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR


def _value(gate: Gate) -> dict[str, float]:
    """Nothing where there is no such figure: the UI's JSON has no NaN."""
    return {} if math.isnan(gate.value) else {"value": float(gate.value)}
