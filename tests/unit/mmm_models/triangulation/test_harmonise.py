"""Whatever a test measured of a channel, the reading is of one thing: the channel's average return in the window."""

from dataclasses import replace
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from benchmarks.evidence.triangulation import CHANNELS, SCENARIOS, draw_world
from benchmarks.evidence.triangulation import KINDS as CHANNEL_KINDS
from mmm_models.errors import EvidenceError
from mmm_models.evidence import LiftTest
from mmm_models.evidence.operator import predicted_lift
from mmm_models.evidence.triangulation import triangulate
from mmm_models.evidence.triangulation.harmonise import HALF, Harmonised, claimed_returns, harmonise
from mmm_models.panel import Panel
from mmm_models.reporting import plots
from mmm_models.reporting.triangulation import triangulation_tables
from warehouse.results import ensure_results, write_tables

NOTHING_CLAIMED = claimed_returns(
    pd.DataFrame(columns=["week_start", "market", "channel", "spend", "platform_conversions"]),
    pd.DataFrame(columns=["week_start", "market", "outcome", "value"]),
    "revenue",
    {},
)
KINDS = {"search": "performance", "paid_social": "social", "tv": "brand"}


def lift_test(**changes) -> LiftTest:
    facts = {
        "test_id": "t1", "channel": "search", "market": "US", "design": "geo lift", "outcome": "revenue",
        "start_date": date(2023, 9, 4), "end_date": date(2023, 10, 1), "spend_baseline": 160_000.0,
        "spend_delta": 40_000.0, "lift": 1.0, "lift_se": 1.0, "status": "approved", "randomised": True,
    }  # fmt: skip
    return LiftTest(**(facts | changes))


def measured(fit, share: float, relative_error: float = 0.05, **changes) -> LiftTest:
    """A test that measures `share` of what the fit predicts of it."""
    expected = float(predicted_lift(fit, lift_test(**changes)).mean("sample").sum())
    return lift_test(**changes, lift=share * expected, lift_se=relative_error * abs(share * expected))


def claims(**changes) -> pd.DataFrame:
    """Twenty weeks in two markets: 10 a conversion in the US at orders of 50, and half of that in Germany."""
    weeks = pd.date_range("2023-06-05", periods=20, freq="7D")
    rows = [
        {"week_start": week, "market": market, "channel": channel, "spend": 100.0, "platform_conversions": 10.0}
        for week in weeks for market in ("US", "DE") for channel in ("search", "tv")
    ]  # fmt: skip
    media = pd.DataFrame(rows).assign(**changes)
    media.loc[media["channel"] == "tv", "platform_conversions"] = np.nan
    return media


def orders() -> pd.DataFrame:
    weeks = pd.date_range("2023-06-05", periods=20, freq="7D")
    worth = {("US", "revenue"): 5000.0, ("US", "orders"): 100.0, ("DE", "revenue"): 2500.0, ("DE", "orders"): 100.0}
    return pd.DataFrame(
        [{"week_start": w, "market": m, "outcome": o, "value": v} for w in weeks for (m, o), v in worth.items()]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"market": "DE", "spend_baseline": 60_000.0, "spend_delta": 30_000.0},
        {"design": "go-dark", "spend_baseline": 160_000.0, "spend_delta": -160_000.0},
        {"channel": "tv", "spend_baseline": 240_000.0, "spend_delta": 60_000.0, "estimand": "during"},
        {"channel": "tv", "spend_baseline": 240_000.0, "spend_delta": 60_000.0, "followup_end": date(2023, 11, 26)},
        {"unit_share": 0.2, "spend_baseline": 32_000.0, "spend_delta": 16_000.0},
    ],
    ids=["lift", "small market", "dark", "without tail", "with tail", "a fifth of the market"],
)
def test_a_test_that_measures_half_of_what_the_model_expects_says_half_the_return(known_fit, changes):
    test = measured(known_fit, 0.5, **changes)
    made = harmonise(known_fit, [test], NOTHING_CLAIMED)
    average = float(known_fit.returns("last_52_weeks")["roas"].sel(market="all", channel=test.channel).median())
    rows = made.readings[made.readings["source"] == "experiment"]
    assert len(rows) == 1
    assert float(rows["roas"].iloc[0]) == pytest.approx(0.5 * average, rel=0.02)
    # Error of the test, and what the draws' 2 % of doubt about curve and carryover leave.
    relative = float(made.sources.experiments["standard_error"][0])
    assert 0.05 < relative < 0.09
    assert float(made.sources.experiments["estimate"][0]) == pytest.approx(np.log(0.5 * average), abs=0.02)


def test_what_is_thought_of_a_design_is_taken_off_its_reading(known_fit):
    """Platforms count a tenth too much, give or take a fifth: the default of conversion lifts."""
    facts = {"design": "conversion lift", "spend_baseline": 0.0, "spend_delta": 160_000.0}
    made = harmonise(known_fit, [measured(known_fit, 0.5, **facts)], NOTHING_CLAIMED)
    average = float(known_fit.returns("last_52_weeks")["roas"].sel(market="all", channel="search").median())
    reading = made.sources.experiments
    assert float(np.exp(reading["estimate"][0])) == pytest.approx(0.5 * average / 1.1, rel=0.02)
    assert 0.2 < float(reading["standard_error"][0]) < 0.23


def test_a_channel_that_did_not_spend_has_no_reading(known_fit):
    dark = known_fit.panel.dataset.copy(deep=True)
    dark["spend"].loc[{"channel": "tv", "week": dark["week"][-52:]}] = 0.0
    made = harmonise(replace(known_fit, panel=Panel(dark)), [], NOTHING_CLAIMED)
    assert made.sources.channels == ["search", "paid_social"]


def test_weekly_readouts_say_what_their_sum_says(known_fit):
    expected = predicted_lift(known_fit, lift_test()).mean("sample").item()
    weeks = pd.date_range("2023-09-04", periods=4, freq="7D")
    readouts = [{"start_date": w.date(), "end_date": (w + pd.Timedelta(days=6)).date(), "lift": 1.0} for w in weeks]
    draft = lift_test(lift=None, lift_se=None, readouts=[row | {"lift_se": 1.0} for row in readouts])
    parts = predicted_lift(known_fit, draft).mean("sample").values
    assert parts.sum() == pytest.approx(expected, rel=1e-6)
    weekly = [row | {"lift": 0.7 * part, "lift_se": 0.05 * expected} for row, part in zip(readouts, parts, strict=True)]
    whole = harmonise(known_fit, [measured(known_fit, 0.7)], NOTHING_CLAIMED).sources.experiments
    by_week = harmonise(known_fit, [lift_test(lift=None, lift_se=None, readouts=weekly)], NOTHING_CLAIMED)
    assert by_week.sources.experiments["estimate"].item() == pytest.approx(whole["estimate"].item(), abs=0.01)


def test_a_model_reading_is_its_posterior_of_the_window_with_covariance(known_fit):
    made = harmonise(known_fit, [], NOTHING_CLAIMED)
    draws = np.log(known_fit.returns("last_52_weeks")["roas"].sel(market="all").transpose("sample", "channel"))
    assert list(made.sources.mmm["channel"].values) == list(draws["channel"].values)
    np.testing.assert_allclose(made.sources.mmm["estimate"], draws.mean("sample"))
    np.testing.assert_allclose(made.sources.mmm["covariance"], np.cov(draws.values, rowvar=False))
    assert made.sources.scale == "log"


def test_a_reading_below_zero_moves_all_to_the_natural_scale(known_fit):
    unlucky = measured(known_fit, -0.3, channel="search")
    made = harmonise(known_fit, [unlucky], NOTHING_CLAIMED)
    average = known_fit.returns("last_52_weeks")["roas"].sel(market="all").median("sample")
    assert made.sources.scale == "natural"
    assert made.sources.experiments["estimate"].item() == pytest.approx(
        -0.3 * float(average.sel(channel="search")), rel=0.02
    )
    assert made.sources.unit == pytest.approx(float(np.median(np.abs(made.readings["roas"]))))
    fused = triangulate(made.sources)
    assert float(fused["roas_p50"].sel(channel="search")) < float(average.sel(channel="search"))


def test_what_cannot_be_compared_is_left_out_and_said(known_fit):
    tests = [
        lift_test(test_id="both", channel="search+tv"),
        lift_test(test_id="planned", status="draft", lift=None, lift_se=None),
        lift_test(test_id="orders", outcome="orders"),
        lift_test(test_id="before", start_date=date(2021, 9, 6), end_date=date(2021, 10, 3)),
    ]
    made = harmonise(known_fit, tests, NOTHING_CLAIMED)
    left = made.readings[made.readings["source"] == "experiment"].set_index("reading")
    assert left["roas"].isna().all()
    assert made.sources.experiments is None
    for name, why in (("both", "several channels"), ("planned", "not read out yet"), ("orders", "another outcome")):
        assert why in left.loc[name, "note"]
    assert "outside its data" in left.loc["before", "note"]


def test_a_fit_that_has_seen_the_test_is_refused(known_fit):
    seen = known_fit.with_info(evidence=[{"test_id": "t1", "used": True}])
    with pytest.raises(EvidenceError, match="fit has lift test t1 in its likelihood"):
        harmonise(seen, [measured(known_fit, 1.0)], NOTHING_CLAIMED)


def test_quality_and_age_reach_the_reading(known_fit):
    old = measured(known_fit, 0.8, start_date=date(2023, 1, 9), end_date=date(2023, 2, 5))
    made = harmonise(known_fit, [old], NOTHING_CLAIMED, quality={"t1": 0.5}).sources.experiments
    assert made["quality"].item() == 0.5
    # The window's 52 weeks begin on 27 February 2023: three weeks after the test.
    assert made["age_weeks"].item() == pytest.approx(3.0)


def test_a_claim_is_conversions_at_each_markets_order_value_over_spend():
    found = claimed_returns(claims(), orders(), "revenue", KINDS).set_index("channel")
    # US: 10 orders of 50 a week for 100; Germany: 10 of 25.
    assert list(found.index) == ["search"]
    assert found.loc["search", "roas"] == pytest.approx((500 + 250) / 200)
    assert found.loc["search", "kind"] == "performance"
    # Each week claims the same: no error but the least one.
    assert found.loc["search", "standard_error"] == pytest.approx(0.01 * 3.75)
    in_orders = claimed_returns(claims(), orders(), "orders", KINDS)
    assert in_orders["roas"].item() == pytest.approx(0.1)


def test_error_of_a_claim_is_that_of_a_ratio_of_sums():
    """Against the spread of ratios when weeks are drawn again (bootstrap)."""
    rng = np.random.default_rng(2)
    weeks = pd.date_range("2022-06-06", periods=60, freq="7D")
    spend = rng.lognormal(4, 0.5, 60)
    media = pd.DataFrame({"week_start": weeks, "market": "US", "channel": "search", "spend": spend})
    media["platform_conversions"] = 0.2 * spend * rng.lognormal(0, 0.4, 60)
    found = claimed_returns(media, orders(), "orders", {})["standard_error"].item()
    picked = rng.integers(0, 60, (4000, 60))
    ratios = media["platform_conversions"].values[picked].sum(axis=1) / spend[picked].sum(axis=1)
    assert found == pytest.approx(ratios.std(), rel=0.1)


@pytest.mark.parametrize("media", [claims(platform_conversions=0.0), claims(spend=0.0), claims()[:20]])
def test_no_claim_is_no_reading(media):
    assert claimed_returns(media, orders(), "revenue", KINDS).empty


def test_an_outcome_that_platforms_do_not_count_has_no_claim():
    assert claimed_returns(claims(), orders(), "leads", KINDS).empty


@pytest.fixture(scope="module")
def tables(known_fit):
    tests = [measured(known_fit, 0.6), measured(known_fit, 0.5, test_id="t2", channel="paid_social")]
    tests.append(lift_test(test_id="both", channel="search+tv"))
    claimed = claimed_returns(claims(), orders(), "revenue", KINDS)
    return triangulation_tables(harmonise(known_fit, tests, claimed), KINDS)


def test_tables_are_those_of_the_warehouse(tables):
    with duckdb.connect() as connection:
        ensure_results(connection)
        counts = write_tables(connection, tables, key="run_id", value="known-fit-1")
        assert counts == {"triangulation": 9, "triangulation_sources": 7}
        sums = connection.execute(
            "select method, min(weight_mmm + weight_experiments + weight_attribution + prior_share), "
            "max(weight_mmm + weight_experiments + weight_attribution + prior_share) "
            "from results.triangulation group by method"
        ).fetchall()
    assert {method for method, *_ in sums} == {"hierarchical", "weighted_average", "inverse_variance"}
    assert all(low == pytest.approx(1.0) and high == pytest.approx(1.0) for _, low, high in sums)


def test_two_tested_channels_are_directional_and_say_why(tables):
    fused = tables["triangulation"].set_index(["method", "channel"])
    assert fused.loc[("hierarchical", "tv"), "verdict"] == "directional"
    assert "2 channels have an experiment beside another source" in fused.loc[("hierarchical", "tv"), "reason"]
    assert (fused.loc["inverse_variance", "reason"] == "for comparison: knows no bias of any source").all()
    # Both tests say that the model says too much; so it is taken down where nothing was tested, too.
    assert fused.loc[("hierarchical", "tv"), "bias_mmm"] > 0.2


def test_a_channel_of_a_kind_that_was_never_tested_is_directional():
    _, sources = draw_world(SCENARIOS["bias by kind, tests of one kind"], np.random.default_rng(1))
    kinds = dict(zip(CHANNELS, CHANNEL_KINDS, strict=True))
    made = triangulation_tables(Harmonised(sources, pd.DataFrame()), kinds)["triangulation"]
    fused = made[made["method"] == "hierarchical"].set_index("channel")
    tested, like_them, unlike = fused.loc["channel_00"], fused.loc["channel_04"], fused.loc["channel_07"]
    assert (tested["verdict"], like_them["verdict"], unlike["verdict"]) == ("ready", "ready", "directional")
    assert "of its own; biases learned on 4 channels" in tested["reason"]
    assert like_them["reason"].startswith("not tested; biases are those learned on channel_00")
    assert "nor was any channel of its kind (brand); biases are those of performance" in unlike["reason"]


def test_plot_shows_every_reading_and_says_who_says_too_much(tables):
    figure = plots.triangulation(tables, unit="revenue per USD of spend")
    axes = figure.axes[0]
    readings = tables["triangulation_sources"]["roas"].notna().sum()
    points = [line for line in axes.lines if line.get_marker() in ("o", "D", "s")]
    assert len(points) == readings + 3
    assert "Too few channels were tested" in figure.texts[0].get_text()
    assert {tick.get_text() for tick in axes.get_yticklabels()} == {"Search", "Paid social", "TV"}


def test_interval_of_a_reading_is_ninety_percent(tables):
    row = tables["triangulation_sources"].query("source == 'attribution'").iloc[0]
    assert row["high"] - row["low"] == pytest.approx(2 * HALF * 0.0375)
