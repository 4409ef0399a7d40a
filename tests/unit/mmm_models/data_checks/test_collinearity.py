"""Variance inflation and correlation against regressions and numpy's own."""

import numpy as np
import pytest

from tests.unit.mmm_models.data_checks.panels import CALM, WEEKS, looked_at, make_panel, noise


def r_squared(target: np.ndarray, others: np.ndarray) -> float:
    design = np.column_stack([np.ones(len(target)), others])
    residual = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    return 1 - residual @ residual / ((target - target.mean()) @ (target - target.mean()))


def test_variance_inflation_is_that_of_a_regression_on_all_other_series():
    common = noise(10)
    spend = {f"c{i}": 100 + 5 * common + (0.7 + 3 * i) * noise(20 + i) for i in range(4)}
    controls = {"price": common + 0.2 * noise(12)}
    found = looked_at(make_panel(spend, controls), "vif")
    columns = np.column_stack([*spend.values(), *controls.values()])
    for i, series in enumerate([*spend, "control:price"]):
        expected = 1 / (1 - r_squared(columns[:, i], np.delete(columns, i, axis=1)))
        assert found[series].value == pytest.approx(expected, rel=1e-9)
    assert found["c0"].value > 10
    assert found["c0"].verdict == "warn"
    assert found["c0"].advice.startswith(f"US: variance inflation of c0 is {found['c0'].value:.1f} (at most 10). ")


def test_an_exact_sum_of_others_is_infinite_and_leaves_the_rest_alone():
    spend = {"tv": CALM["tv"], "search": CALM["search"], "total": CALM["tv"] + CALM["search"], "social": CALM["social"]}
    found = looked_at(make_panel(spend), "vif")
    assert [found[name].value for name in ("tv", "search", "total")] == [np.inf] * 3
    others = np.column_stack([CALM["tv"], CALM["search"]])
    assert found["social"].value == pytest.approx(1 / (1 - r_squared(CALM["social"], others)), rel=1e-6)
    assert (found["tv"].verdict, found["social"].verdict) == ("severe", "pass")
    assert "infinite" in found["tv"].advice


def test_correlations_are_those_of_each_pair_with_a_channel():
    controls = {"price": 100 + 3 * noise(17), "rain": noise(60)}
    found = looked_at(make_panel(CALM, controls), "correlation")
    assert len(found) == 3 + 3 * 2  # pairs of channels, channels with controls, no pair of controls
    assert found["search", "tv"].value == pytest.approx(np.corrcoef(CALM["search"], CALM["tv"])[0, 1])
    assert found["tv", "control:rain"].value == pytest.approx(np.corrcoef(CALM["tv"], controls["rain"])[0, 1])


@pytest.mark.parametrize(("apart", "verdict"), [(1.0, "pass"), (0.5, "warn"), (0.1, "severe")])
def test_two_channels_that_move_together_are_named_with_what_to_do(apart, verdict):
    search = 1000 + 100 * np.sin(np.arange(WEEKS))
    shopping = 5000 - 2 * search + 140 * apart * noise(13)
    record = looked_at(make_panel({"search": search, "shopping": shopping}), "correlation")["search", "shopping"]
    assert record.verdict == verdict
    assert record.value < 0
    assert ("run a lift test on one of them" in record.advice) == (verdict != "pass")
    assert f"search and shopping have a correlation of {record.value:.2f}" in record.advice


def test_thresholds_decide():
    panel = make_panel({"search": CALM["search"], "tv": CALM["search"] + CALM["tv"]})
    value = looked_at(panel, "correlation")["search", "tv"].value
    assert looked_at(panel, "correlation", correlation_max=value + 0.01)["search", "tv"].verdict == "pass"
    assert looked_at(panel, "correlation", correlation_max=value - 0.01)["search", "tv"].verdict == "warn"
