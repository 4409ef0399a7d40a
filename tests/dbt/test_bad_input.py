"""What stops the build, and what it says: where, which value, what to do."""

from __future__ import annotations

import pytest

from tests.dbt.conftest import US, google_day, insert, loaded


def spoil(connection):
    """A campaign that no rule knows, an account without a market, a currency and a day without a rate, a hole."""
    insert(
        connection,
        "raw_google_ads.campaign_history",
        {"id": "trailer", "customer_id": US, "name": "Trailer", "updated_at": "2023-12-01"}
        | {"advertising_channel_type": "TRAVEL"},
    )
    insert(
        connection,
        "raw_google_ads.campaign_stats",
        google_day(US, "trailer", "2024-01-02", 12.5),
        google_day("999", "elsewhere", "2024-01-02", 3),
    )
    gone = {"campaign_id": "gone", "day": "2024-01-02", "cost_in_local_currency": 5}
    insert(connection, "raw_linkedin_ads.ad_analytics_by_campaign", gone)
    connection.execute("delete from raw_fx.rates where date = '2024-01-04'")
    connection.execute("update raw_controls.control_values set control = 'weather' where market = 'DE' and value = 99")
    connection.execute("delete from raw_meta.loads where source = 'google_ads'")
    insert(connection, "raw_holidays.public_holiday", {"country": "US", "date": "2024-01-15", "holiday": "King"})
    panel = {"market": "DE", "competitor": "Acme", "channel": "tv", "currency": "EUR", "spend": 31.0}
    month, week = {"date": "2024-01-01", "period": "month"}, {"date": "2024-01-29", "period": "week"}
    insert(connection, "raw_competitors.media_spend", panel | month, panel | week)
    untold = {"series_id": "ICSA", "date": "2024-01-06", "value": 203000, "realtime_start": "2024-01-11"}
    insert(connection, "raw_fred.observations", untold)
    insert(
        connection,
        "raw_meta.loads",
        loaded("google_ads", "campaign_stats", "2024-01-01", "2024-01-07", "a.csv"),
        loaded("google_ads", "campaign_stats", "2024-01-10", "2024-01-23", "b.csv"),
    )

    spoil_messages_and_surveys(connection)


def spoil_messages_and_surveys(connection):
    """Klaviyo accounts without a market, a survey of no market, rolling waves and a question that changes."""
    message = {"datetime": "2024-01-02 12:00:00", "type": "Received Email", "campaign_id": "c"}
    insert(
        connection,
        "raw_klaviyo.event",
        message | {"id": "k1"},
        message | {"id": "k2", "type": "Placed Order"},
        message | {"id": "k3", "account_id": "shop-fr"},
        message | {"id": "k4", "account_id": "retailer-us"},
    )
    figure = {"panel_provider": "Pulse", "metric": "awareness", "share": 0.4, "sample_size": 100}
    insert(
        connection,
        "raw_brand_survey.waves",
        figure | {"market": "USA", "wave_start": "2024-01-01", "wave_end": "2024-01-07"},
        figure | {"market": "US", "wave_start": "2024-01-01", "wave_end": "2024-01-08", "question": "Do you know us?"},
        figure | {"market": "US", "wave_start": "2024-01-08", "wave_end": "2024-01-14", "question": "Heard of us?"},
        figure | {"market": "DE", "wave_start": "2024-01-01", "wave_end": "2024-01-07", "question": "Do you know us?"},
        figure | {"market": "DE", "wave_start": "2024-01-08", "wave_end": "2024-01-14", "question": "Do you know us?"},
    )


@pytest.fixture(scope="module")
def spoilt(dbt, manifest, tmp_path_factory):
    """The build that stops, then everything run past the stops so that each test has its say."""
    return dbt.build(
        tmp_path_factory.mktemp("spoilt") / "mixhouse.duckdb",
        spoil,
        ["seed"],
        ["run"],
        ["test", "--select", "test_type:singular"],
    )


def test_the_build_stops_before_a_model_can_train_on_it(dbt, manifest, tmp_path):
    build = dbt.build(tmp_path / "mixhouse.duckdb", spoil, ["build", "--exclude-resource-type", "unit_test"])
    assert build.returncode != 0
    assert build.results["assert_every_account_has_a_market"] == "fail"
    assert build.results["mmm_input_weekly"] == "skipped"


def test_an_unmapped_campaign_is_in_the_mart_and_stops_what_reads_it(spoilt):
    assert spoilt.results["assert_every_campaign_has_a_channel"] == "fail"
    assert spoilt.rows(
        "select spend from fct_media_weekly where channel = 'unmapped' and market = 'US' and spend > 0"
    ) == [(12.5,)]
    (message,) = [m for m in spoilt.messages("assert_every_campaign_has_a_channel") if "Trailer" in m]
    assert "google_ads campaign trailer (Trailer)" in message
    assert "12.5" in message
    assert "dbt/seeds/map_campaigns.csv" in message


def test_an_account_without_a_market_is_named(spoilt):
    known, deleted = spoilt.messages("assert_every_account_has_a_market")
    assert "google_ads account 999" in known
    assert "Add the account to dbt/seeds/map_accounts.csv" in known
    assert "linkedin_ads account unknown (currency unknown, for example campaign gone)" in deleted
    assert "give the account `unknown` a market in dbt/seeds/map_accounts.csv" in deleted


def test_a_missing_rate_names_source_day_and_currency(spoilt):
    messages = spoilt.messages("assert_media_has_an_exchange_rate")
    assert any("no rate from EUR to USD on 2024-01-04 for 10" in message for message in messages)
    assert any("an unknown currency" in message for message in messages)
    (revenue,) = spoilt.messages("assert_outcomes_have_an_exchange_rate")
    assert "shopify: no rate from EUR to USD on 2024-01-04 for 50.00 of revenue" in revenue


def test_a_control_without_a_definition_is_named(spoilt):
    (message,) = spoilt.messages("assert_every_control_is_defined")
    assert "weather" in message
    assert "control_definitions.csv" in message


def test_messages_of_an_account_without_a_market_are_named(spoilt):
    named, unnamed = spoilt.messages("assert_every_message_has_a_market")
    assert "klaviyo: 1 messages of account shop-fr, received, opened or clicked from 2024-01-02 on" in named
    assert "Add the account to dbt/seeds/map_accounts.csv" in named
    assert "klaviyo: 1 messages of account unknown" in unnamed
    assert "add a column account_id to their exports" in unnamed
    assert "dbt/seeds/map_messages.csv" in unnamed


def test_a_survey_of_no_market_is_named(spoilt):
    assert spoilt.results["assert_every_survey_has_a_market"] == "fail"
    (message,) = spoilt.messages("assert_every_survey_has_a_market")
    assert "Surveys name market USA (1 figures from 2024-01-01 on)" in message


def test_rolling_waves_and_a_question_that_changes_are_warned_of(spoilt):
    (overlap,) = spoilt.messages("assert_survey_waves_do_not_overlap")
    assert "1 waves of awareness in US (panel Pulse) reach into the next, the first from 2024-01-01" in overlap
    (question,) = spoilt.messages("assert_survey_questions_stay_the_same")
    assert "awareness in US (panel Pulse) was asked in 2 wordings" in question


def test_no_message_is_empty(spoilt):
    failed = [name for name, status in spoilt.results.items() if status in ("fail", "warn")]
    assert len(failed) >= 5
    assert [name for name in failed if None in spoilt.messages(name)] == []


def test_a_hole_in_a_feed_is_not_a_week_without_spend(spoilt):
    assert spoilt.results["assert_no_hole_in_the_feeds"] == "warn"
    message = next(m for m in spoilt.messages("assert_no_hole_in_the_feeds") if "market US" in m)
    assert "Week of 2024-01-08" in message
    assert "media search (5 of 7 days)" in message
    weeks = spoilt.rows("select distinct week_start::varchar from mmm_input_weekly where market = 'US' order by 1")
    assert weeks == [("2024-01-01",), ("2024-01-15",)]


def test_money_is_neither_lost_nor_doubled_on_the_way(spoilt):
    kept = ("exported_spend_is_converted_once", "offline_spend_is_spread_once", "shop_orders_are_counted_once")
    assert {spoilt.results[f"assert_{what}"] for what in kept} == {"pass"}


def test_a_control_of_two_sources_is_told_by_name(spoilt):
    assert spoilt.results["assert_one_source_per_control"] == "fail"
    assert spoilt.messages("assert_one_source_per_control") == [
        "Market US: control holidays comes from controls and holidays, and would count twice. Name the one that counts "
        "in the column source of dbt/seeds/control_definitions.csv, or do without the other: "
        "`mixhouse connector disable`."
    ]


def test_a_competitors_month_beside_its_own_week_is_told_twice(spoilt):
    assert spoilt.messages("assert_competitors_are_told_once") == [
        "competitors: spend of Acme on tv in market DE is told more than once for 3 days from 2024-01-29: periods "
        "overlap. Deliver each day in one period."
    ]


def test_a_day_without_a_rate_among_those_with_one_is_named_for_competitors(spoilt):
    """Rates end on 23 January: what the panel tells of later days waits for theirs."""
    assert spoilt.messages("assert_competitors_have_an_exchange_rate") == [
        "competitors: no rate from EUR to USD on 2024-01-04 for 1.00 of spend. "
        "Deliver the rate of that day to landing/fx/rates."
    ]
    told = "select date_day::varchar from intermediate.int_competitors__control_daily order by 1"
    assert [day for (day,) in spoilt.rows(told)] == [f"2024-01-{number:02d}" for number in range(1, 24) if number != 4]


def test_a_macro_series_that_nobody_maps_is_a_warning(spoilt):
    assert spoilt.results["assert_every_series_is_mapped"] == "warn"
    assert spoilt.messages("assert_every_series_is_mapped") == [
        "fred: series ICSA (1 figures from 2024-01-06) is no market's control. "
        "Map it in dbt/seeds/map_series.csv, or deliver it no more."
    ]
