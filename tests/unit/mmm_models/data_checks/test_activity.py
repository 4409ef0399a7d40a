"""Whether there is enough to learn from: counts and shares by hand."""

import numpy as np
import pytest

from mmm_models.validation.data_checks import check_data, exposure_series
from tests.unit.mmm_models.data_checks.panels import CALM, OUTCOME, WEEKS, exposure_rows, looked_at, make_panel, noise


def test_a_channel_that_a_market_never_bought_is_only_worth_knowing():
    spend = np.column_stack([CALM["tv"], np.zeros(WEEKS)])
    panel = make_panel({"tv": spend, "search": CALM["search"]}, markets=("US", "DE"))
    records = check_data(panel, exposure_series(exposure_rows(panel, {}), panel))
    of_tv = {r.check: r for r in records if (r.market, r.series) == ("DE", "tv")}
    assert list(of_tv) == ["active_weeks"]
    assert (of_tv["active_weeks"].verdict, of_tv["active_weeks"].value) == ("info", 0)
    assert of_tv["active_weeks"].advice.startswith("DE: tv never spends. ")


@pytest.mark.parametrize(("weeks", "verdict"), [(7, "warn"), (8, "pass")])
def test_a_channel_with_few_active_weeks_is_named(weeks, verdict):
    burst = np.where(np.arange(WEEKS) < weeks, 9000.0, 0.0)
    record = looked_at(make_panel({"tv": burst, "search": CALM["search"]}), "active_weeks")["tv"]
    assert (record.value, record.verdict) == (weeks, verdict)
    assert f"tv spends in {weeks} of {WEEKS} weeks (at least 8)" in record.advice


def test_a_small_share_of_spend_is_named():
    found = looked_at(make_panel({"tv": np.full(WEEKS, 990.0), "print": np.full(WEEKS, 9.0)}), "spend_share")
    assert found["print"].value == pytest.approx(9 / 999)
    assert (found["tv"].verdict, found["print"].verdict) == ("pass", "warn")


def test_spend_that_hardly_changes_is_named():
    found = looked_at(
        make_panel({"steady": np.tile([95.0, 105.0], WEEKS // 2), "flat": np.full(WEEKS, 7.0), "tv": CALM["tv"]}),
        "spend_variation",
    )
    assert found["steady"].value == pytest.approx(0.05)
    assert found["flat"].value == 0
    assert [found[name].verdict for name in ("steady", "flat", "tv")] == ["warn", "warn", "pass"]


@pytest.mark.parametrize(("weeks", "verdict"), [(0, "warn"), (3, "info"), (4, "pass")])
def test_a_control_that_hardly_ever_moves_is_named(weeks, verdict):
    event = np.where(np.arange(WEEKS) < weeks, 1.0, 0.0)
    record = looked_at(make_panel(CALM, {"event": event}), "control_variation")["control:event"]
    assert (record.value, record.verdict) == (weeks, verdict)


def test_a_control_that_trembles_around_one_value_does_not_move():
    price = 100 + 0.01 * np.sin(np.arange(WEEKS))
    assert looked_at(make_panel(CALM, {"price": price}), "control_variation")["control:price"].verdict == "warn"


def test_weeks_are_counted_for_each_channel_that_spends_and_each_control():
    spend = {f"c{i}": np.exp(noise(i, 60)) for i in range(5)} | {"never": np.zeros(60)}
    panel = make_panel(spend, {"price": noise(63, 60), "rain": noise(64, 60)}, outcome=OUTCOME[:60])
    record = looked_at(panel, "weeks_per_series")[None]
    assert record.value == pytest.approx(60 / 7)
    assert record.verdict == "warn"
