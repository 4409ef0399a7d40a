"""Which assets no longer match what they were made from. The rule behind `mixhouse run` and the fallback schedule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

_DATA_VERSION = "dagster/data_version"
_CODE_VERSION = "dagster/code_version"
_INPUT_VERSION = "dagster/input_data_version/"


def stale_assets(
    graph: BaseAssetGraph, instance: dg.DagsterInstance, within: Iterable[dg.AssetKey]
) -> dict[dg.AssetKey, str]:
    """The assets of `within` that must be made again, each with the reason in words, upstream first.

    An asset is stale when it was never made, when its code version changed, when a blocking check on it failed (what
    stands there is not good enough to go on from), when an input's data version is not the one it was made from, or
    when an input of it is stale itself. A rebuilt input with the same content hash is not a reason. The versions are
    the tags that Dagster writes on each materialization.
    """
    wanted = set(within)
    blocked = _blocked(graph, instance)
    reasons: dict[dg.AssetKey, str] = {}
    versions: dict[dg.AssetKey, str | None] = {}

    def tags(key: dg.AssetKey) -> dict[str, str] | None:
        event = instance.get_latest_materialization_event(key)
        made = event.asset_materialization if event else None
        return None if made is None else dict(made.tags or {})

    def data_version(key: dg.AssetKey) -> str | None:
        if key not in versions:
            versions[key] = (tags(key) or {}).get(_DATA_VERSION)
        return versions[key]

    for key in graph.toposorted_asset_keys:
        if key not in wanted:
            continue
        made = tags(key)
        node = graph.get(key)
        if made is None:
            reasons[key] = "never made"
            continue
        if key in blocked:
            reasons[key] = f"its check {blocked[key]} failed"
            continue
        if node.code_version and node.code_version != made.get(_CODE_VERSION):
            reasons[key] = "its definition changed"
            continue
        for parent in sorted(node.parent_keys, key=lambda parent: parent.to_user_string()):
            recorded = made.get(_INPUT_VERSION + parent.to_user_string())
            if parent in reasons:
                reasons[key] = f"{parent.to_user_string()} is made again"
                break
            if recorded is not None and data_version(parent) not in (None, recorded):
                reasons[key] = f"{parent.to_user_string()} has new content"
                break
    return reasons


def _blocked(graph: BaseAssetGraph, instance: dg.DagsterInstance) -> dict[dg.AssetKey, str]:
    """Assets whose latest evaluation of a blocking check failed, with the check's name."""
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(graph.asset_check_keys))
    blocked = {}
    for key, record in latest.items():
        event = record.event.dagster_event if record and record.event else None
        if event is None or event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue
        found = event.asset_check_evaluation_data
        if found.blocking and not found.passed and found.severity == dg.AssetCheckSeverity.ERROR:
            blocked[key.asset_key] = key.name
    return blocked
