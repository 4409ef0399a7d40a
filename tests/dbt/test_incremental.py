"""Event tables are summed incrementally: after any restatement they are what a build from scratch would make."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import DbtProject, insert, loaded, write_company
from warehouse.connection import Warehouse
from warehouse.landing import land_source

TABLES = (
    "intermediate.int_facebook_ads__ad_days_summed",
    "intermediate.int_shopify__order_slots",
    "intermediate.int_shopify__first_orders",
    "intermediate.int_shopify__outcome_daily",
    "main.fct_media_weekly",
    "main.fct_outcomes_weekly",
    "main.mmm_input_weekly",
)
# A day without its orders, or a customer without any, stays as a row that says so.
NOT_EMPTIED = {"int_shopify__order_slots": "currency is not null", "int_shopify__first_orders": "currency is not null"}
INCREMENTAL = ("int_facebook_ads__ad_days_summed", "int_shopify__order_slots", "int_shopify__first_orders")
ORDER = (
    "id,created_at,processed_at,updated_at,currency,total_price,subtotal_price,customer_id,"
    "shipping_address_country_code,cancelled_at"
)
LINE = "id,refund_id,order_line_id,quantity,subtotal,total_tax,_fivetran_synced"
HISTORY = "id,updated_time,account_id,campaign_id,ad_set_id"
AD = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced"
ACCOUNT = "1700418853021177"
# Each load is a list of files; what it changes stands beside each row.
LOADS = [
    {
        "shopify/order/1.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-02 12:00:00,USD,100,100,anna,US,
o2,2024-01-03 12:00:00,2024-01-03 12:00:00,2024-01-03 12:00:00,USD,50,50,anna,US,
o3,2024-01-04 23:50:00,2024-01-04 23:50:00,2024-01-04 23:50:00,EUR,70,70,bert,DE,
o4,2024-01-05 12:00:00,2024-01-05 12:00:00,2024-01-05 12:00:00,EUR,80,80,carl,DE,
o5,2024-01-05 12:07:00,2024-01-05 12:07:00,2024-01-05 12:07:00,EUR,5,5,,DE,
""",
        "facebook_ads/basic_ad/1.csv": f"""{AD}
ad1,2024-01-02,{ACCOUNT},10,1,5,2024-01-03
ad2,2024-01-02,{ACCOUNT},10,1,7,2024-01-03
ad1,2024-01-03,{ACCOUNT},10,1,2,2024-01-04
""",
        "facebook_ads/ad_history/1.csv": f"{HISTORY}\nad1,2023-12-01,{ACCOUNT},c1,s\n",
    },
    {
        # anna's first order is cancelled, so that o2 made her new; o3 moves to another day; o4 was bert's after all.
        "shopify/order/2.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-10 12:00:00,USD,100,100,anna,US,2024-01-10 12:00:00
o3,2024-01-04 23:50:00,2024-01-08 09:00:00,2024-01-10 12:00:00,EUR,70,70,bert,DE,
o4,2024-01-05 12:00:00,2024-01-05 12:00:00,2024-01-10 12:00:00,EUR,80,80,bert,DE,
o6,2024-01-09 12:00:00,2024-01-09 12:00:00,2024-01-09 12:00:00,USD,60,60,anna,US,
""",
        "shopify/refund/2.csv": "id,order_id,created_at,_fivetran_synced\nr,o2,2024-01-10 08:00:00,2024-01-11\n",
        "shopify/order_line_refund/2.csv": f"{LINE}\nl,r,x,1,28,2,2024-01-11\n",
        # A day is restated, and the history of ad2 arrives after its spend.
        "facebook_ads/basic_ad/2.csv": f"""{AD}
ad1,2024-01-03,{ACCOUNT},20,2,4,2024-01-06
ad1,2024-01-09,{ACCOUNT},1,1,3,2024-01-10
""",
        "facebook_ads/ad_history/2.csv": f"{HISTORY}\nad2,2023-12-01,{ACCOUNT},c1,s\n",
    },
    {
        # A refund's second line comes later than the refund; the cancelled order is taken back.
        "shopify/order_line_refund/3.csv": f"{LINE}\nm,r,y,1,10,0,2024-01-12\n",
        "shopify/order/3.csv": f"""{ORDER}
o1,2024-01-02 12:00:00,2024-01-02 12:00:00,2024-01-12 12:00:00,USD,90,90,anna,US,
""",
    },
]


def land(project: DbtProject, landing: Path, number: int) -> None:
    """Deliver and land one load, a day after the one before."""
    for name, text in LOADS[number].items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_text(text)
    at = datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=number)
    for source in ("shopify", "facebook_ads"):
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
        insert(con, "raw_meta.loads", loaded("facebook_ads", "basic_ad", "2024-01-01", "2024-01-23"))
    return project


def build(project: DbtProject, *arguments: str) -> None:
    """Build the marts with their tests, as a load does."""
    done = project.run("build", "--exclude-resource-type", "unit_test", *arguments)
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
            assert project.run("run", "--select", "+int_shopify__first_orders").returncode == 0
        build(project)
        found[f"load {number}"] = contents(project.database)
    build(project, "--full-refresh")
    found["from scratch"] = contents(project.database)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_after_three_loads_a_table_is_what_a_build_from_scratch_makes(states, table):
    assert states["load 2"][table] == states["from scratch"][table]
    assert states["load 2"][table] != states["load 0"][table]


def outcome(state: dict[str, list[tuple]], market: str, name: str) -> dict[str, float]:
    rows = state["intermediate.int_shopify__outcome_daily"]
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
    assert outcome(before, "DE", "revenue") == {"2024-01-05": 155}
    assert outcome(between, "DE", "revenue") == {"2024-01-05": 85, "2024-01-08": 70}
    assert outcome(before, "DE", "new_customers") == {"2024-01-05": 2}
    assert outcome(between, "DE", "new_customers") == {"2024-01-05": 1}


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
        ("c1", "2024-01-09"): 3,
    }


def test_a_table_that_other_sql_made_is_made_anew(project, states):
    with duckdb.connect(str(project.database)) as con:
        con.execute("update intermediate.int_shopify__order_slots set _made_by = 'older sql', total_price_local = 1")
    build(project)
    assert contents(project.database) == states["from scratch"]
