"""What failed tests of a build say: the `message` column of the rows that dbt stored for each (`store_failures`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from warehouse.connection import Warehouse

_SHOWN = 5


def explain_failures(run_results: Mapping[str, Any], warehouse: Warehouse) -> str:
    """One paragraph a failed node: its name, dbt's message, and the first rows that failed.

    Args:
        run_results: dbt's `run_results.json`.
        warehouse: where dbt stored the rows that failed.
    """
    failed = [result for result in run_results["results"] if result["status"] in ("fail", "error", "runtime error")]
    return "\n\n".join(_explain(result, warehouse) for result in failed) or "dbt failed before it ran a node."


def with_words(events: Iterable[Any], manifest: Mapping[str, Any], warehouse: Warehouse) -> Iterator[Any]:
    """The events of a build; a check that did not pass gets its sentences as description, so that the UI shows them."""
    for event in events:
        if not isinstance(event, dg.AssetCheckResult) or event.passed:
            yield event
            continue
        relation = _relation(event, manifest)
        said = _rows(relation, warehouse) if relation else []
        yield dg.AssetCheckResult(
            passed=False,
            asset_key=event.asset_key,
            check_name=event.check_name,
            severity=event.severity,
            description=" ".join(said) or None,
            metadata={**event.metadata, "messages": dg.MetadataValue.md("\n".join(f"- {line}" for line in said))},
        )


def _relation(event: dg.AssetCheckResult, manifest: Mapping[str, Any]) -> str | None:
    unique_id = event.metadata.get("unique_id")
    node = manifest["nodes"].get(unique_id.value if isinstance(unique_id, dg.MetadataValue) else unique_id)
    return node and node.get("relation_name")


def _explain(result: Mapping[str, Any], warehouse: Warehouse) -> str:
    name = result["unique_id"].split(".")[2]
    lines = [f"{name}: {result.get('message') or result['status']}"]
    relation = result.get("relation_name")
    if result["status"] == "fail" and relation:
        lines += [f"  - {row}" for row in _rows(relation, warehouse)]
    return "\n".join(lines)


def _rows(relation: str, warehouse: Warehouse) -> list[str]:
    try:
        with warehouse.read() as connection:
            frame = connection.execute(f"select * from {relation} limit {_SHOWN}").df()
            more = connection.execute(f"select count(*) from {relation}").fetchone()[0] - len(frame)
    except duckdb.CatalogException:
        return [f"(no stored rows in {relation})"]
    if "message" in frame:
        said = [str(message) for message in frame["message"]]
    else:
        said = [", ".join(f"{column}={value}" for column, value in row.items()) for row in frame.to_dict("records")]
    return said + ([f"And {more:,} more: select * from {relation}."] if more else [])
