"""What another report of a platform says, or another row of the same one, is held against what is counted."""

import pytest

from tests.dbt.conftest import insert

REPORT = "raw_trade_desk.dimension_specific_time_and_day_report"


def tell_twice(connection):
    """Windows of one ad group agree and those of another do not; a month costs more than its days, another less."""
    for group, costs in (("agrees", (10, 10)), ("differs", (10, 70))):
        for window, cost in zip((1, 7), costs, strict=True):
            key = {"ad_group_id": group, "date_utc": "2024-01-02", "lookback_days": window, "source_entity_id": "e"}
            insert(connection, REPORT, key | {"advertiser_cost_adv_currency": cost})
    for campaign, day, cost in (("short", "2024-01-01", 3), ("short", "2024-02-10", 9), ("whole", "2024-01-31", 50)):
        row = {"campaign_id": campaign, "day": day, "cost_in_local_currency": cost}
        insert(connection, "raw_linkedin_ads.ad_analytics_by_campaign", row)
    months = (("short", "2024-01", 2), ("short", "2024-01", 4), ("whole", "2024-01", 49), ("short", "2024-02", 99))
    for number, (campaign, month, cost) in enumerate(months):
        row = {"campaign_id": campaign, "month": month, "member_country": str(number), "cost_in_local_currency": cost}
        insert(connection, "raw_linkedin_ads.monthly_ad_analytics_by_member_country", row)


@pytest.fixture(scope="module")
def told(dbt, manifest, tmp_path_factory):
    models = "stg_linkedin_ads__campaign_daily stg_linkedin_ads__member_country_monthly"
    tests = "assert_linkedin_months_hold_their_days assert_trade_desk_windows_tell_one_cost"
    return dbt.build(
        tmp_path_factory.mktemp("told") / "mixhouse.duckdb",
        tell_twice,
        ["run", "--select", *models.split()],
        ["test", "--select", *tests.split()],
    )


def test_a_whole_month_that_costs_more_than_its_days_is_named(told):
    [message] = told.messages("assert_linkedin_months_hold_their_days")
    assert "campaign short: the month of 2024-01-01 costs 6.00 by country and 3.00 by day" in message


def test_a_day_of_which_windows_tell_different_costs_is_named(told):
    [message] = told.messages("assert_trade_desk_windows_tell_one_cost")
    assert "ad group differs on 2024-01-02: 2 rows of one day tell costs from 10.0 to 70.0" in message
    assert "windows of 1 to 7 days" in message
