"""What is seen in data before a fit: each check against a regression, a hand sum or a planted fault."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.reporting.data_checks import DATA_CHECK_COLUMNS, data_checks, worst_in_words
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks import CHECKS, check_data, exposure_series, worst_first
from mmm_models.validation.data_checks.outliers import far_out, modified_z

WEEKS = 104


def noise(seed: int, weeks: int = WEEKS) -> np.ndarray:
    """Standard normal noise (week,)."""
    return np.random.default_rng(seed).standard_normal(weeks)


CALM = {name: 1000 * np.exp(0.4 * noise(seed)) for seed, name in enumerate(("search", "social", "tv"))}
OUTCOME = 50_000 + 4_000 * noise(3)


def make_panel(spend: dict, controls: dict | None = None, outcome: np.ndarray = OUTCOME, markets=("US",)) -> Panel:
    """A panel of series (week,) or (week, market), as long as its outcome."""

    def stack(series: dict) -> np.ndarray:
        columns = [np.broadcast_to(np.reshape(v, (len(outcome), -1)), (len(outcome), len(markets))) for v in series]
        return np.stack(columns, axis=-1) if columns else np.zeros((len(outcome), len(markets), 0))

    controls = controls or {}
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), np.repeat(outcome[:, None], len(markets), axis=1)),
                "spend": (("week", "market", "channel"), stack(spend.values())),
                "controls": (("week", "market", "control"), stack(controls.values())),
            },
            coords={
                "week": pd.date_range("2023-01-02", periods=len(outcome), freq="7D"),
                "market": list(markets),
                "channel": list(spend),
                "control": list(controls),
            },
            attrs={"outcome_name": "revenue", "currency": "EUR"},
        )
    )


def exposure_rows(panel: Panel, series: dict[str, np.ndarray], market: str = "US") -> pd.DataFrame:
    """Rows of `mmm_input_weekly`: the exposures given, and the spend of the panel's channels; nan is no row."""
    frames = [
        pd.DataFrame({"week_start": panel.weeks, "market": market, "role": "exposure", "name": name, "value": values})
        for name, values in series.items()
    ]
    spend = panel.to_long().query("role == 'spend'")
    return pd.concat([*frames, spend], ignore_index=True).dropna(subset="value")


def looked_at(panel: Panel, check: str, exposure: dict | None = None, **limits: float) -> dict:
    """The records of one check by series (by pair where there are two)."""
    seen = exposure_series(exposure_rows(panel, exposure or {}), panel)
    records = [r for r in check_data(panel, seen, DataChecksSpec(**limits)) if r.check == check]
    return {(r.series, r.other_series) if r.other_series else r.series: r for r in records}


def week(n: int) -> str:
    return str((pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=n)).date())


def test_a_calm_panel_passes_every_check_and_says_so():
    panel = make_panel(CALM, {"price": 100 + 3 * noise(16)})
    rows = exposure_rows(panel, {f"{name}_impressions": 200 * spend for name, spend in CALM.items()})
    records = check_data(panel, exposure_series(rows, panel))
    assert {record.check for record in records} == set(CHECKS)
    assert {record.verdict for record in records} == {"pass"}
    assert all(record.advice.startswith("US: ") and record.advice.endswith("Nothing to do.") for record in records)
    assert worst_in_words(records) == ""


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


def test_money_that_nobody_saw_is_named_with_its_weeks_and_its_sum():
    seen = CALM["tv"].copy()
    seen[10], seen[20] = 0.0, np.nan  # told as nothing, and not told
    panel = make_panel(CALM)
    record = looked_at(panel, "spend_without_exposure", {"tv_grps": seen, "search_impressions": CALM["search"]})["tv"]
    assert (record.value, record.verdict) == (2, "warn")
    lost = CALM["tv"][[10, 20]].sum()
    assert (
        f"2 weeks ({week(10)}, {week(20)}): €{lost / 1000:.2f}k, {100 * lost / CALM['tv'].sum():.0f} %" in record.advice
    )


def test_what_was_seen_without_a_cost_is_named():
    spend = CALM | {"tv": np.where(np.arange(WEEKS) == 30, 0.0, CALM["tv"])}
    record = looked_at(make_panel(spend), "exposure_without_spend", {"tv_grps": CALM["tv"]})["tv"]
    assert (record.value, record.verdict) == (1, "warn")
    assert f"tv was seen without spend in 1 week ({week(30)})" in record.advice


def test_a_week_counts_as_seen_when_any_series_of_the_channel_tells_it():
    television = np.where(np.arange(WEEKS) < 50, 80.0, 0.0)
    exposure = {"tv_grps": television, "tv_impressions": np.where(television > 0, np.nan, 9e6)}
    assert looked_at(make_panel(CALM), "spend_without_exposure", exposure)["tv"].verdict == "pass"


def test_a_channel_without_exposure_is_only_worth_knowing():
    found = looked_at(make_panel(CALM), "spend_without_exposure")
    assert {record.verdict for record in found.values()} == {"info"}
    assert np.isnan(found["tv"].value)
    assert looked_at(make_panel(CALM), "exposure_without_spend") == {}


def test_exposure_belongs_to_the_channel_with_the_longest_name_used_by_the_model_or_not():
    panel = make_panel({"search": CALM["search"], "tv": CALM["tv"]})
    rows = exposure_rows(panel, dict.fromkeys(("search_clicks", "search_brand_clicks", "radio_grps"), CALM["tv"]))
    brand = rows.iloc[[0]].assign(role="spend", name="search_brand")
    seen = exposure_series(pd.concat([rows, brand]), panel)
    assert dict(zip(seen["exposure"].values, seen["channel"].values, strict=True)) == {"search_clicks": "search"}
    both = exposure_series(rows, panel)
    assert both["exposure"].values.tolist() == ["search_brand_clicks", "search_clicks"]


def test_a_week_in_another_unit_shows_in_its_price():
    seen = 200 * CALM["search"] * np.exp(0.05 * noise(61))
    seen[40] /= 1000
    record = looked_at(make_panel(CALM), "cost_per_exposure", {"search_impressions": seen})["search"]
    assert record.verdict == "warn"
    assert f"1 week ({week(40)})" in record.advice
    usual = np.median(CALM["search"] / seen)
    assert f"{CALM['search'][40] / seen[40] / usual:.2g} times the usual" in record.advice


def test_a_price_that_is_nearly_fixed_may_move_a_little():
    seen = 200 * CALM["search"] * np.where(np.arange(WEEKS) == 40, 0.9, 1 + 0.001 * np.sin(np.arange(WEEKS)))
    assert looked_at(make_panel(CALM), "cost_per_exposure", {"search_impressions": seen})["search"].verdict == "pass"


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


SEASON = np.sin(2 * np.pi * np.arange(WEEKS) / 52)


def test_a_budget_that_follows_sales_is_severe_and_its_figure_is_that_of_the_moving_averages():
    outcome = 50_000 + 10_000 * SEASON + 500 * noise(14)
    spend = 0.1 * outcome + 100 * noise(15)
    record = looked_at(make_panel(CALM | {"tv": spend}, outcome=outcome), "mirrors_outcome")["tv"]
    means = [np.convolve(series, np.ones(13) / 13, mode="valid") for series in (spend, outcome)]
    assert record.value == pytest.approx(np.corrcoef(*means)[0, 1])
    assert record.verdict == "severe"
    share = 100 * means[0].var() / spend[6:-6].var()
    assert f"{share:.0f} % of the variance of its spend is slow" in record.advice
    assert "run a lift test on the channel" in record.advice


def test_a_mirror_with_much_weekly_variation_of_its_own_only_warns():
    outcome = 50_000 + 10_000 * SEASON
    flighted = (1.2 + SEASON) * np.where(np.arange(WEEKS) % 4 == 0, 9000.0, 0.0)
    record = looked_at(make_panel(CALM | {"tv": flighted}, outcome=outcome), "mirrors_outcome")["tv"]
    assert abs(record.value) > 0.8
    assert record.verdict == "warn"


def test_spend_that_stands_still_mirrors_nothing():
    panel = make_panel({"flat": np.full(WEEKS, 0.1), "tv": CALM["tv"]}, outcome=50_000 + 10_000 * SEASON)
    record = looked_at(panel, "mirrors_outcome")["flat"]
    assert (record.value, record.verdict) == (0, "pass")


def test_too_few_weeks_for_a_slow_movement_are_said():
    panel = make_panel({"tv": CALM["tv"][:38]}, outcome=OUTCOME[:38])
    record = looked_at(panel, "mirrors_outcome")["tv"]
    assert record.verdict == "info"
    assert "38 weeks are too few" in record.advice
    assert looked_at(panel, "mirrors_outcome", smooth_weeks=12)["tv"].verdict != "info"


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
