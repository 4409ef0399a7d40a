"""Shopify: orders in the shop's currency and UTC, whose day, however, is the shop's own.

Per shop and local day: total_price of orders that are neither test nor cancelled, less their refunds, is the
world's revenue to the cent. A refund counts in the week of its order.
"""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import cents
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import MarketSpec

SOURCE, ORDER = "shopify", "order"
REFUNDED, FULL_REFUND, CANCELLED, TEST_ORDERS = 0.05, 0.6, 0.012, 0.002
NEW_CUSTOMER = 0.55
STAFF_CUSTOMER = 1001


def orders(world: World, market: MarketSpec) -> pd.DataFrame:
    """Orders of one shop in the order they came, with columns beyond the export's: local_day, refund, refunded_at.

    `refund` is in whole cents.
    """
    rng = stream(world.seed, SOURCE, market.name)
    frame = pd.concat([_kept(world, market, rng), _set_aside(world, market, rng)], ignore_index=True)
    frame["created_at"] = _to_utc(frame.local_day, _second_of_day(len(frame), rng), market.timezone)
    frame = frame.sort_values("created_at", kind="stable", ignore_index=True)
    frame["id"] = 5_100_000_000_000 + market.shop_id % 1000 * 1_000_000_000 + np.arange(len(frame)) * 32_768
    frame["customer_id"] = _customers(frame, market, rng)
    frame["processed_at"] = frame.created_at + pd.to_timedelta(rng.integers(0, 30, len(frame)), unit="s")
    frame["refunded_at"] = _refund_times(frame, world, rng)
    return frame


def order_table(world: World, market: MarketSpec, frame: pd.DataFrame) -> pd.DataFrame:
    """The `order` export's columns from the frame of `orders`."""
    total, depth = frame.total, frame.depth.to_numpy()
    net = np.rint(total / (1 + market.tax_rate)).astype(np.int64)
    subtotal = total if market.taxes_included else net
    discounts = np.rint(subtotal * depth / (1 - depth)).astype(np.int64)
    settled = (frame.created_at + pd.Timedelta(days=3)).clip(upper=as_of(world))
    updated = frame.refunded_at.fillna(settled)
    cancelled = frame.kind == "cancelled"
    status = np.select(
        [cancelled & (frame.refund == 0), frame.refund == 0, frame.refund == total],
        ["voided", "paid", "refunded"],
        "partially_refunded",
    )
    return pd.DataFrame(
        {
            "id": frame.id,
            "taxes_included": market.taxes_included,
            "currency": market.currency,
            "subtotal_price": subtotal / 100,
            "total_tax": (total - net) / 100,
            "total_price": total / 100,
            "created_at": frame.created_at,
            "updated_at": updated,
            "processed_at": frame.processed_at,
            "cancelled_at": frame.refunded_at.fillna(frame.created_at + pd.Timedelta(minutes=50)).where(cancelled),
            "shipping_address_country_code": market.country_code,
            "customer_id": frame.customer_id,
            "financial_status": status,
            "total_discounts": discounts / 100,
            "total_line_items_price": (subtotal + discounts) / 100,
            "source_name": frame.source_name,
            "test": frame.kind == "test",
            "_fivetran_synced": _next_sync(updated),
        }
    )


def refund_tables(market: MarketSpec, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """refund, order_line_refund and order_adjustment: line subtotal + tax less adjustment amount + tax = refund.

    Part of a full refund is a shipping adjustment, which the export holds as a negative amount.
    """
    back = frame[frame.refund > 0].reset_index(drop=True)
    refund_id = back.id + 11
    shipping = np.where((back.refund == back.total) & (np.arange(len(back)) % 3 == 0), back.refund // 10, 0)
    lines = back.refund - shipping
    line_net = np.rint(lines / (1 + market.tax_rate)).astype(np.int64)
    synced = _next_sync(back.refunded_at)
    refund = pd.DataFrame(
        {
            "id": refund_id,
            "created_at": back.refunded_at,
            "processed_at": back.refunded_at,
            "note": "",
            "restock": "TRUE",
            "_fivetran_synced": synced,
            "order_id": back.id,
        }
    )
    line = pd.DataFrame(
        {
            "id": back.id + 12,
            "refund_id": refund_id,
            "restock_type": "return",
            "quantity": 1,
            "order_line_id": back.id + 1,
            "subtotal": line_net / 100,
            "total_tax": (lines - line_net) / 100,
            "_fivetran_synced": synced,
        }
    )
    adjustment = pd.DataFrame(
        {
            "id": back.id + 13,
            "order_id": back.id,
            "refund_id": refund_id,
            "amount": -shipping / 100,
            "tax_amount": 0.0,
            "kind": "shipping_refund",
            "reason": "Shipping refund",
            "_fivetran_synced": synced,
        }
    )
    return {"refund": refund, "order_line_refund": line, "order_adjustment": adjustment[shipping > 0]}


def shops(world: World) -> ExportFile:
    """One row a shop: its currency and the time zone of its reports."""
    rows = [
        {
            "id": market.shop_id,
            "name": f"{world.spec.name} {market.name}",
            "myshopify_domain": f"{world.spec.name}-{market.name.lower()}.example".replace("_", "-"),
            "country_code": market.country_code,
            "currency": market.currency,
            "iana_timezone": market.timezone,
            "taxes_included": str(market.taxes_included).upper(),
            "plan_name": "shopify_plus",
            "_fivetran_deleted": "FALSE",
            "_fivetran_synced": pd.Timestamp(world.spec.start) - pd.Timedelta(days=3, hours=-6),
        }
        for market in world.spec.markets
    ]
    return ExportFile(SOURCE, "shop", "shop", pd.DataFrame(rows))


def as_of(world: World) -> pd.Timestamp:
    """When the last sync ran (UTC): the morning after the last day."""
    return pd.Timestamp(world.spec.end) + pd.Timedelta(days=1, hours=7)


def _kept(world: World, market: MarketSpec, rng: np.random.Generator) -> pd.DataFrame:
    """Orders that count; each day's first order is never refunded and takes up the day's rounding."""
    revenue = world.daily.revenue.sel(market=market.name).to_numpy()
    per_day = np.maximum(rng.poisson(revenue / market.order_value), 1)
    day = np.repeat(np.arange(len(revenue)), per_day)
    opening = np.concatenate([[0], np.cumsum(per_day)[:-1]])
    returned = np.where(rng.random(len(day)) < FULL_REFUND, 1.0, rng.uniform(0.2, 0.7, len(day)))
    returned[rng.random(len(day)) >= REFUNDED] = 0.0
    returned[opening] = 0.0
    basket = np.exp(rng.normal(0, 0.6, len(day)))
    basket[opening] = np.maximum(basket[opening], 1.0)
    scale = revenue / np.add.reduceat(basket * (1 - returned), opening)
    total = np.maximum(cents(basket * scale[day]), 1)
    refund = np.rint(total * returned).astype(np.int64)
    total[opening] += cents(revenue) - np.add.reduceat(total - refund, opening)
    return _frame(world, market, day, total, refund, "kept", rng)


def _set_aside(world: World, market: MarketSpec, rng: np.random.Generator) -> pd.DataFrame:
    """Cancelled orders, half of them voided and half refunded in full, and the shop's own test orders."""
    days = world.daily.sizes["date"]
    expected = float(world.daily.revenue.sel(market=market.name).sum()) / market.order_value
    frames = []
    for kind, share in (("cancelled", CANCELLED), ("test", TEST_ORDERS)):
        day = np.sort(rng.integers(0, days, max(2, round(share * expected))))
        total = cents(market.order_value * np.exp(rng.normal(0, 0.6, len(day))))
        refund = np.where((kind == "cancelled") & (np.arange(len(day)) % 2 == 0), total, 0)
        frames.append(_frame(world, market, day, total, refund, kind, rng))
    return pd.concat(frames, ignore_index=True)


def _frame(
    world: World,
    market: MarketSpec,
    day: np.ndarray,
    total: np.ndarray,
    refund: np.ndarray,
    kind: str,
    rng: np.random.Generator,
) -> pd.DataFrame:
    depth = np.zeros(world.daily.sizes["date"])
    if "promotion" in world.spec.controls:
        depth = world.daily.control_value.sel(market=market.name, control="promotion").to_numpy()
    sources = np.array(["web", "580111", "shopify_draft_order"])
    return pd.DataFrame(
        {
            "local_day": world.daily.date.to_numpy()[day],
            "total": total,
            "refund": refund,
            "kind": kind,
            "depth": depth[day],
            "source_name": sources[rng.choice(3, len(day), p=[0.86, 0.13, 0.01])],
        }
    )


def _second_of_day(size: int, rng: np.random.Generator) -> np.ndarray:
    """Local clock, from 05:00 to 23:40 or in the hour after midnight; never in an hour that clocks skip or repeat."""
    awake = 5 * 3600 + rng.beta(2.2, 1.6, size) * (18 * 3600 + 40 * 60)
    return np.where(rng.random(size) < 0.05, rng.uniform(0, 3590, size), awake).astype(np.int64)


def _to_utc(local_day: pd.Series, second: np.ndarray, timezone: str) -> pd.Series:
    local = pd.DatetimeIndex(local_day) + pd.to_timedelta(second, unit="s")
    return pd.Series(local.tz_localize(timezone).tz_convert("UTC").tz_localize(None))


def _customers(frame: pd.DataFrame, market: MarketSpec, rng: np.random.Generator) -> np.ndarray:
    """A customer is new at the first order that counts; who cancels, here, has no other order."""
    kept = (frame.kind == "kept").to_numpy()
    new = kept & (rng.random(len(frame)) < NEW_CUSTOMER)
    new[kept.argmax()] = True
    known = np.cumsum(new)
    number = np.where(new, known, 1 + (rng.random(len(frame)) * known).astype(np.int64))
    number = np.where(frame.kind == "cancelled", 9_000_000 + np.arange(len(frame)), number)
    ids = 7_000_000_000 + market.shop_id % 1000 * 10_000_000 + number
    return np.where(frame.kind == "test", STAFF_CUSTOMER, ids)


def _refund_times(frame: pd.DataFrame, world: World, rng: np.random.Generator) -> pd.Series:
    wait = pd.to_timedelta(rng.integers(2 * 3600, 20 * 86_400, len(frame)), unit="s")
    return (frame.created_at + wait).clip(upper=as_of(world)).where(frame.refund > 0)


def _next_sync(moment: pd.Series) -> pd.Series:
    return moment.dt.floor("6h") + pd.Timedelta(hours=6, minutes=7)
