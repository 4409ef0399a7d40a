"""Geo read-outs find what was added to a simulated market, with an error that is neither too small nor too large."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.optimize import nnls

from mmm_models.errors import EvidenceError
from mmm_models.evidence.geo import GeoPanel, GeoTest, read_geo_tests, read_out
from mmm_models.evidence.geo.counterfactual import compare
from mmm_models.evidence.geo.placebo import placebo_groups, placebo_starts
from tests.unit.mmm_models.evidence.geo_world import START, geo_world, panel_and_test

ESTIMATORS = ("synthetic_control", "difference_in_differences")


def groups(panel: GeoPanel, test: GeoTest) -> tuple[xr.DataArray, xr.DataArray]:
    donors = [unit for unit in panel.units if unit not in test.treated]
    return panel.outcome.sel(unit=list(test.treated)).sum("unit"), panel.outcome.sel(unit=donors)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_estimates_are_unbiased_and_their_errors_honest_over_worlds(estimator):
    misses, inside = [], 0
    for seed in range(16):
        panel, test, truth = panel_and_test(seed, lift=0.1, estimator=estimator)
        found = read_out(panel, test, placebos=14)
        misses.append((found.point - truth) / found.se)
        low, high = found.interval(0.9)
        inside += low <= truth <= high
    # Misses in standard errors of 16 worlds: their mean near zero, their size near one, most intervals hold the truth.
    assert abs(np.mean(misses)) < 0.75
    assert 0.5 < np.sqrt(np.mean(np.square(misses))) < 1.8
    assert inside >= 11


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_where_nothing_was_changed_nothing_is_found(estimator):
    ranks = []
    for seed in range(40, 56):
        panel, test, _ = panel_and_test(seed, estimator=estimator)
        ranks.append(read_out(panel, test, placebos=14).placebo_p)
    assert np.mean(np.array(ranks) <= 0.1) <= 0.35
    assert 0.25 < np.mean(ranks) < 0.8


def test_a_large_effect_stands_out_from_every_placebo():
    panel, test, truth = panel_and_test(3, lift=0.4)
    found = read_out(panel, test, placebos=20)
    assert found.placebo_p == pytest.approx(1 / 21)
    assert found.point == pytest.approx(truth, rel=0.15)
    assert found.point == pytest.approx(float(found.effect.isel(date=slice(START, None)).sum()))
    assert found.se == pytest.approx(np.sqrt(np.mean(found.placebo_totals**2)))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_placebos_are_estimated_as_the_test_is(estimator):
    panel, test, _ = panel_and_test(4, lift=0.1)
    one = compare(*groups(panel, test), START, estimator)
    other = compare(*groups(panel, test), START, estimator, is_placebo=True)
    assert np.allclose(one.gap, other.gap, atol=1e-6)
    assert np.allclose(one.weights, other.weights, atol=1e-6)


def test_difference_in_differences_is_the_difference_of_four_means():
    panel, test, _ = panel_and_test(5, lift=0.2)
    treated, donors = groups(panel, test)
    found = compare(treated, donors, START, "difference_in_differences")
    own = treated.values / treated.values[:START].mean()
    others = (donors.values / donors.values[:START].mean(axis=0)).mean(axis=1)
    by_hand = (own[START:].mean() - own[:START].mean()) - (others[START:].mean() - others[:START].mean())
    assert float(found.gap[START:].mean()) == pytest.approx(by_hand, rel=1e-9)
    assert np.allclose(found.weights, 1 / donors.sizes["unit"])


def test_synthetic_control_fits_as_well_as_an_exact_solver():
    panel, test, _ = panel_and_test(6)
    treated, donors = groups(panel, test)
    found = compare(treated, donors, START, "synthetic_control")
    own = (treated / treated[:START].mean()).values[:START]
    others = (donors / donors[:START].mean("date")).values[:START]
    # Weights that sum to one, by a heavy row, from the active-set solver of Lawson & Hanson.
    heavy = 1e4
    exact, _ = nnls(np.vstack([others, np.full(others.shape[1], heavy)]), np.append(own, heavy))
    best = np.sqrt(np.mean((own - others @ exact) ** 2))
    assert float(found.weights.sum()) == pytest.approx(1, abs=1e-6)
    assert float(found.weights.min()) >= -1e-9
    assert best - 1e-6 <= found.pre_fit_error <= best * 1.02


def test_a_region_made_of_two_others_gets_their_weights():
    rows, fields, _ = geo_world(7, treated=1)
    wide = rows.pivot(index="date", columns="unit", values="value")
    [unit] = fields["arms"]["treated"]
    one, other = [name for name in wide if name != unit][:2]
    index = wide / wide.iloc[:START].mean()
    wide[unit] = 500 * (0.7 * index[one] + 0.3 * index[other])
    panel = GeoPanel.from_rows(wide.reset_index().melt("date", var_name="unit", value_name="value"))
    found = compare(*groups(panel, GeoTest(**fields)), START, "synthetic_control")
    assert float(found.weights.sel(unit=one)) == pytest.approx(0.7, abs=0.02)
    assert float(found.weights.sel(unit=other)) == pytest.approx(0.3, abs=0.02)


def test_few_regions_leave_the_error_to_earlier_windows():
    panel, test, _ = panel_and_test(8, units=5, treated=2, days=64)
    found = read_out(panel, test)
    assert found.error_from == "placebos in time"
    assert found.se == pytest.approx(np.sqrt(np.mean(found.in_time**2)))
    assert found.degrees == len(found.in_time) == 5


def test_scale_of_the_outcome_does_not_matter():
    rows, fields, _ = geo_world(9, lift=0.1)
    one = read_out(GeoPanel.from_rows(rows), GeoTest(**fields), placebos=5)
    other = read_out(GeoPanel.from_rows(rows.assign(value=rows["value"] * 1000)), GeoTest(**fields), placebos=5)
    assert other.point == pytest.approx(1000 * one.point, rel=1e-6)
    assert other.se == pytest.approx(1000 * one.se, rel=1e-6)
    assert other.placebo_p == one.placebo_p


def test_weekly_panels_count_the_weeks_that_the_test_touches():
    rows, fields, truth = geo_world(10, lift=0.3)
    monday = rows["date"] - pd.to_timedelta(rows["date"].dt.dayofweek, unit="D")
    weekly = rows.assign(date=monday).groupby(["date", "unit"], as_index=False)["value"].sum()
    found = read_out(GeoPanel.from_rows(weekly), GeoTest(**fields), placebos=10)
    assert found.period_days == 7
    assert len(found.spans()) == 3
    assert found.counted_to == fields["end_date"]
    assert found.point == pytest.approx(truth, rel=0.3)
    assert float(found.by_span(found.effect).sum()) == pytest.approx(found.point)


def test_placebo_groups_are_as_large_as_the_arms_where_there_is_room():
    donors = [f"d{number}" for number in range(12)]
    assert placebo_groups(donors, [1], 100, 1) == [[[donor]] for donor in donors]
    for placebo in placebo_groups(donors, [2, 3], 20, 1):
        assert [len(group) for group in placebo] == [2, 3]
        assert len({*placebo[0], *placebo[1]}) == 5
    assert all(len(group) == 6 for [group] in placebo_groups(donors, [30], 20, 1))
    assert placebo_groups(donors, [4], 30, 1) == placebo_groups(donors, [4], 30, 1)
    assert placebo_groups(["a", "b"], [1], 100, 1) == []


def test_earlier_windows_lie_before_the_test_and_do_not_overlap():
    assert placebo_starts(90, 15) == [75, 60, 45, 30]
    assert placebo_starts(20, 15) == []


def test_a_test_at_the_same_time_gives_no_region_to_compare_with():
    panel, test, _ = panel_and_test(11)
    busy = [unit for unit in panel.units if unit not in test.treated][:3]
    other = test.model_copy(update={"test_id": "geo-2", "arms": {"treated": tuple(busy)}})
    found = read_out(panel, test, [test, other], placebos=5)
    assert not set(busy) & set(found.weights.unit.values)
    with pytest.raises(EvidenceError, match="was treated by another test in the same days"):
        read_out(panel, test, [test.model_copy(update={"test_id": "geo-3"})])


def problem(rows: pd.DataFrame, fields: dict, **changes) -> str:
    with pytest.raises(EvidenceError) as error:
        read_out(GeoPanel.from_rows(rows), GeoTest(**{**fields, **changes}))
    return str(error.value)


def test_what_cannot_be_read_out_is_said_with_the_remedy():
    rows, fields, _ = geo_world(12)
    [first, *_] = fields["arms"]["treated"]
    donors = [unit for unit in rows["unit"].unique() if unit not in fields["arms"]["treated"]]
    assert "no unit 'r77'" in problem(rows, fields, arms={"treated": ("r77",)})
    first_day = rows["date"].min().date()
    assert "0 periods before the test" in problem(rows, fields, start_date=first_day)
    assert "0 regions to compare with" in problem(rows, fields, excluded=tuple(donors))
    assert "the panel ends 2025-03-23" in problem(rows, fields, followup_end="2025-04-30")
    hole = rows[(rows["unit"] != first) | (rows["date"] != pd.Timestamp("2025-01-20"))]
    said = problem(hole, fields)
    assert said.startswith("geo test geo-1: ")
    assert f"{first} lacks 1 of 77 dates, the first 2025-01-20" in said
    silent = rows.assign(value=rows["value"].where(rows["unit"] != donors[0], 0.0))
    assert f"{donors[0]} had an outcome of 0" in problem(silent, fields)
    few = rows[rows["unit"].isin([*fields["arms"]["treated"], *donors[:3]])]
    late = few[few["date"] >= pd.Timestamp("2025-02-10")]
    assert "too few to tell the effect from chance" in problem(late, fields)


def test_panels_that_are_none_are_refused():
    rows, _, _ = geo_world(13)
    for broken, said in (
        (rows.drop(columns="value"), "column 'value' is missing"),
        (rows.iloc[:0], "there are no rows"),
        (pd.concat([rows, rows.iloc[:1]]), "has two rows of 2025-01-06"),
        (rows[(rows["date"] - rows["date"].min()).dt.days % 3 == 0], "its dates are 3 days apart"),
    ):
        with pytest.raises(EvidenceError, match=said):
            GeoPanel.from_rows(broken)


def test_the_treatment_table_says_once_what_concerns_the_test():
    whole = {"channel": "search", "market": "US", "outcome": "revenue", "start_date": "2025-03-03"}
    rows = [
        {"test_id": "a", "unit": "x", **whole, "end_date": "2025-03-23", "randomised": True},
        {"test_id": "a", "unit": "y", "arm": "control"},
        {"test_id": "a", "unit": "z", "arm": "excluded", "channel": None},
    ]
    [test] = read_geo_tests(rows)
    assert (test.arms, test.control, test.excluded) == ({"treated": ("x",)}, ("y",), ("z",))
    assert test.randomised
    for row, said in (
        ({"test_id": "a", "unit": "x"}, "unit 'x' stands 2 times"),
        ({"test_id": "a", "unit": "w", "channel": "tv"}, "channel is search in one row and tv in that of w"),
        ({"test_id": "a", "unit": "w", "pre_start_date": "2025-04-01"}, "is not before start_date"),
        ({"test_id": "a", "unit": "w", "estimator": "guess"}, "estimator"),
    ):
        with pytest.raises(EvidenceError, match=said):
            read_geo_tests([*rows, row])
    with pytest.raises(EvidenceError, match="it treats no unit"):
        read_geo_tests([{**rows[0], "arm": "control"}])
