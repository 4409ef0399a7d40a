"""What a model reads of the marts: its own rows, free of the last bits that a rebuilt sum may change."""

import numpy as np
import pandas as pd
import pytest

from dagster_project.components.mmm_model.inputs import used_rows, without_last_bits
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


def test_a_sum_on_the_half_of_a_decimal_is_the_same_content(known_spec, tmp_path):
    # Seen in the demo company: a German week of search, added up in two orders.
    assert content(rows(802.2714201499999), known_spec, tmp_path) == content(
        rows(802.2714201500001), known_spec, tmp_path
    )


@pytest.mark.parametrize("value", [0.0, 99.5, 40_000_000.01, -0.000123456789012, 1e-300])
def test_no_figure_moves_by_more_than_a_part_in_four_thousand_million(value):
    assert without_last_bits(pd.Series([value]))[0] == pytest.approx(value, rel=2.4e-10, abs=0)


def test_a_missing_value_stays_missing():
    assert np.isnan(without_last_bits(pd.Series([np.nan, 1.0]))[0])


def test_what_acts_in_place_of_money_is_content(known_spec, tmp_path):
    spec = type(known_spec).from_dict(known_spec.to_dict() | {"organic": ["mails"], "population": "people"})
    assert content(rows(10.0, mails=3.0), spec, tmp_path) == content(rows(10.0), spec, tmp_path)  # as spend it is not
    more = [
        {"week_start": pd.Timestamp("2024-01-01"), "market": "US", "role": role, "name": name, "value": 3.0}
        for role, name in (("exposure", "mails"), ("control", "people"))
    ]
    for row in more:
        given = pd.concat([rows(10.0), pd.DataFrame([row])], ignore_index=True)
        assert content(given, spec, tmp_path) != content(rows(10.0), spec, tmp_path)
        assert content(given, known_spec, tmp_path) == content(rows(10.0), known_spec, tmp_path)
