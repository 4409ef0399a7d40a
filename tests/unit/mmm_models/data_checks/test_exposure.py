"""Money and what people saw of it: gaps and prices that were planted."""

import numpy as np
import pandas as pd

from mmm_models.validation.data_checks import exposure_series
from tests.unit.mmm_models.data_checks.panels import CALM, WEEKS, exposure_rows, looked_at, make_panel, noise, week


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
