"""Weeks far outside their past: distances by hand and by loop, faults that were planted."""

import numpy as np
import pytest

from mmm_models.validation.data_checks.outliers import far_out, modified_z
from tests.unit.mmm_models.data_checks.panels import CALM, OUTCOME, WEEKS, looked_at, make_panel, noise, week


def test_modified_z_of_a_sample_by_hand():
    values = np.array([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
    # median 2.45; distances .05 .05 .15 .15 .15 .15 .35 .35 5.75 5.85, so that the MAD is .15
    assert modified_z(values)[-1] == pytest.approx(0.6745 * 5.85 / 0.15)
    assert modified_z(values)[0] == pytest.approx(-0.6745 * 0.35 / 0.15)


def test_a_series_that_is_mostly_one_value_is_infinitely_far_elsewhere():
    assert modified_z(np.array([1.0, 1.0, 1.0, 1.0, 5.0])).tolist() == [0, 0, 0, 0, np.inf]


def test_far_out_is_the_nearer_of_the_distances_to_the_whole_and_to_the_quarter():
    values = np.exp(noise(62, 60))
    around = [np.median(values[max(0, i - 6) : i + 7]) for i in range(60)]
    level, local = modified_z(values), modified_z(values - np.array(around))
    for i in range(60):
        agrees = np.sign(level[i]) == np.sign(local[i])
        nearer = min(abs(level[i]), abs(local[i])) if agrees else 0.0
        assert abs(far_out(values)[i]) == pytest.approx(nearer)


@pytest.mark.parametrize(
    ("series", "fault"),
    [("tv", lambda s: s * 100), ("outcome:revenue", lambda s: s * 3), ("outcome:revenue", lambda s: s * 0.1)],
    ids=["spend booked in another unit", "an outcome of three", "a lost outcome"],
)
def test_a_planted_week_is_the_one_that_is_named(series, fault):
    spend, outcome = {name: values.copy() for name, values in CALM.items()}, OUTCOME.copy()
    target = outcome if series.startswith("outcome") else spend[series]
    target[33] = fault(target[33])
    found = looked_at(make_panel(spend, outcome=outcome), "outliers")
    assert [name for name, record in found.items() if record.verdict == "warn"] == [series]
    assert f"in 1 week ({week(33)}); furthest is the week of {week(33)}" in found[series].advice


@pytest.mark.parametrize(
    "spend",
    [
        np.where(np.arange(WEEKS) == 50, 1.0, CALM["tv"]),
        CALM["tv"] * np.linspace(1, 30, WEEKS),
        1000.0 * (1 + np.arange(WEEKS) // 26),
        np.where(np.arange(WEEKS) % 10 < 4, 9000.0 + np.arange(WEEKS), 0.0),
    ],
    ids=["a week of little spend", "growth", "steps", "flights"],
)
def test_ordinary_spend_is_no_outlier(spend):
    assert looked_at(make_panel(CALM | {"tv": spend}), "outliers")["tv"].verdict == "pass"


def test_a_series_that_is_mostly_off_has_no_outliers_to_tell():
    promotion = np.where(np.arange(WEEKS) % 9 == 0, 0.3, 0.0)
    record = looked_at(make_panel(CALM, {"promotion": promotion}), "outliers")["control:promotion"]
    assert (record.verdict, np.isnan(record.value)) == ("info", True)
