"""The same marts as a careful analyst writes them in pandas: checked, deduplicated, converted, in weeks.

Run as a program (`in_pandas.py <landing> <result.parquet>`), so that its memory is its own. It reads the same files
under the same rules, keeps no raw table, no quarantine and no history, and starts anew with each new day.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ZONES = {"US": "America/New_York", "DE": "Europe/Berlin"}
MARKETS = {"1700418853021177": "US", "1700418853021188": "DE"}
MARKET_OF_COUNTRY = {"US": "US", "DE": "DE"}
CHANNEL = "paid_social"
_SCIENTIFIC = r"^[0-9.]+[eE]\+?[0-9]+$"


def model_input(landing: Path) -> pd.DataFrame:
    """Rows week_start, market, role, name, value of the weeks that all feeds have delivered whole."""
    rates = read(landing, "fx/rates").set_index(["currency", "date"])["rate"]
    spend, media_days = media(landing, rates)
    outcomes, order_days = shop(landing, rates)
    weeks = complete_weeks(media_days, order_days)
    rows = [
        spend.assign(role="spend", name=CHANNEL),
        *(outcomes[["market", "date", name]].rename(columns={name: "value"}).assign(role="outcome", name=name)
          for name in ("revenue", "orders", "new_customers")),
    ]  # fmt: skip
    daily = pd.concat(rows, ignore_index=True)
    daily["week_start"] = daily["date"] - pd.to_timedelta(daily["date"].dt.dayofweek, unit="D")
    weekly = daily.groupby(["week_start", "market", "role", "name"], as_index=False)["value"].sum()
    return weekly.merge(weeks, on=["week_start", "market"])


def read(landing: Path, table: str) -> pd.DataFrame:
    """All files of a table."""
    return pd.concat([pd.read_parquet(path) for path in sorted((landing / table).glob("*.parquet"))], ignore_index=True)


def newest(frame: pd.DataFrame, key: list[str], version: str) -> pd.DataFrame:
    """One row a key: the newest version."""
    return frame.sort_values(version, kind="stable").drop_duplicates(key, keep="last")


def checked(frame: pd.DataFrame, *, ids: list[str], present: list[str], not_negative: list[str]) -> pd.DataFrame:
    """The rows that hold what a contract asks."""
    good = frame[present].notna().all(axis=1)
    for name in ids:
        good &= ~frame[name].str.match(_SCIENTIFIC).fillna(False).astype(bool)
    for name in not_negative:
        good &= ~(frame[name] < 0)
    return frame[good]


def media(landing: Path, rates: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Daily spend in the reporting currency by market, and the days that were delivered."""
    ads = read(landing, "facebook_ads/basic_ad")
    ads["date"] = pd.to_datetime(ads["date"])
    ads = checked(
        ads, ids=["ad_id", "account_id"], present=["ad_id", "date", "spend"],
        not_negative=["spend", "impressions", "inline_link_clicks"],
    )  # fmt: skip
    ads = newest(ads, ["ad_id", "date"], "_fivetran_synced")
    history = newest(read(landing, "facebook_ads/ad_history"), ["id"], "updated_time")
    ads = ads.merge(history[["id", "campaign_id"]], left_on="ad_id", right_on="id", how="left")
    ads["campaign_id"] = ads["campaign_id"].fillna("of ad " + ads["ad_id"])
    figures = ["spend", "impressions", "inline_link_clicks"]
    campaigns = ads.groupby(["account_id", "campaign_id", "date"], as_index=False)[figures].sum()
    accounts = newest(read(landing, "facebook_ads/account_history"), ["id"], "_fivetran_synced")
    campaigns = campaigns.merge(accounts[["id", "currency"]], left_on="account_id", right_on="id", how="left")
    campaigns["market"] = campaigns["account_id"].map(MARKETS)
    campaigns["value"] = campaigns["spend"] * rate(campaigns, rates)
    return campaigns.groupby(["market", "date"], as_index=False)["value"].sum(), campaigns["date"].drop_duplicates()


def shop(landing: Path, rates: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Daily revenue, orders and new customers by market, and the UTC days that were delivered."""
    orders = read(landing, "shopify/order")
    orders = checked(
        orders, ids=["id", "customer_id"], present=["id", "created_at", "currency", "total_price"],
        not_negative=["total_price"],
    )  # fmt: skip
    orders = newest(orders, ["id"], "updated_at")
    orders = orders[~orders["test"].astype(bool) & orders["cancelled_at"].isna()]
    refunds = read(landing, "shopify/refund")[["id", "order_id"]]
    lines = read(landing, "shopify/order_line_refund").merge(refunds, left_on="refund_id", right_on="id")
    back = lines.groupby("order_id")["subtotal"].sum()
    orders["net"] = orders["total_price"] - orders["id"].map(back).fillna(0)
    orders["market"] = orders["shipping_address_country_code"].map(MARKET_OF_COUNTRY)
    orders["date"] = pd.NaT
    for market, zone in ZONES.items():
        here = orders["market"] == market
        local = orders.loc[here, "processed_at"].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        orders.loc[here, "date"] = local.dt.normalize()
    orders["date"] = pd.to_datetime(orders["date"])
    orders["revenue"] = orders["net"] * rate(orders, rates)
    orders["new_customers"] = ~orders.sort_values(["processed_at", "id"]).duplicated("customer_id").reindex(
        orders.index
    )
    daily = orders.groupby(["market", "date"], as_index=False).agg(
        revenue=("revenue", "sum"), orders=("id", "size"), new_customers=("new_customers", "sum")
    )
    return daily, orders["created_at"].dt.normalize().drop_duplicates()


def rate(frame: pd.DataFrame, rates: pd.Series) -> np.ndarray:
    """The rate of each row's day and currency; 1 for the reporting currency."""
    keys = pd.MultiIndex.from_arrays([frame["currency"], frame["date"]])
    return np.where(frame["currency"] == "USD", 1.0, rates.reindex(keys).to_numpy())


def complete_weeks(media_days: pd.Series, order_days: pd.Series) -> pd.DataFrame:
    """(week_start, market) of weeks of which media and orders were delivered on all seven days."""
    delivered = {day.date() for day in media_days}, {day.date() for day in order_days}
    first = min(media_days.min(), order_days.min())
    last = max(media_days.max(), order_days.max())
    rows = []
    for monday in pd.date_range(first - pd.Timedelta(days=first.dayofweek), last, freq="7D"):
        for market, zone in ZONES.items():
            days = [monday + pd.Timedelta(days=day) for day in range(7)]
            # A local day ends on the next UTC day west of Greenwich.
            ends = [(day + pd.Timedelta(hours=23)).tz_localize(zone).tz_convert("UTC").date() for day in days]
            if all(day.date() in delivered[0] for day in days) and all(end in delivered[1] for end in ends):
                rows.append({"week_start": monday, "market": market})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    folder, result = map(Path, sys.argv[1:])
    model_input(folder).to_parquet(result)
