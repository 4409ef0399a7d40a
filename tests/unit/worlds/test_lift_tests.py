from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mmm_models.evidence import read_lift_tests
from mmm_models.evidence.quality import DesignFacts, design_quality
from mmm_models.worlds.lift_tests import COLUMNS, run_lift_test, run_lift_tests, true_lift
from mmm_models.worlds.media import saturate
from mmm_models.worlds.retailer import SEED, retailer
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.spec import LiftTestSpec

DARK = LiftTestSpec("dark", "search", "US", "go-dark", 4, 2, -1.0, relative_se=0.2)


@pytest.fixture(scope="module")
def demo() -> World:
    return simulate(retailer(), SEED)


def test_measurements_scatter_around_the_true_lift_by_their_standard_error(small_world: World):
    truth = true_lift(small_world, DARK)
    z = [(r["lift"] - truth) / r["lift_se"] for r in (run_lift_test(small_world, DARK, draw) for draw in range(60))]
    assert abs(np.mean(z)) < 3 / np.sqrt(60)
    assert np.std(z) == pytest.approx(1.0, abs=0.3)


def test_going_dark_loses_revenue_and_heavying_up_gains_it(small_world: World):
    heavy = replace(DARK, design="heavy-up", spend_change=0.5)
    assert true_lift(small_world, DARK) < 0 < true_lift(small_world, heavy)


def test_the_sheet_states_what_was_spent_and_what_the_test_changed(small_world: World):
    test = replace(DARK, start=date(2024, 6, 3), spend_change=-0.5)
    row = run_lift_test(small_world, test)
    spend = small_world.daily.spend.sel(market="US", channel="search", date=slice("2024-06-03", "2024-06-30"))
    assert (row["start_date"], row["end_date"], row["followup_end"]) == (
        date(2024, 6, 3),
        date(2024, 6, 30),
        date(2024, 7, 14),
    )
    assert row["spend_baseline"] == pytest.approx(float(spend.sum()), abs=0.01)
    assert row["spend_delta"] == pytest.approx(-0.5 * float(spend.sum()), abs=0.01)


def test_the_demo_tests_can_be_read_as_steady_states(demo: World):
    """What a lift-test likelihood assumes: weekly lift = f(x + dx) - f(x) at the test's mean weekly spend."""
    for test in demo.spec.lift_tests:
        row, channel = run_lift_test(demo, test), demo.spec.channel(test.channel)
        rate = float(demo.daily.fx_rate.sel(market=test.market, date=str(row["start_date"])))
        x = row["spend_baseline"] / rate / test.weeks / channel.weekly_spend[test.market]
        step = saturate(channel.saturation, np.array([x, x * (1 + test.spend_change)]))
        steady = test.weeks * rate * channel.effect[test.market] * (step[1] - step[0])
        assert steady == pytest.approx(true_lift(demo, test), rel=0.08), test.test_id


def test_the_demo_sheet_holds_approved_draft_and_submitted_tests(demo: World):
    sheet = run_lift_tests(demo)
    assert list(sheet.columns) == COLUMNS
    approved = sheet[(sheet.status == "approved") & (sheet.role == "calibrate")]
    assert {("search", "US"), ("paid_social", "DE"), ("tv", "US")} <= set(
        zip(approved.channel, approved.market, strict=True)
    )
    assert {"draft", "submitted"} <= set(sheet.status)


def test_nothing_counts_against_the_design_of_a_simulated_test(demo: World):
    rows = run_lift_tests(demo).astype(object)
    qualities = [design_quality(DesignFacts.of(test)).value for test in read_lift_tests(rows.to_dict("records"))]
    assert qualities == [1.0] * len(demo.spec.lift_tests)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weeks": 70}, "70 weeks and 2 of follow-up do not fit into the 60 weeks"),
        ({"start": date(2024, 6, 4)}, "start 2024-06-04 is not a Monday between 2024-01-01 and"),
        ({"start": date(2025, 2, 17)}, "start 2025-02-17 is not a Monday between"),
        ({"channel": "radio"}, "no channel 'radio'"),
    ],
)
def test_a_test_that_does_not_fit_the_world_is_refused(small_world: World, change: dict, message: str):
    with pytest.raises(ValueError, match=message):
        run_lift_test(small_world, replace(DARK, **change))
