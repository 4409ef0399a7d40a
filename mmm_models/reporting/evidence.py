"""What a run made of each lift test, as rows: is it used, how it counts, and whether model and measurement agree."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.evidence.leave_one_out import leave_one_out
from mmm_models.evidence.operator import predicted_lift
from mmm_models.evidence.tension import Tension, can_compare, tension
from mmm_models.fit import Fit, StackedFit

if TYPE_CHECKING:
    from mmm_models.evidence import EvidenceDecision, EvidenceSet, LiftTest

EVIDENCE_COLUMNS = (
    "run_id",
    "test_id",
    "used",
    "reason",
    "verdict",
    "quality",
    "in_data",
    "predicted_lift_mean",
    "predicted_lift_p05",
    "predicted_lift_p95",
    "measured_lift",
    "measured_se",
    "z",
    "expected_lift",
    "tension",
    "compared_with",
    "k_hat",
    *(f"roas_{side}_{statistic}" for side in ("without", "with") for statistic in ("mean", "p05", "p95")),
)


type AnyFit = Fit | StackedFit
type Refit = Callable[["EvidenceSet"], AnyFit]


def evidence_used(
    fit: AnyFit,
    run_id: str,
    evidence: "EvidenceSet",
    tests: Sequence["LiftTest"],
    *,
    in_likelihood: bool,
    refit: Refit | None = None,
) -> pd.DataFrame:
    """`evidence_used`: one row a decision on a test of this model.

    `in_likelihood` False marks a run that was fitted without lift tests: it used none, and its predictions of the
    lifts are out of sample. z = (predicted - measured) / sqrt(sd of prediction^2 + standard error^2) is of this run;
    the tension is that of the test with a model that has not seen it. Figures are null for a test that the fit cannot
    predict (another market, channel or outcome, or outside the data), or that has not been read out.

    Args:
        refit: fits the same model to other evidence: for the fit without a used test where weights of draws cannot
            tell it, and for the fit with a test that waits for a person. Without it their figures are null.
    """
    known = {test.test_id: test for test in [*tests, *evidence.used]}
    # Most tests are compared with the same fit; its returns take longer than all else here.
    returns_of = cache(lambda asked: asked.returns())
    rows = []
    for decision in evidence.decisions:
        test, reason = known.get(decision.test_id), decision.reason
        if decision.used and not in_likelihood:
            reason = "this run is fitted without lift tests, to compare"
        row = {"run_id": run_id, "test_id": decision.test_id, "used": decision.used and in_likelihood, "reason": reason}
        # Words are absent as None, where figures are NaN.
        row |= {"verdict": "unknown", "in_data": None, "compared_with": None}
        if test is not None:
            row |= {"measured_lift": test.lift, "measured_se": test.lift_se}
            if test.test_id in evidence.terms:
                row |= evidence.term(test).model_dump(include={"quality", "in_data"})
        if test is not None and can_compare(fit, test):
            row |= _agreement(predicted_lift(fit, test).values.sum(axis=1), test.lift, test.lift_se)
            own_refit = refit if in_likelihood else None
            row |= _comparison(fit, evidence, test, decision, own_refit, returns_of, used=row["used"])
        rows.append(row)
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


def _comparison(
    fit: AnyFit,
    evidence: "EvidenceSet",
    test: "LiftTest",
    decision: "EvidenceDecision",
    refit: Refit | None,
    returns_of: Callable[[AnyFit], xr.Dataset],
    *,
    used: bool,
) -> dict[str, object]:
    """A test beside the model that has not seen it, and the returns of its channels without and with it."""
    if used:
        left = leave_one_out(fit, evidence, test, refit)
        found, k_hat = left.tension, left.k_hat
        without, other = (left.fit, found.weights), (fit, None)
        compared = f"the model without it, {left.method}"
    else:
        found, k_hat = tension(fit, test, evidence.term(test)), None
        without, other = (fit, None), None
        compared = "this run, which has not seen it"
        if decision.waits and refit is not None:
            other = (refit(evidence.only([*evidence.used, test])), None)
    row = {
        "expected_lift": found.mean,
        "tension": found.z,
        "compared_with": compared,
        "k_hat": k_hat,
        "verdict": _verdict(found, fit, decision),
        **_returns("without", test, returns_of(without[0]), without[1]),
    }
    return row if other is None else row | _returns("with", test, returns_of(other[0]), other[1])


def _verdict(found: Tension, fit: AnyFit, decision: "EvidenceDecision") -> str:
    policy = fit.spec.evidence
    if decision.waits:
        return "blocked"
    if abs(found.z) > policy.tension_block:
        return "conflict"
    return "review" if abs(found.z) > policy.tension_review else "agrees"


def _returns(side: str, test: "LiftTest", returns: xr.Dataset, weights: np.ndarray | None) -> dict[str, float]:
    """Return of the tested channels in the test's market over the data: mean and 90 % interval."""
    own = returns.sel(market=test.market, channel=test.channels)
    roas = (own["contribution"].sum("channel") / float(own["spend"].sum())).values
    how = {"method": "linear"} if weights is None else {"method": "inverted_cdf", "weights": weights}
    low, high = np.quantile(roas, [0.05, 0.95], **how)
    mean = float(np.average(roas, weights=weights))
    return {f"roas_{side}_mean": mean, f"roas_{side}_p05": float(low), f"roas_{side}_p95": float(high)}


def _agreement(draws: np.ndarray, lift: float, standard_error: float) -> dict[str, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    scale = float(np.sqrt(draws.var(ddof=1) + standard_error**2))
    return {
        "predicted_lift_mean": float(draws.mean()),
        "predicted_lift_p05": float(low),
        "predicted_lift_p95": float(high),
        "z": (float(draws.mean()) - lift) / scale,
    }
