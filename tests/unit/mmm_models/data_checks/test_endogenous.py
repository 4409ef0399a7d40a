"""Channels that are paid by the sale: known of them, not seen in their data."""

import numpy as np

from mmm_models.validation.data_checks import check_data, exposure_series
from tests.unit.mmm_models.data_checks.panels import CALM, OUTCOME, WEEKS, exposure_rows, make_panel


def told(spend: dict, endogenous: tuple[str, ...]) -> dict:
    panel = make_panel(spend)
    records = check_data(panel, exposure_series(exposure_rows(panel, {}), panel), endogenous=endogenous)
    return {record.series: record for record in records if record.check == "endogenous_spend"}


def test_commission_on_sales_is_severe_and_the_others_pass():
    found = told(CALM | {"affiliate": 0.05 * OUTCOME}, ("affiliate", "cashback"))
    assert {channel: record.verdict for channel, record in found.items()} == {
        "search": "pass",
        "social": "pass",
        "tv": "pass",
        "affiliate": "severe",
    }
    assert found["affiliate"].advice == (
        "US: affiliate is paid by the sale: its spend follows revenue by construction. The model would explain sales "
        "by sales. Leave the channel out of `channels` and count what it costs as a cost of the sale; a holdout of "
        "partners can measure what it brings."
    )


def test_a_channel_that_never_spends_here_explains_nothing_here():
    assert set(told(CALM | {"affiliate": np.zeros(WEEKS)}, ("affiliate",))) == set(CALM)
