"""What a model reads of the marts: its own rows, free of the last bits that a rebuilt sum may change."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.components.mmm_model.inputs import to_significant_digits, used_rows
from warehouse.snapshots import write_snapshot


def rows(spend: float, **more: float) -> pd.DataFrame:
    """One week of `known`'s search spend, and other series by name."""
    values = {("outcome", "revenue"): 1000.0, ("spend", "search"): spend}
    values |= {("spend", name): value for name, value in more.items()}
    return pd.DataFrame(
        [
            {"week_start": pd.Timestamp("2024-01-01"), "market": "US", "role": role, "name": name, "value": value}
            for (role, name), value in values.items()
        ]
    )


def content(frame: pd.DataFrame, spec, folder) -> str:
    return write_snapshot(used_rows(frame, spec), str(folder), spec.model).content_hash


def test_a_sum_in_another_order_is_the_same_content(known_spec, tmp_path):
    forwards, backwards = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert forwards != backwards
    assert content(rows(forwards), known_spec, tmp_path) == content(rows(backwards), known_spec, tmp_path)


def test_a_cent_more_is_other_content(known_spec, tmp_path):
    assert content(rows(5_432.10), known_spec, tmp_path) != content(rows(5_432.11), known_spec, tmp_path)


def test_a_channel_of_another_model_is_no_content_of_this_one(known_spec, tmp_path):
    with_radio = rows(10.0, radio=77.0)
    assert content(with_radio, known_spec, tmp_path) == content(rows(10.0), known_spec, tmp_path)


@pytest.mark.parametrize(
    ("value", "kept"),
    [(0.0, 0.0), (123_456_789.014, 123_456_789.0), (-0.000123456789012, -0.0001234567890), (99.5, 99.5)],
)
def test_ten_digits_are_kept_whatever_the_size(value, kept):
    assert to_significant_digits(pd.Series([value]))[0] == pytest.approx(kept, rel=1e-12)


def test_a_missing_value_stays_missing():
    assert np.isnan(to_significant_digits(pd.Series([np.nan, 1.0]))[0])
