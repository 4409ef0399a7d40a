"""Why a dbt build failed, in words: the `message` column of the stored failures of each failed test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.connection import Warehouse

_SHOWN = 5


def explain_failures(run_results: Mapping[str, Any], warehouse: Warehouse) -> str:
    """One paragraph a failed node: its name, dbt's message, and the first rows that failed.

    Args:
        run_results: dbt's `run_results.json`.
        warehouse: where dbt stored the rows that failed (`store_failures`).
    """
    failed = [result for result in run_results["results"] if result["status"] in ("fail", "error", "runtime error")]
    return "\n\n".join(_explain(result, warehouse) for result in failed) or "dbt failed before it ran a node."


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
    except duckdb.CatalogException:
        return [f"(no stored rows in {relation})"]
    if "message" in frame:
        return [str(message) for message in frame["message"]]
    return [", ".join(f"{column}={value}" for column, value in row.items()) for row in frame.to_dict("records")]
