import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.panel import Panel, PanelError

WEEKS = [dt.date(2024, 1, 1) + dt.timedelta(weeks=k) for k in range(20)]
SERIES = [("outcome", "revenue", 1000), ("spend", "search", 50), ("spend", "tv", 80), ("control", "price", 9)]


@pytest.fixture
def rows() -> pd.DataFrame:
    """20 weeks of US and DE, every value different: level + week number (+ 0.5 in DE)."""
    return pd.DataFrame(
        [
            (week, market, role, name, level + k + (0.5 if market == "DE" else 0.0))
            for market in ("US", "DE")
            for role, name, level in SERIES
            for k, week in enumerate(WEEKS)
        ],
        columns=["week_start", "market", "role", "name", "value"],
    )


def cut(rows: pd.DataFrame, **changes) -> Panel:
    asked = {"outcome": "revenue", "markets": ["US", "DE"], "channels": ["search", "tv"], "controls": ["price"]}
    return Panel.from_long(rows, **{**asked, **changes})


def refusal(rows: pd.DataFrame, **changes) -> str:
    with pytest.raises(PanelError) as caught:
        cut(rows, **changes)
    return str(caught.value)


def at(rows: pd.DataFrame, name: str, market: str = "US", week: int | None = None) -> pd.Series:
    """Rows of one series, or of one of its weeks."""
    found = (rows.name == name) & (rows.market == market)
    return found if week is None else found & (rows.week_start == WEEKS[week])


def test_values_land_at_their_labels(rows):
    panel = cut(rows.sample(frac=1, random_state=0))
    assert float(panel.dataset.outcome.sel(week="2024-01-15", market="DE")) == 1002.5
    assert float(panel.dataset.spend.sel(week="2024-01-15", market="US", channel="tv")) == 82
    assert float(panel.dataset.controls.sel(week="2024-01-08", market="DE", control="price")) == 10.5
    assert panel.dataset.spend.dims == ("week", "market", "channel")
    assert (panel.markets, panel.channels, panel.controls) == (["US", "DE"], ["search", "tv"], ["price"])
    assert (panel.outcome_name, panel.currency, len(panel.weeks)) == ("revenue", "USD", 20)


def test_a_panel_may_have_no_controls(rows):
    panel = cut(rows, controls=[])
    assert panel.controls == []
    assert panel.dataset.controls.shape == (20, 2, 0)


def test_exposure_belongs_to_its_channel(rows):
    grps = rows[rows.name == "tv"].assign(role="exposure", name="tv_grps", value=7.0)
    panel = cut(pd.concat([rows, grps]), exposures={"tv": "tv_grps"})
    assert (panel.dataset.exposure.sel(channel="tv") == 7).all()
    assert panel.dataset.exposure.sel(channel="search").isnull().all()


def test_other_series_and_markets_are_left_out(rows):
    odd = pd.DataFrame([(WEEKS[0], "FR", "outcome", "revenue", np.nan), (WEEKS[0], "US", "brand", "awareness", -1.0)])
    assert cut(pd.concat([rows, odd.set_axis(rows.columns, axis=1)])).content_hash() == cut(rows).content_hash()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": ["serch"]}, "channel 'serch' has no spend rows in mmm_input_weekly (did you mean 'search'?)"),
        ({"controls": ["prices"]}, "control 'prices' has no control rows in mmm_input_weekly (did you mean 'price'?)"),
        ({"outcome": "Revenue"}, "outcome 'Revenue' has no outcome rows in mmm_input_weekly (did you mean 'revenue'?)"),
        ({"markets": ["us"]}, "market 'us' has no rows in mmm_input_weekly (did you mean 'US'?)"),
        ({"markets": ["FR"]}, "market 'FR' has no rows in mmm_input_weekly; it has DE, US"),
    ],
)
def test_a_series_that_the_mart_lacks_is_named_with_the_nearest(rows, changes, message):
    assert message in refusal(rows, **changes)


def test_a_series_without_rows_in_one_market_is_refused(rows):
    message = refusal(rows[~at(rows, "tv", "DE")])
    assert "channel 'tv' has no rows for market 'DE'" in message
    assert "zeros" in message


def test_missing_column_is_named(rows):
    assert "lacks the column 'value'" in refusal(rows.rename(columns={"value": "values"}))
    assert "(did you mean 'values'?)" in refusal(rows.rename(columns={"value": "values"}))


def test_no_rows_at_all(rows):
    assert "has no rows" in refusal(rows.iloc[:0])


def test_weeks_missing_inside_the_range_are_listed(rows):
    gap = at(rows, "revenue", "DE", 4) | at(rows, "revenue", "DE", 5)
    message = refusal(rows[~gap])
    assert "outcome 'revenue' in market 'DE' lacks 2 of the 20 weeks" in message
    assert "2024-01-29, 2024-02-05" in message
    assert "A missing row is not a zero" in message


def test_weeks_missing_in_spend_are_not_taken_for_zero(rows):
    assert "spend 'tv' in market 'US' lacks 1 of the 20 weeks" in refusal(rows[~at(rows, "tv", "US", 7)])


def test_a_late_feed_shortens_the_panel(rows):
    late = at(rows, "tv", "DE", 18) | at(rows, "tv", "DE", 19)
    assert str(cut(rows[~late]).weeks[-1].date()) == "2024-04-29"


def test_a_feed_that_ended_long_ago_is_refused(rows):
    ended = at(rows, "tv", "DE") & (rows.week_start > WEEKS[9])
    message = refusal(rows[~ended])
    assert "spend 'tv' in market 'DE' ends 2024-03-04, 10 weeks before the outcome (2024-05-13)" in message


def test_panel_starts_where_every_market_has_an_outcome(rows):
    early = (rows.market == "DE") & (rows.week_start < WEEKS[3])
    assert str(cut(rows[~early]).weeks[0].date()) == "2024-01-22"


def test_markets_without_a_common_week_are_refused(rows):
    apart = ((rows.market == "DE") & (rows.week_start < WEEKS[10])) | (
        (rows.market == "US") & (rows.week_start >= WEEKS[10])
    )
    assert "no week of the outcome in common: 'DE' starts 2024-03-11, after 'US' ends" in refusal(rows[~apart])


@pytest.mark.parametrize(
    ("value", "message"), [(np.nan, "is missing (1 such rows)"), (np.inf, "is inf"), (None, "is missing")]
)
def test_a_missing_outcome_is_named(rows, value, message):
    rows.loc[at(rows, "revenue", "US", 3), "value"] = value
    answer = refusal(rows)
    assert "outcome 'revenue' in market 'US', week 2024-01-22," in answer
    assert message in answer


def test_negative_spend_is_named(rows):
    rows.loc[at(rows, "search", "DE", 2), "value"] = -12.5
    assert "spend 'search' in market 'DE', week 2024-01-15, is -12.50 (1 such rows)" in refusal(rows)


def test_text_in_a_number_is_named(rows):
    rows["value"] = rows["value"].astype(object)
    rows.loc[at(rows, "search", "US", 2), "value"] = "1.234,50"
    assert "value '1.234,50' of spend 'search' in market 'US', week 2024-01-15, is not a number" in refusal(rows)


def test_duplicate_key_is_named_with_both_values(rows):
    again = rows[at(rows, "tv", "US", 2)].assign(value=3.0)
    message = refusal(pd.concat([rows, again]))
    assert "spend 'tv' in market 'US', week 2024-01-15, stands 2 times in mmm_input_weekly, with 82 and 3" in message


@pytest.mark.parametrize(
    ("date", "message"),
    [("2024-01-17", "is a Wednesday; weeks start on Monday: 2024-01-15"), ("soon", "is not a date")],
)
def test_week_that_is_no_monday_is_refused(rows, date, message):
    rows["week_start"] = rows["week_start"].astype(object)
    rows.loc[at(rows, "tv", "US", 2), "week_start"] = date
    assert message in refusal(rows)


def test_channel_without_spend_is_refused(rows):
    rows.loc[rows.name == "tv", "value"] = 0.0
    assert "channel 'tv' has no spend in any market" in refusal(rows)


def test_channel_dark_in_one_market_is_accepted(rows):
    rows.loc[at(rows, "tv", "DE"), "value"] = 0.0
    assert float(cut(rows).dataset.spend.sel(market="DE", channel="tv").sum()) == 0


def test_control_without_variance_is_refused(rows):
    rows.loc[rows.name == "price", "value"] = 9.0
    assert "control 'price' has no variance: it is 9 in every week" in refusal(rows)


def test_control_constant_in_one_market_standardises_to_zero_there(rows):
    rows.loc[at(rows, "price", "DE"), "value"] = 9.0
    panel = cut(rows)
    center, scale = panel.control_scaling()
    standardised = (panel.dataset.controls - center) / scale
    assert (standardised.sel(market="DE") == 0).all()
    assert float(standardised.sel(market="US").std()) == pytest.approx(1)


def test_outcome_without_variance_is_refused(rows):
    rows.loc[at(rows, "revenue", "DE"), "value"] = 0.0
    assert "outcome 'revenue' in market 'DE' is 0 in every week" in refusal(rows)


def test_hash_ignores_the_order_of_rows_and_names(rows):
    turned = cut(rows.iloc[::-1], markets=["DE", "US"], channels=["tv", "search"])
    assert turned.content_hash() == cut(rows).content_hash()


@pytest.mark.parametrize("name", ["revenue", "tv", "price"])
def test_hash_changes_with_any_value(rows, name):
    before = cut(rows).content_hash()
    rows.loc[at(rows, name, "DE", 6), "value"] += 0.01
    assert cut(rows).content_hash() != before


def test_long_rows_make_the_same_panel_again(rows):
    panel = cut(rows)
    assert cut(panel.to_long()).content_hash() == panel.content_hash()


def test_windows_are_positions_of_the_last_weeks(rows):
    panel = cut(rows)
    assert panel.window("all") == slice(0, 20)
    assert str(panel.weeks[panel.window("last_13_weeks")][0].date()) == "2024-02-19"
    assert panel.window("last_52_weeks") == slice(0, 20)
    with pytest.raises(PanelError, match=r"unknown window 'last_52_week' \(did you mean 'last_52_weeks'\?\)"):
        panel.window("last_52_week")


def test_a_dataset_of_the_wrong_form_is_refused(rows):
    dataset = cut(rows).dataset
    with pytest.raises(PanelError, match="needs the variable spend"):
        Panel(dataset.drop_vars("spend"))
    with pytest.raises(PanelError, match="without gap or repetition; they do not after 2024-01-08"):
        Panel(dataset.isel(week=[0, 1, 3]))
    with pytest.raises(PanelError, match="2024-01-02 does not"):
        Panel(dataset.assign_coords(week=dataset.week + np.timedelta64(1, "D")))
    with pytest.raises(PanelError, match="at least one week"):
        Panel(dataset.isel(week=slice(0, 0)))


def test_panel_orders_dimensions_by_name(rows):
    dataset = cut(rows).dataset
    turned = Panel(dataset.transpose("channel", "control", "market", "week"))
    assert turned.dataset.spend.dims == ("week", "market", "channel")
    xr.testing.assert_identical(turned.dataset, dataset)


def with_series(rows: pd.DataFrame, **series: float | list[float]) -> pd.DataFrame:
    """The rows and controls of these names, the same in both markets."""
    more = [
        pd.DataFrame({"week_start": WEEKS, "market": market, "role": "control", "name": name, "value": values})
        for name, values in series.items()
        for market in ("US", "DE")
    ]
    return pd.concat([rows, *more], ignore_index=True)


def test_what_acts_in_place_of_money_stands_beside_it(rows):
    given = with_series(rows, mails=3.0, grps=np.arange(20.0), often=np.r_[0.0, np.full(19, 2.0)], people=5.0)
    asked = {"organic": ["mails"], "volumes": {"tv": "grps"}, "frequencies": {"tv": "often"}, "population": "people"}
    panel = cut(given, **asked)
    assert panel.channels == ["search", "tv", "mails"]
    assert panel.paid == ["search", "tv"]
    assert (panel.dataset["spend"].sel(channel="mails") == 0).all()
    assert (panel.volume.sel(channel="search") == panel.dataset["spend"].sel(channel="search")).all()
    assert float(panel.volume.sel(channel="tv", market="DE", week="2024-01-22")) == 3
    assert panel.dataset["frequency"].sel(channel="search").isnull().all()
    assert panel.dataset["population"].values.tolist() == [5.0, 5.0]
    for left_out in asked:
        assert cut(given, **{name: what for name, what in asked.items() if name != left_out and name != "frequencies"})
    assert (
        cut(given, organic=["mails"]).content_hash()
        != cut(with_series(rows, mails=4.0), organic=["mails"]).content_hash()
    )


@pytest.mark.parametrize(
    ("series", "asked", "message"),
    [
        ({"mails": -1.0}, {"organic": ["mails"]}, "'mails' in market 'US', week 2024-01-01, is -1.00"),
        ({"mails": 0.0}, {"organic": ["mails"]}, "'mails', which acts for 'mails', is 0 in every week and market"),
        ({"mails": 1.0}, {"organic": ["mail"]}, "exposure 'mail' has no exposure rows"),
        ({"people": 0.0}, {"population": "people"}, "population 'people' of market 'US' is 0"),
        (
            {"grps": 9.0, "often": [1.0] * 19 + [0.0]},
            {"volumes": {"tv": "grps"}, "frequencies": {"tv": "often"}},
            "'tv' reached 9 people in market 'US', week 2024-05-13, with a frequency 'often' of 0",
        ),
    ],
)
def test_what_cannot_act_is_refused(rows, series, asked, message):
    assert message in refusal(with_series(rows, **series), **asked)
