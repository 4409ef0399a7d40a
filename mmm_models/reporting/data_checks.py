"""Data checks as rows, and as the sentences that a person reads first."""

import math
from collections.abc import Sequence

import pandas as pd

from mmm_models.validation.data_checks import DataCheck, worst_first

DATA_CHECK_COLUMNS = (
    "snapshot_id",
    "model",
    "data_hash",
    "as_of_week",
    "created_at",
    "check_name",
    "market",
    "series",
    "other_series",
    "value",
    "threshold",
    "verdict",
    "advice",
)


def data_checks(
    records: Sequence[DataCheck],
    *,
    snapshot_id: str,
    model: str,
    data_hash: str,
    as_of_week: pd.Timestamp,
    created_at: pd.Timestamp,
) -> pd.DataFrame:
    """`data_checks`: one row a record; a value that could not be told is null."""
    rows = [
        {
            "snapshot_id": snapshot_id,
            "model": model,
            "data_hash": data_hash,
            "as_of_week": as_of_week.date(),
            "created_at": created_at,
            "check_name": record.check,
            "market": record.market,
            "series": record.series,
            "other_series": record.other_series,
            "value": None if math.isnan(record.value) else record.value,
            "threshold": record.threshold,
            "verdict": record.verdict,
            "advice": record.advice,
        }
        for record in records
    ]
    return pd.DataFrame(rows, columns=list(DATA_CHECK_COLUMNS))


def worst_in_words(records: Sequence[DataCheck], shown: int = 1) -> str:
    """The advice of the worst findings, and how many more there are; '' without a finding."""
    findings = [record for record in worst_first(records) if record.is_finding]
    more = len(findings) - shown
    named = " ".join(record.advice for record in findings[:shown])
    return named + (f" {more} more in results.data_checks." if more > 0 else "")
