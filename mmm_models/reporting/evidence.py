"""Lift tests as rows: what was measured, what a run made of it, and whether model and measurement agree."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit

if TYPE_CHECKING:
    from mmm_models.evidence import EvidenceSet, LiftTest

LIFT_TEST_COLUMNS = (
    "test_id",
    "channel",
    "market",
    "design",
    "start_date",
    "end_date",
    "followup_end",
    "outcome",
    "spend_baseline",
    "spend_delta",
    "lift",
    "lift_se",
    "estimand",
    "status",
    "role",
    "owner",
    "reviewer",
    "updated_at",
)
EVIDENCE_COLUMNS = (
    "run_id",
    "test_id",
    "used",
    "reason",
    "predicted_lift_mean",
    "predicted_lift_p05",
    "predicted_lift_p95",
    "measured_lift",
    "measured_se",
    "z",
)


def lift_tests(tests: Sequence["LiftTest"]) -> pd.DataFrame:
    """`lift_tests`: one row a test, as recorded."""
    rows = [{name: getattr(test, name) for name in LIFT_TEST_COLUMNS} for test in tests]
    return pd.DataFrame(rows, columns=list(LIFT_TEST_COLUMNS))


def evidence_used(
    fit: Fit, run_id: str, evidence: "EvidenceSet", tests: Sequence["LiftTest"], *, in_likelihood: bool
) -> pd.DataFrame:
    """`evidence_used`: one row a decision on a test of this model.

    `in_likelihood` False marks a run that was fitted without lift tests: it used none, and its predictions of the
    lifts are out of sample. z = (predicted − measured) / sqrt(sd of prediction² + standard error²). Figures are null
    for a test that the fit cannot predict (another market, channel or outcome, or outside the data).
    """
    known = {test.test_id: test for test in [*tests, *evidence.used]}
    rows = []
    for decision in evidence.decisions:
        test = known.get(decision.test_id)
        draws = None if test is None else predicted_lift(fit, test)
        reason = decision.reason
        if decision.used and not in_likelihood:
            reason = "this run is fitted without lift tests, to compare"
        row = {"run_id": run_id, "test_id": decision.test_id, "used": decision.used and in_likelihood, "reason": reason}
        if test is not None:
            row |= {"measured_lift": test.lift, "measured_se": test.lift_se}
        if draws is not None:
            row |= _agreement(draws, test.lift, test.lift_se)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


def predicted_lift(fit: Fit, test: "LiftTest") -> np.ndarray | None:
    """The lift that the fit expects a test to measure (sample,), or None when the fit says nothing about it.

    Two spend paths of the test's market and channel go through adstock and saturation: business as usual
    (`spend_baseline` spread over the days of the window) and the same plus `spend_delta`. Their difference is counted
    over the days of the window and, with estimand 'during+tail', on to `followup_end`; history is carried in.
    """
    spend = fit.panel.dataset["spend"]
    if test.outcome != fit.spec.outcome or test.market not in fit.panel.markets or test.channel not in fit.panel.paid:
        return None
    start, end = _day(test.start_date), _day(test.end_date)
    counted_end = max(end, _day(test.followup_end or test.end_date)) if test.estimand == "during+tail" else end
    weeks = pd.date_range(start - pd.Timedelta(days=start.dayofweek), counted_end, freq="7D")
    if weeks[0] < fit.panel.weeks[0] or end > fit.panel.weeks[-1] + pd.Timedelta(days=6):
        return None
    tested = _days_inside(weeks, start, end)
    counted = _days_inside(weeks, start, counted_end)
    one = spend.sel(market=[test.market], channel=[test.channel])
    recorded = one.reindex(week=weeks, fill_value=0.0)
    shape = {"week": weeks}
    share = xr.DataArray(tested / tested.sum(), shape, "week")
    usual = recorded * xr.DataArray(1 - tested / 7, shape, "week") + share * test.spend_baseline
    changed = (usual + share * test.spend_delta).clip(min=0.0)
    difference = fit.media_response(changed) - fit.media_response(usual)
    return (difference * xr.DataArray(counted / 7, shape, "week")).sum(("week", "market", "channel")).values


def _agreement(draws: np.ndarray, lift: float, standard_error: float) -> dict[str, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    scale = float(np.sqrt(draws.var(ddof=1) + standard_error**2))
    return {
        "predicted_lift_mean": float(draws.mean()),
        "predicted_lift_p05": float(low),
        "predicted_lift_p95": float(high),
        "z": (float(draws.mean()) - lift) / scale,
    }


def _day(value: date) -> pd.Timestamp:
    return pd.Timestamp(value).normalize()


def _days_inside(weeks: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp) -> np.ndarray:
    """How many days of each week (its Monday given) lie between `first` and `last`, both included."""
    begin = np.maximum(weeks.to_numpy(), first.to_numpy())
    stop = np.minimum((weeks + pd.Timedelta(days=6)).to_numpy(), last.to_numpy())
    return np.clip((stop - begin) / np.timedelta64(1, "D") + 1, 0, 7)
