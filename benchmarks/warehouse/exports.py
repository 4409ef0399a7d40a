"""Exports of a retailer of any size: Facebook by ad and day, Shopify by order, three years in monthly Parquet files.

Written by DuckDB, because the point is to read them. The same size gives the same bytes; figures are hashes of their
keys, so that any row can be worked out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_DAY, DAYS = date(2023, 1, 2), 1096
CAMPAIGNS = 2_000
# Accounts of dbt/seeds/map_accounts.csv, so that both markets are fed.
ACCOUNTS = {"US": "1700418853021177", "DE": "1700418853021188"}
CURRENCIES = {"US": "USD", "DE": "EUR"}
_DAYS_A_FILE = 31


@dataclass(frozen=True)
class Size:
    """Rows of each event table over the whole period."""

    ad_rows: int
    orders: int

    @property
    def ads(self) -> int:
        """Ads that run on each day."""
        return max(1, self.ad_rows // DAYS)

    @property
    def orders_a_day(self) -> int:
        """Orders of each day."""
        return max(1, self.orders // DAYS)


def write_history(landing: Path, size: Size) -> None:
    """Everything up to the last day: event tables in monthly files, histories, rates."""
    with duckdb.connect() as con:
        for first in range(0, DAYS, _DAYS_A_FILE):
            days = min(_DAYS_A_FILE, DAYS - first)
            write_days(con, landing, size, first, days)
        _write(con, landing, "facebook_ads/account_history/accounts", _accounts())
        _write(con, landing, "facebook_ads/campaign_history/campaigns", _campaigns())
        _write(con, landing, "facebook_ads/ad_history/ads", _ads(size))
        # A day more at both ends: the last evening in UTC is the next day in Berlin.
        _write(con, landing, "fx/rates/rates", _rates(-1, DAYS + 2))


def write_new_day(landing: Path, size: Size) -> None:
    """The day after the last one."""
    with duckdb.connect() as con:
        write_days(con, landing, size, DAYS, 1)
        _write(con, landing, "fx/rates/rates_new", _rates(DAYS + 1, 1))


def write_days(con: duckdb.DuckDBPyConnection, landing: Path, size: Size, first: int, days: int) -> None:
    """The event tables of some days, one file each."""
    name = f"{FIRST_DAY + timedelta(days=first):%Y-%m-%d}"
    _write(con, landing, f"facebook_ads/basic_ad/basic_ad_{name}", _ad_days(size, first, days))
    _write(con, landing, f"shopify/order/order_{name}", _orders(size, first, days))
    _write(con, landing, f"shopify/refund/refund_{name}", _refunds(size, first, days))
    _write(con, landing, f"shopify/order_line_refund/order_line_refund_{name}", _refund_lines(size, first, days))


def _write(con: duckdb.DuckDBPyConnection, landing: Path, name: str, query: str) -> None:
    path = landing / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy ({query}) to '{path}' (format parquet)")


def _ad_days(size: Size, first: int, days: int) -> str:
    return f"""
        select
            (6200000000000 + ad)::varchar as ad_id,
            date '{FIRST_DAY}' + ({first} + day)::integer as date,
            case when ad % 2 = 0 then '{ACCOUNTS["US"]}' else '{ACCOUNTS["DE"]}' end as account_id,
            (hash(ad, {first} + day) % 5000)::bigint as impressions,
            (hash(ad, {first} + day, 1) % 50)::bigint as inline_link_clicks,
            (hash(ad, {first} + day, 2) % 10000)::double / 100 as spend,
            (date '{FIRST_DAY}' + ({first} + day)::integer)::timestamp + interval 4 day as _fivetran_synced
        from range({days}) as days (day), range({size.ads}) as ads (ad)
    """


def _ads(size: Size) -> str:
    # Campaigns with an even number are American, as ads are, so that an ad's campaign is of its own account.
    return f"""
        select
            (6200000000000 + ad)::varchar as id,
            timestamp '{FIRST_DAY}' - interval 7 day as updated_time,
            case when ad % 2 = 0 then '{ACCOUNTS["US"]}' else '{ACCOUNTS["DE"]}' end as account_id,
            (2 * (ad // 2 % {CAMPAIGNS // 2}) + ad % 2)::varchar as campaign_id,
            '1' as ad_set_id
        from range({size.ads}) as ads (ad)
    """


def _campaigns() -> str:
    return f"""
        select
            campaign::varchar as id,
            timestamp '{FIRST_DAY}' - interval 7 day as updated_time,
            case when campaign % 2 = 0 then '{ACCOUNTS["US"]}' else '{ACCOUNTS["DE"]}' end as account_id,
            'Campaign ' || campaign as name,
            'OUTCOME_SALES' as objective
        from range({CAMPAIGNS}) as campaigns (campaign)
    """


def _accounts() -> str:
    rows = ", ".join(f"('{ACCOUNTS[market]}', '{CURRENCIES[market]}')" for market in ACCOUNTS)
    return f"""
        select id, timestamp '{FIRST_DAY}' - interval 7 day as _fivetran_synced, currency
        from (values {rows}) as accounts (id, currency)
    """


def _rates(first: int, days: int) -> str:
    return f"""
        select
            date '{FIRST_DAY}' + ({first} + day)::integer as date, 'EUR' as currency, 'USD' as reporting_currency,
            1.05 + (({first} + day) % 100)::double / 1000 as rate
        from range({days}) as days (day)
    """


def _numbered_orders(size: Size, first: int, days: int) -> str:
    return f"""
        select
            ({first} + day)::bigint * {size.orders_a_day} + number as number,
            (date '{FIRST_DAY}' + ({first} + day)::integer)::timestamp
            + to_microseconds((number::double / {size.orders_a_day} * 86399e6)::bigint) as at_utc
        from range({days}) as days (day), range({size.orders_a_day}) as numbers (number)
    """


def _orders(size: Size, first: int, days: int) -> str:
    return f"""
        select
            (5100000000000 + number * 32768)::varchar as id,
            at_utc as created_at, at_utc as processed_at, at_utc + interval 3 day as updated_at,
            null::timestamp as cancelled_at,
            hash(number, 1) % 500 = 0 as test,
            'paid' as financial_status, 'web' as source_name,
            case when number % 3 = 0 then 'EUR' else 'USD' end as currency,
            (2000 + hash(number, 2) % 30000)::double / 100 as total_price,
            (2000 + hash(number, 2) % 30000)::double / 100 as subtotal_price,
            true as taxes_included,
            -- Nine customers for twenty orders, and ever more of them.
            (7000000000 + hash(number, 3) % (1 + number * 9 // 20))::varchar as customer_id,
            case when number % 3 = 0 then 'DE' else 'US' end as shipping_address_country_code,
            at_utc + interval 3 day as _fivetran_synced
        from ({_numbered_orders(size, first, days)})
    """


def _refunds(size: Size, first: int, days: int) -> str:
    """One order in twenty gives back half of what it paid."""
    return f"""
        select
            (5100000000011 + number * 32768)::varchar as id,
            (5100000000000 + number * 32768)::varchar as order_id,
            at_utc + interval 5 day as created_at, at_utc + interval 5 day as _fivetran_synced
        from ({_numbered_orders(size, first, days)}) where number % 20 = 0
    """


def _refund_lines(size: Size, first: int, days: int) -> str:
    return f"""
        select
            (5100000000012 + number * 32768)::varchar as id,
            (5100000000011 + number * 32768)::varchar as refund_id,
            '1' as order_line_id, 1.0 as quantity,
            (2000 + hash(number, 2) % 30000)::double / 200 as subtotal,
            at_utc + interval 5 day as _fivetran_synced
        from ({_numbered_orders(size, first, days)}) where number % 20 = 0
    """
