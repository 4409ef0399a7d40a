"""Event tables are summed incrementally: after any restatement they are what a build from scratch would make."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import DbtProject, insert, loaded, write_company
from tests.dbt.three_loads import ACCOUNT, LOADS
from warehouse.connection import Warehouse
from warehouse.landing import land_source

TABLES = (
    "intermediate.int_awin__transaction_slots",
    "intermediate.int_facebook_ads__ad_days_summed",
    "intermediate.int_impact__action_slots",
    "intermediate.int_shopify__order_slots",
    "intermediate.int_shopify__first_orders",
    "intermediate.int_shopify__outcome_daily",
    "intermediate.int_ga4__session_days_summed",
    "intermediate.int_ga4__control_daily",
    "intermediate.int_hubspot__outcome_daily",
    "intermediate.int_klaviyo__event_slots",
    "intermediate.int_klaviyo__control_daily",
    "main.fct_media_weekly",
    "main.fct_outcomes_weekly",
    "main.mmm_input_weekly",
)
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")
# A day without its orders or actions, or a customer without any, stays as a row that says so.
NOT_EMPTIED = {
    "int_awin__transaction_slots": "account_id is not null",
    "int_impact__action_slots": "account_id is not null",
    "int_klaviyo__event_slots": "account_id is not null",
    "int_shopify__first_orders": "currency is not null",
    "int_shopify__order_slots": "currency is not null",
}
INCREMENTAL = (*NOT_EMPTIED, "int_facebook_ads__ad_days_summed", "int_ga4__session_days_summed")


def land(project: DbtProject, landing: Path, number: int) -> None:
    """Deliver and land one load, a day after the one before."""
    for name, text in LOADS[number].items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_text(text)
    at = datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=number)
    for source in ("shopify", "facebook_ads", "impact", "awin", "ga4", "hubspot", "klaviyo"):
        for report in land_source(Warehouse(project.database), str(landing), source, settle_seconds=0, now=at):
            assert report.is_clean, report.messages


def rounded(value: object) -> object:
    return round(value, 9) if isinstance(value, float) else value


def contents(database: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(database), read_only=True) as con:
        rows = {}
        for table in TABLES:
            _, name = table.split(".")
            stamps = "exclude (_loaded_at, _made_by)" if name in INCREMENTAL else ""
            found = con.execute(f"select * {stamps} from {table} where {NOT_EMPTIED.get(name, 'true')}").fetchall()
            # A sum of the same figures in another order differs in its last bits.
            rows[table] = sorted((tuple(rounded(value) for value in row) for row in found), key=str)
        return rows


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> DbtProject:
    project = DbtProject(tmp_path_factory.mktemp("incremental"))
    with duckdb.connect(str(project.database)) as con:
        write_company(con)
        con.execute(
            'delete from raw_shopify."order"; delete from raw_shopify.refund; delete from raw_shopify.order_line_refund'
        )
        history = {"id": "c1", "account_id": ACCOUNT, "name": "c1", "updated_time": "2023-12-01"}
        insert(con, "raw_facebook_ads.campaign_history", history)
        for source, table in (("facebook_ads", "basic_ad"), ("impact", "actions"), ("awin", "transaction")):
            insert(con, "raw_meta.loads", loaded(source, table, "2024-01-01", "2024-01-23"))
    return project


def dbt(project: DbtProject, *arguments: str) -> None:
    done = project.run(*arguments)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


@pytest.fixture(scope="module")
def states(project, tmp_path_factory) -> dict[str, dict[str, list[tuple]]]:
    """The tables after three loads, each followed by an incremental build, and after one build from scratch."""
    landing = tmp_path_factory.mktemp("landing")
    found = {}
    for number in range(len(LOADS)):
        land(project, landing, number)
        if number == 1:
            # A build that died after its first tables must not make the next one leave anything out.
            dbt(project, "run", "--select", "+int_shopify__first_orders")
        # Models alone: the tests of the data are asked at the end.
        dbt(project, *(("build", *NO_TESTS) if number == 0 else ("run",)))
        found[f"load {number}"] = contents(project.database)
    dbt(project, "build", "--full-refresh", "--exclude-resource-type", "unit_test")
    found["from scratch"] = contents(project.database)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_after_three_loads_a_table_is_what_a_build_from_scratch_makes(states, table):
    assert states["load 2"][table] == states["from scratch"][table]
    assert states["load 2"][table] != states["load 0"][table]


def outcome(state: dict[str, list[tuple]], market: str, name: str, source: str = "shopify") -> dict[str, float]:
    rows = state[f"intermediate.int_{source}__outcome_daily"]
    return {str(day): value for at, day, what, _, value in rows if (at, what) == (market, name)}


def test_each_restatement_ends_where_it_should(states):
    before, between, after = (states[f"load {number}"] for number in range(3))
    assert outcome(before, "US", "revenue") == {"2024-01-02": 100, "2024-01-03": 50}
    # Cancelled; the refund of 30 lowers the day of its order.
    assert outcome(between, "US", "revenue") == {"2024-01-03": 20, "2024-01-09": 60}
    assert outcome(after, "US", "revenue") == {"2024-01-02": 90, "2024-01-03": 10, "2024-01-09": 60}
    assert outcome(before, "US", "new_customers") == {"2024-01-02": 1}
    assert outcome(between, "US", "new_customers") == {"2024-01-03": 1}
    assert outcome(after, "US", "new_customers") == {"2024-01-02": 1}
    # 23:50 UTC is the next day in Berlin; the order then moves to the 8th, and bert has an earlier one by then.
    # The gift cards of the 6th are no revenue, until they turn out to be none.
    assert outcome(before, "DE", "revenue") == {"2024-01-05": 155, "2024-01-06": 30}
    assert outcome(between, "DE", "revenue") == {"2024-01-05": 85, "2024-01-06": 30, "2024-01-08": 70}
    assert outcome(after, "DE", "revenue") == {"2024-01-05": 85, "2024-01-06": 60, "2024-01-08": 70}
    assert outcome(before, "DE", "new_customers") == {"2024-01-05": 2}
    assert outcome(between, "DE", "new_customers") == {"2024-01-05": 1}


def test_a_running_day_a_rewritten_day_and_a_session_past_midnight_end_as_visits_of_their_day(states):
    def visits(state, series):
        rows = state["intermediate.int_ga4__control_daily"]
        return {str(day)[5:]: value for _, day, control, value in rows if control == series}

    before, between, after = (states[f"load {number}"] for number in range(3))
    assert visits(before, "organic_sessions") == {"01-04": 0, "01-08": 1}
    assert visits(between, "organic_sessions") == {"01-04": 0, "01-08": 2, "01-09": 0}
    assert visits(between, "email_sessions") == {"01-04": 0, "01-08": 0, "01-09": 1}
    # bob's session began on the 8th, with an event that names no source.
    assert visits(after, "organic_sessions") == {"01-03": 0, "01-04": 0, "01-08": 2, "01-09": 0}
    assert visits(after, "direct_sessions") == {"01-03": 0, "01-04": 0, "01-08": 1, "01-09": 0}
    assert visits(after, "email_sessions") == {"01-03": 0, "01-04": 0, "01-08": 0, "01-09": 0}
    # Nothing touches the 4th but that dan's session had begun on the 3rd.
    assert visits(between, "referral_sessions") == {"01-04": 1, "01-08": 0, "01-09": 0}
    assert visits(after, "referral_sessions") == {"01-03": 1, "01-04": 0, "01-08": 0, "01-09": 0}


def test_a_message_that_is_restated_or_deleted_and_a_metric_that_comes_late_end_where_they_should(states):
    def messages(state, series):
        rows = state["intermediate.int_klaviyo__control_daily"]
        return {str(day)[5:]: value for _, day, control, value in rows if control == series and value}

    before, between, after = (states[f"load {number}"] for number in range(3))
    # 03:00 UTC is the evening of the 2nd in New York.
    assert messages(before, "email_received") == {"01-02": 1, "01-03": 1, "01-05": 1}
    assert messages(before, "email_opened") == {}
    # The 8th still runs.
    assert messages(between, "email_received") == {"01-03": 1, "01-04": 1}
    assert messages(between, "email_opened") == {"01-05": 1}
    assert messages(after, "email_received") == {"01-04": 2, "01-08": 1}
    assert messages(after, "email_received_by_flow") == {"01-04": 1}


def test_a_deal_that_changes_moves_its_figures_and_raw_keeps_what_it_said(project, states):
    before, between, after = (states[f"load {number}"] for number in range(3))

    def figures(state):
        return [outcome(state, "US", name, "hubspot") for name in ("leads", "pipeline", "deals_won", "won_revenue")]

    assert figures(before) == [{"2024-01-08": 2}, {"2024-01-08": 140}, {"2024-01-12": 1}, {"2024-01-12": 40}]
    assert figures(between) == [{"2024-01-08": 2}, {"2024-01-08": 190}, {"2024-01-12": 1}, {"2024-01-12": 40}]
    assert figures(after) == [{"2024-01-08": 1}, {"2024-01-08": 120}, {"2024-01-19": 1}, {"2024-01-19": 120}]
    with duckdb.connect(str(project.database), read_only=True) as con:
        said = con.execute(
            "select property_amount from raw_superseded.hubspot__deal where deal_id = 'd1' order by _superseded_at"
        ).fetchall()
    assert said == [(100,), (150,)]


def test_spend_that_came_before_its_ads_history_moves_to_the_campaign(states):
    def by_campaign(state):
        rows = state["intermediate.int_facebook_ads__ad_days_summed"]
        return {(campaign, str(day)): spend for _, campaign, day, spend, *_ in rows}

    assert by_campaign(states["load 0"]) == {
        ("c1", "2024-01-02"): 5,
        ("of ad ad2", "2024-01-02"): 7,
        ("c1", "2024-01-03"): 2,
    }
    assert by_campaign(states["load 1"]) == {
        ("c1", "2024-01-02"): 12,
        ("c1", "2024-01-03"): 4,
        ("of ad ad3", "2024-01-04"): 11,
        ("c1", "2024-01-05"): 0,
        ("c1", "2024-01-09"): 3,
    }
    assert by_campaign(states["load 2"])[("c1", "2024-01-04")] == 11
    assert ("of ad ad3", "2024-01-04") not in by_campaign(states["load 2"])


def test_conversions_that_are_restated_replace_what_they_said(states):
    def claimed(state):
        rows = state["intermediate.int_facebook_ads__ad_days_summed"]
        return {str(day): (count, value) for *_, day, _, _, _, count, value in rows if count or value}

    assert claimed(states["load 0"]) == {"2024-01-02": (1, 40)}
    assert claimed(states["load 1"]) == {"2024-01-02": (3, 40), "2024-01-05": (1, None)}
    assert claimed(states["load 2"]) == {"2024-01-02": (3, 90), "2024-01-05": (1, None)}


def test_commission_moves_with_its_state_and_stays_on_the_day_of_the_sale(states):
    affiliates = [
        {
            str(week): (round(spend, 2), round(provisional, 2))
            for week, market, channel, spend, *_, provisional, _, _ in states[f"load {number}"]["main.fct_media_weekly"]
            if channel == "affiliate" and market == at and spend
        }
        for number, at in ((0, "US"), (1, "US"), (2, "US"), (0, "DE"), (1, "DE"), (2, "DE"))
    ]
    assert affiliates == [
        {"2024-01-01": (30, 30)},  # 12 + 12 + 6, all pending
        {"2024-01-01": (12, 0), "2024-01-08": (6, 6)},
        {"2024-01-01": (12, 0), "2024-01-08": (6, 6)},
        {"2024-01-01": (5.5, 5.5)},  # 4 + 1 EUR at 1.10
        {"2024-01-01": (5.5, 0)},
        {},
    ]


def test_a_table_that_other_vars_made_is_made_anew(project, states):
    both = ("run", "--select", "stg_shopify__orders+", "int_facebook_ads__ad_days_summed+")
    dbt(project, *both, "--vars", "{uncounted_order_sources: [unknown], facebook_conversion_types: [omni_purchase]}")
    made = contents(project.database)
    assert outcome(made, "US", "revenue") == {}
    conversions = [row[-2] for row in made["intermediate.int_facebook_ads__ad_days_summed"]]
    assert sum(count or 0 for count in conversions) == 1
    dbt(project, *both)
    assert contents(project.database) == states["from scratch"]


def test_a_table_that_other_sql_made_is_made_anew(project, states):
    with duckdb.connect(str(project.database)) as con:
        con.execute("update intermediate.int_shopify__order_slots set _made_by = 'older sql', total_price_local = 1")
    dbt(project, "run", "--select", "stg_shopify__orders+")
    assert contents(project.database) == states["from scratch"]
