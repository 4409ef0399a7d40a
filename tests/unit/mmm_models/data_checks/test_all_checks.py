"""All checks together: what a calm panel says, what comes first, what is stored."""

import numpy as np
import pandas as pd
import pytest

from mmm_models.reporting.data_checks import DATA_CHECK_COLUMNS, data_checks, worst_in_words
from mmm_models.validation.data_checks import CHECKS, check_data, exposure_series, worst_first
from tests.unit.mmm_models.data_checks.panels import CALM, WEEKS, exposure_rows, make_panel, noise


def test_a_calm_panel_passes_every_check_and_says_so():
    panel = make_panel(CALM, {"price": 100 + 3 * noise(16)})
    rows = exposure_rows(panel, {f"{name}_impressions": 200 * spend for name, spend in CALM.items()})
    records = check_data(panel, exposure_series(rows, panel))
    assert {record.check for record in records} == set(CHECKS)
    assert {record.verdict for record in records} == {"pass"}
    assert all(record.advice.startswith("US: ") and record.advice.endswith("Nothing to do.") for record in records)
    assert worst_in_words(records) == ""


@pytest.mark.parametrize("spend", [{"tv": np.zeros(WEEKS)}, {"tv": np.full(WEEKS, 5.0)}, {"tv": CALM["tv"]}])
def test_poor_data_are_looked_at_without_an_error(spend):
    panel = make_panel(spend, {"price": np.ones(WEEKS)})
    records = check_data(panel, exposure_series(exposure_rows(panel, {}), panel))
    assert all(record.market == "US" and record.advice for record in records)


def faulty_records():
    spend = CALM | {"shopping": CALM["search"] * 1.001 + 1, "print": np.full(WEEKS, 9.0)}
    panel = make_panel(spend)
    return check_data(panel, exposure_series(exposure_rows(panel, {}), panel))


def test_the_worst_comes_first_and_the_rest_is_counted():
    records = faulty_records()
    ordered = worst_first(records)
    verdicts = [record.verdict for record in ordered]
    assert verdicts == sorted(verdicts, key=["severe", "warn", "info", "pass"].index)
    findings = [record for record in records if record.is_finding]
    assert {record.check for record in findings} == {"vif", "correlation", "spend_variation", "spend_share"}
    assert worst_in_words(records) == f"{ordered[0].advice} {len(findings) - 1} more in results.data_checks."


def test_rows_carry_whose_data_they_are_and_leave_open_what_could_not_be_told():
    moment = pd.Timestamp("2025-01-06 12:00")
    frame = data_checks(
        faulty_records(), snapshot_id="m-snapshot-1", model="m", data_hash="abc", as_of_week=moment, created_at=moment
    )
    assert tuple(frame.columns) == DATA_CHECK_COLUMNS
    unseen = frame[(frame["check_name"] == "spend_without_exposure") & (frame["series"] == "tv")]
    assert unseen["value"].isna().all()
    assert unseen["verdict"].tolist() == ["info"]
    assert not frame.duplicated(["check_name", "market", "series", "other_series"]).any()
    assert frame["as_of_week"].iloc[0] == moment.date()
