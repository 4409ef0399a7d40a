"""`dbt build` of a small company: every figure can be added up by hand."""

from __future__ import annotations

import pytest


def test_everything_builds_and_every_test_passes(company):
    assert company.returncode == 0, company.output[-4000:]
    assert set(company.results.values()) <= {"success", "pass", "no-op"}


def test_each_market_has_its_three_complete_weeks_and_the_trailing_one_is_left_out(company):
    weeks = company.rows("select market, count(distinct week_start) from mmm_input_weekly group by 1 order by 1")
    assert weeks == [("DE", 3), ("FR", 3), ("US", 3)]
    assert company.rows("select distinct week_start::varchar from dim_week where is_trailing") == [("2024-01-22",)]


def test_a_delivered_week_without_spend_is_zero(company):
    spend = company.rows(
        "select spend, is_complete from fct_media_weekly where market = 'US' and channel = 'search' order by week_start"
    )
    assert spend == [(70.0, True), (0.0, True), (70.0, True), (20.0, False)]


def test_euros_arrive_as_dollars(company):
    assert company.rows(
        "select distinct round(value, 6) from mmm_input_weekly where market = 'DE' and role = 'spend'"
    ) == [(77.0,)]


def test_an_hour_after_midnight_utc_belongs_to_new_yorks_sunday(company):
    tiktok = company.rows(
        "select week_start::varchar, spend from fct_media_weekly where channel = 'short_video' and spend > 0"
    )
    assert tiktok == [("2024-01-08", 7.0)]


def test_a_flight_is_spread_over_the_weeks_it_ran_in(company):
    tv = company.rows("select spend, grps from fct_media_weekly where channel = 'tv' order by week_start")
    assert tv == [(200.0, 40.0), (100.0, 20.0), (0.0, 0.0), (0.0, 0.0)]


def test_a_refund_lowers_the_week_of_its_order_and_test_orders_do_not_count(company):
    revenue = company.rows(
        "select value from fct_outcomes_weekly where market = 'US' and outcome = 'revenue' order by week_start"
    )
    assert [round(value, 6) for (value,) in revenue] == [670.0, 700.0, 700.0, 200.0]


def test_a_holiday_counts_once_and_a_monthly_figure_holds_for_the_month(company):
    controls = company.rows(
        "select control, value from fct_controls_weekly where market = 'US' order by control, week_start limit 6"
    )
    assert controls == [("consumer_confidence", 99.0)] * 4 + [("holidays", 1.0), ("holidays", 0.0)]


def test_a_weekly_file_flows_through_the_same_tables(company):
    rows = company.rows(
        "select distinct role, name, round(value, 6), unit from mmm_input_weekly where market = 'FR' order by role"
    )
    assert rows == [
        ("exposure", "mail", 3.0, "as delivered"),
        ("outcome", "revenue", 550.0, "USD"),
        ("spend", "flyers", 44.0, "USD"),
    ]
    assert company.rows("select channel_group from dim_channel where channel = 'flyers'") == [("weekly file",)]
    assert company.rows("select currency from dim_market where market = 'FR'") == [("EUR",)]


@pytest.mark.parametrize("table", ["fct_media_weekly", "fct_outcomes_weekly", "dim_week", "mmm_input_weekly"])
def test_marts_explain_themselves_in_the_database(company, table):
    comments = company.rows(
        f"select comment from duckdb_columns() where schema_name = 'main' and table_name = '{table}'"
    )
    assert comments
    assert all(comment for (comment,) in comments)
