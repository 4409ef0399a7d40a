"""Which files a world's connectors deliver, in which order, with the dirt of its spec."""

import pandas as pd

from mmm_models.worlds.dirt import deliver_by_year, delivered_twice, hard_deleted, unsettled
from mmm_models.worlds.exports import (
    brand_survey,
    facebook_ads,
    fred,
    google_ads,
    klaviyo,
    linkedin_ads,
    microsoft_ads,
    offline,
    pinterest_ads,
    sheets,
    shopify,
    snapchat_ads,
    tiktok_ads,
)
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.simulate import World

AD_PLATFORMS = {
    module.REPORT.source: module
    for module in (google_ads, microsoft_ads, facebook_ads, pinterest_ads, linkedin_ads, tiktok_ads, snapchat_ads)
}


def export_files(world: World) -> list[ExportFile]:
    """All files of a world, with the dirt of its spec, in the order in which they were delivered."""
    files: list[ExportFile] = []
    for source in AD_PLATFORMS:
        if source in world.spec.sources:
            files += _ad_platform_files(world, source)
    if offline.SOURCE in world.spec.sources:
        files += offline.files(world)
    if klaviyo.SOURCE in world.spec.owned:
        files += klaviyo.files(world)
    if brand_survey.SOURCE in world.spec.owned:
        files.append(brand_survey.waves(world))
    outside = [
        sheets.controls(world),
        sheets.promotions(world),
        sheets.competitor_spend(world),
        fred.observations(world),
    ]
    return [*files, *_shopify_files(world), *outside, sheets.rates(world), sheets.lift_tests(world)]


def _ad_platform_files(world: World, source: str) -> list[ExportFile]:
    module, dirt = AD_PLATFORMS[source], world.spec.dirt
    dimensions = module.dimensions(world)
    if dirt.deleted_campaign and source == microsoft_ads.REPORT.source:
        dimensions = [hard_deleted(file) if file.table == "campaign_history" else file for file in dimensions]
    # TikTok stands for the connectors that wait until a day is settled.
    restated_days = 0 if source == tiktok_ads.REPORT.source else dirt.restated_days
    parts = deliver_by_year(module.REPORT, module.facts(world), restated_days=restated_days, seed=world.seed)
    if dirt.deliver_twice and source == google_ads.REPORT.source:
        parts = delivered_twice(parts, 0)
    return [*dimensions, *parts]


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
