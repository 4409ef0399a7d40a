"""The fallback: whatever automation missed is made again once a week."""

import dagster as dg

from dagster_project.defs.connectors.assets import LANDED
from dagster_project.staleness import stale_assets


@dg.schedule(
    target=dg.AssetSelection.all(),
    # Tuesday: exports of the past week have landed and the platforms' first restatements, too.
    cron_schedule="0 6 * * 2",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every Tuesday at 06:00 UTC: land all sources and make again what no longer matches its inputs.",
)
def weekly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Lands everything; downstream of it only what is stale already. What landing changes follows by data version."""
    graph = context.repository_def.asset_graph
    stale = stale_assets(graph, context.instance, graph.materializable_asset_keys)
    return dg.RunRequest(asset_selection=sorted({*LANDED, *stale}), tags={"mixhouse/reason": "weekly refresh"})
