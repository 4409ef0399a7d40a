"""The `results.latest_*` views: each model's champion, and the newest plan made with it."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.results.registry import RESULT_TABLES
from warehouse.results.schema import Column, ResultTable

# Names carry no catalog, so the same view works in the working and in the published file.
_CHAMPIONS = """
select * from results.model_runs
where role = 'champion'
qualify row_number() over (partition by model order by created_at desc, run_id desc) = 1
"""

_NEWEST_PLANS = """
select rows_.* from results.plans as rows_
inner join results.latest_model_runs as champion on rows_.run_id = champion.run_id
qualify row_number() over (partition by rows_.model order by rows_.created_at desc, rows_.plan_id desc) = 1
"""


@dataclass(frozen=True)
class LatestView:
    """One view with what an analyst reads about it; `columns` are those of its table, after `model`."""

    name: str
    select: str
    comment: str
    columns: tuple[Column, ...]


def latest_views() -> tuple[LatestView, ...]:
    """Every view, in an order in which each one finds the views it stands on."""
    kept = [table for table in RESULT_TABLES.values() if table.owner_key in ("run_id", "plan_id")]
    roots = ("model_runs", "plans")
    kept.sort(key=lambda table: roots.index(table.name) if table.name in roots else len(roots))
    return tuple(_view(table) for table in kept)


def _view(table: ResultTable) -> LatestView:
    if table.name == "model_runs":
        return LatestView(
            "latest_model_runs",
            _CHAMPIONS,
            "The champion of each model: its newest run with that role.",
            table.columns,
        )
    if table.name == "plans":
        return LatestView(
            "latest_plans",
            _NEWEST_PLANS,
            "The newest budget plan of each model's champion.",
            table.columns,
        )
    parent, whose = {
        "run_id": ("latest_model_runs", "each model's champion"),
        "plan_id": ("latest_plans", "the newest plan of each model's champion"),
    }[table.owner_key]
    key = table.owner_key
    select = (
        f"select parent.model, rows_.* from results.{table.name} as rows_ "
        f"inner join results.{parent} as parent on rows_.{key} = parent.{key}"
    )
    model = RESULT_TABLES["model_runs"].column("model")
    return LatestView(f"latest_{table.name}", select, f"Rows of {whose}. {table.comment}", (model, *table.columns))
