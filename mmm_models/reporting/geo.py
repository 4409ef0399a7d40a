"""Geo read-outs as rows: the estimate with its placebos, and its course by week."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from mmm_models.evidence.geo import GeoReadout

READOUT_COLUMNS = (
    "test_id", "channel", "market", "outcome", "estimator", "estimator_version", "start_date", "end_date",
    "counted_to", "treated", "donors", "periods_before", "point", "point_during", "se", "p05", "p95", "relative",
    "placebo_p", "placebos", "error_from", "se_in_time", "pre_fit_error", "unit_share", "data_hash",
)  # fmt: skip
WEEKLY_COLUMNS = ("test_id", "arm", "first_day", "last_day", "observed", "expected", "effect", "se")
_DONORS_SHOWN = 8


def geo_readouts(readouts: Sequence["GeoReadout"]) -> pd.DataFrame:
    """`geo_readouts`: one row a test."""
    return pd.DataFrame([_row(readout) for readout in readouts], columns=list(READOUT_COLUMNS))


def geo_readouts_weekly(readouts: Sequence["GeoReadout"]) -> pd.DataFrame:
    """`geo_readouts_weekly`: one row a test, arm and week of the window and its follow-up."""
    rows = []
    for readout in readouts:
        parts = {
            "observed": readout.by_span(readout.observed),
            "expected": readout.by_span(readout.expected),
            "effect": readout.by_span(readout.effect),
        }
        # Earlier windows of the treated regions say how far the total is off, not its weeks.
        in_space = readout.error_from == "placebos in space"
        errors = np.sqrt((readout.by_span(readout.placebos) ** 2).mean("placebo")) if in_space else None
        for arm in readout.test.arms:
            for number, (first, last) in enumerate(readout.spans()):
                place = {"arm": arm, "span": parts["effect"].span[number]}
                rows.append(
                    {"test_id": readout.test.test_id, "arm": arm, "first_day": first, "last_day": last}
                    | {name: float(values.sel(place)) for name, values in parts.items()}
                    | {"se": None if errors is None else float(errors.sel(place))}
                )
    return pd.DataFrame(rows, columns=list(WEEKLY_COLUMNS))


def _row(readout: "GeoReadout") -> dict[str, object]:
    test = readout.test
    low, high = readout.interval(0.9)
    return {
        "test_id": test.test_id,
        "channel": test.channel,
        "market": test.market,
        "outcome": test.outcome,
        "estimator": test.estimator,
        "estimator_version": readout.estimator_version,
        "start_date": test.start_date,
        "end_date": test.end_date,
        "counted_to": readout.counted_to,
        "treated": ", ".join(test.treated),
        "donors": donors_in_words(readout),
        "periods_before": readout.periods_before,
        "point": readout.point,
        "point_during": readout.during,
        "se": readout.se,
        "p05": low,
        "p95": high,
        "relative": readout.relative,
        "placebo_p": readout.placebo_p,
        "placebos": readout.placebo_totals.size,
        "error_from": readout.error_from,
        "se_in_time": readout.se_in_time,
        "pre_fit_error": readout.pre_fit_error,
        "unit_share": float(readout.unit_share.sum()),
        "data_hash": readout.data_hash,
    }


def donors_in_words(readout: "GeoReadout") -> str:
    """The regions that count most, with their weights, and how many there were."""
    weights = readout.weights.mean("arm").to_series().sort_values(ascending=False)
    shown = weights[weights >= 0.005].head(_DONORS_SHOWN)
    listed = ", ".join(f"{unit} {weight:.2f}" for unit, weight in shown.items())
    return f"{listed} (of {len(weights)})"
