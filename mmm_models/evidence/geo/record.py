"""A geo read-out as the record of a lift test, which waits for a person's approval like any other."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import EvidenceError
from mmm_models.evidence.geo.readout import GeoReadout
from mmm_models.evidence.geo.treatment import GeoTest
from mmm_models.evidence.parts import SpendPeriod
from mmm_models.evidence.reading import read_lift_tests
from mmm_models.evidence.record import LiftTest

# The inverse of a covariance from n draws of m figures is too large by about n / (n - m - 1) (Hartlap, Simon &
# Schneider 2007, Astronomy & Astrophysics 464): a quarter at five regions a figure. With fewer, only the total is
# handed on.
_DONORS_A_READOUT = 5


def spend_path(test: GeoTest, spend: pd.DataFrame, units: Sequence[str] | None = None) -> list[SpendPeriod]:
    """Spend of the treated regions by week of the window, from rows of unit and day.

    Args:
        test: the test.
        spend: columns date, unit, baseline (business as usual) and actual, in money; other units' rows do not count.
        units: of these regions alone; None for all that were treated.

    Raises:
        EvidenceError: a region has no row in the window, or a row lacks a figure.
    """
    units = list(units or test.treated)
    days = pd.to_datetime(spend["date"])
    in_window = (days >= pd.Timestamp(test.start_date)) & (days <= pd.Timestamp(test.end_date))
    rows = spend[in_window & spend["unit"].isin(units)].assign(date=days)
    if silent := sorted(set(units) - set(rows["unit"])):
        raise EvidenceError(
            f"geo test {test.test_id}: there is no spend of {silent[0]} between {test.start_date} and {test.end_date}; "
            "deliver its baseline and actual spend (0 where there was none)"
        )
    empty = rows[rows[["baseline", "actual"]].isna().any(axis=1)]
    if len(empty):
        raise EvidenceError(
            f"geo test {test.test_id}: the spend of {empty.iloc[0]['unit']} on {empty.iloc[0]['date']:%Y-%m-%d} lacks "
            "baseline or actual; give both"
        )
    periods = []
    for first, last in test.blocks(test.start_date, test.end_date):
        week = rows[(rows["date"] >= pd.Timestamp(first)) & (rows["date"] <= pd.Timestamp(last))]
        totals = week[["baseline", "actual"]].sum()
        periods.append(
            SpendPeriod(
                start_date=first, end_date=last, baseline=float(totals["baseline"]), actual=float(totals["actual"])
            )
        )
    return periods


def record_of(readout: GeoReadout, spend: pd.DataFrame, updated_at: datetime | None = None) -> LiftTest:
    """The record of a read-out: `submitted`, never approved by a machine.

    It carries weekly readouts with their covariance where there are regions enough to estimate one; several arms carry
    one readout each, and need them.

    Args:
        readout: the estimate.
        spend: see `spend_path`.
        updated_at: moment of the record, UTC.

    Raises:
        EvidenceError: spend is missing, there are too few regions for the covariance of several arms, or the record
            would contradict itself.
    """
    test = readout.test
    several = len(test.arms) > 1
    facts: dict[str, Any] = {
        "test_id": test.test_id,
        "channel": test.channel,
        "market": test.market,
        "design": test.design,
        "units": ", ".join(test.treated),
        "unit_share": float(readout.unit_share.sum()),
        "start_date": test.start_date,
        "end_date": test.end_date,
        "followup_end": None if readout.counted_to == test.end_date else readout.counted_to,
        "outcome": test.outcome,
        "lift": readout.point,
        "lift_se": readout.se,
        "estimand": "during" if readout.counted_to == test.end_date else "during+tail",
        "in_outcome": test.in_outcome,
        "estimator": test.estimator,
        "estimator_version": readout.estimator_version,
        "pre_registration": test.pre_registration,
        "data_hash": readout.data_hash,
        "randomised": test.randomised,
        "pre_fit_error": readout.pre_fit_error,
        "status": "submitted",
        "role": test.role,
        "owner": test.owner,
        "updated_at": updated_at,
        **(_by_arm(readout) if several else _by_week(readout)),
    }
    if several:
        paths = {arm: spend_path(test, spend, units) for arm, units in test.arms.items()}
        facts["arms"] = [
            {
                "arm": arm,
                "unit_share": float(readout.unit_share.sel(arm=arm)),
                "spend_baseline": sum(period.baseline for period in path),
                "spend_delta": sum(period.actual - period.baseline for period in path),
            }
            for arm, path in paths.items()
        ]
    else:
        facts["spend_path"] = [period.model_dump(exclude_none=True) for period in spend_path(test, spend)]
    return read_lift_tests([facts])[0]


def covariance_of(readout: GeoReadout, sums: xr.DataArray) -> np.ndarray:
    """Covariance (readout, readout) of sums (placebo, readout) over the placebos, whose true mean is zero.

    The sum of its entries is the square of the total's standard error.
    """
    values = sums.transpose("placebo", ...).values
    return values.T @ values / len(values)


def _by_week(readout: GeoReadout) -> dict[str, Any]:
    spans = readout.spans()
    if len(spans) < 2 or not _can_tell_covariance(readout, len(spans)):
        return {}
    lifts = readout.by_span(readout.effect).sum("arm").values
    covariance = covariance_of(readout, readout.by_span(readout.placebos).sum("arm"))
    return _readouts(readout, [(None, first, last) for first, last in spans], lifts, covariance)


def _by_arm(readout: GeoReadout) -> dict[str, Any]:
    arms = list(readout.test.arms)
    if not _can_tell_covariance(readout, len(arms)):
        raise EvidenceError(
            f"geo test {readout.test.test_id}: {readout.weights.sizes['unit']} regions to compare with are too few for "
            f"the covariance of {len(arms)} arms; it takes {_DONORS_A_READOUT * len(arms)}. Enter each arm as a test, "
            "with the other arms' units 'excluded'"
        )
    counted = slice(readout.periods_before, None)
    lifts = readout.effect.isel(date=counted).sum("date").values
    covariance = covariance_of(readout, readout.placebos.isel(date=counted).sum("date"))
    return _readouts(readout, [(arm, readout.test.start_date, readout.counted_to) for arm in arms], lifts, covariance)


def _readouts(
    readout: GeoReadout, rows: list[tuple[str | None, date, date]], lifts: np.ndarray, covariance: np.ndarray
) -> dict[str, Any]:
    errors = np.sqrt(np.diag(covariance))
    return {
        "readouts": [
            {
                # The first week of a weekly panel may have begun before the test.
                "start_date": max(first, readout.test.start_date),
                "end_date": last,
                "lift": float(lift),
                "lift_se": float(error),
                **({} if arm is None else {"arm": arm}),
            }
            for (arm, first, last), lift, error in zip(rows, lifts, errors, strict=True)
        ],
        "covariance": covariance.tolist(),
    }


def _can_tell_covariance(readout: GeoReadout, figures: int) -> bool:
    in_space = readout.error_from == "placebos in space"
    return in_space and readout.weights.sizes["unit"] >= _DONORS_A_READOUT * figures
