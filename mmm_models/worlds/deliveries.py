"""Which files a world's connectors deliver, in which order, with the dirt of its spec."""

import pandas as pd

from mmm_models.worlds.dirt import deliver_by_year, delivered_twice, unsettled
from mmm_models.worlds.exports import facebook_ads, google_ads, offline, sheets, shopify, tiktok_ads
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.simulate import World

AD_PLATFORMS = {module.SOURCE: module for module in (google_ads, facebook_ads, tiktok_ads)}


def export_files(world: World) -> list[ExportFile]:
    """All files of a world, with the dirt of its spec, in the order in which they were delivered."""
    sources = {channel.source for channel in world.spec.channels}
    files: list[ExportFile] = []
    for source in AD_PLATFORMS:
        if source in sources:
            files += _ad_platform_files(world, source)
    if offline.SOURCE in sources:
        files += offline.files(world)
    return [*files, *_shopify_files(world), sheets.controls(world), sheets.rates(world), sheets.lift_tests(world)]


def _ad_platform_files(world: World, source: str) -> list[ExportFile]:
    module, dirt = AD_PLATFORMS[source], world.spec.dirt
    facts = ExportFile(source, module.FACTS, module.FACTS, module.facts(world))
    parts = deliver_by_year(
        facts,
        day=module.DAY,
        version=module.VERSION,
        measures=module.MEASURES,
        restated_days=0 if source == tiktok_ads.SOURCE else dirt.restated_days,
        seed=world.seed,
    )
    if dirt.deliver_twice and source == google_ads.SOURCE:
        parts = delivered_twice(parts, 0)
    return [*module.dimensions(world), *parts]


def _shopify_files(world: World) -> list[ExportFile]:
    orders: list[pd.DataFrame] = []
    refunds: dict[str, list[pd.DataFrame]] = {}
    for market in world.spec.markets:
        frame = shopify.orders(world, market)
        orders.append(shopify.order_table(world, market, frame))
        for table, rows in shopify.refund_tables(market, frame).items():
            refunds.setdefault(table, []).append(rows)
    everything = pd.concat(orders).sort_values(["created_at", "id"], kind="stable", ignore_index=True)
    first, update = unsettled(everything, world.spec.dirt.unsettled_orders)
    files = [shopify.shops(world)]
    for year, rows in first.groupby(first.created_at.dt.year):
        files.append(ExportFile(shopify.SOURCE, shopify.ORDER, f"order_{year}", rows, "parquet"))
    if len(update):
        files.append(ExportFile(shopify.SOURCE, shopify.ORDER, "order_updates", update, "parquet"))
    for table, frames in refunds.items():
        files.append(ExportFile(shopify.SOURCE, table, table, pd.concat(frames, ignore_index=True)))
    return files
