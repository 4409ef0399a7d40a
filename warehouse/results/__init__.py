"""The schema `results`: what models, evidence and plans leave behind for analysts."""

from warehouse.results.ddl import ensure_results
from warehouse.results.registry import RESULT_TABLES
from warehouse.results.schema import Column, ResultTable
from warehouse.results.views import latest_views
from warehouse.results.write import (
    ResultsError,
    append_events,
    keep_only_fit,
    newest_states,
    upsert_by_test,
    upsert_lift_tests,
    write_tables,
)

__all__ = [
    "RESULT_TABLES",
    "Column",
    "ResultTable",
    "ResultsError",
    "append_events",
    "ensure_results",
    "keep_only_fit",
    "latest_views",
    "newest_states",
    "upsert_by_test",
    "upsert_lift_tests",
    "write_tables",
]
