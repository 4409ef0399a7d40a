"""The `results.latest_*` views: each model's champion, the newest plan made with it, its newest data checks."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.results.registry import RESULT_TABLES
from warehouse.results.schema import Column, ResultTable


@dataclass(frozen=True)
class Owner:
    """Whose rows a write replaces, and which of them `results.latest_*` shows.

    Attributes:
        key: the column that names the owner; all tables whose key starts with it belong to it.
        table: the one of these tables that says which model an owner belongs to, and when it was made.
        latest: SELECT of the newest owner of each model, from `table`.
        whose: that owner in words.
    """

    key: str
    table: str
    latest: str
    whose: str


# Names carry no catalog, so the same view works in the working and in the published file. A later owner may stand on
# the views of an earlier one.
OWNERS = (
    Owner(
        "run_id",
        "model_runs",
        """
select * from results.model_runs
where role = 'champion'
qualify row_number() over (partition by model order by created_at desc, run_id desc) = 1
""",
        "each model's champion, its newest run with that role",
    ),
    Owner(
        "plan_id",
        "plans",
        """
select rows_.* from results.plans as rows_
inner join results.latest_model_runs as champion on rows_.run_id = champion.run_id
qualify row_number() over (partition by rows_.model order by rows_.created_at desc, rows_.plan_id desc) = 1
""",
        "the newest plan of each model's champion",
    ),
    Owner(
        "snapshot_id",
        "data_checks",
        """
select * from results.data_checks
qualify dense_rank() over (partition by model order by created_at desc, snapshot_id desc) = 1
""",
        "the newest data of each model",
    ),
)

# The newest plan's weeks are still to come: of each week that has come, the newest plan that covered it is shown.
_OF_EACH_WEEK = {
    "plan_vs_actual": (
        """
select rows_.* from results.plan_vs_actual as rows_
inner join results.plans as parent on rows_.plan_id = parent.plan_id
qualify row_number() over (
    partition by rows_.model, rows_.market, rows_.week_start order by parent.created_at desc, rows_.plan_id desc
) = 1
""",
        "the newest plan that covered each week",
    )
}


@dataclass(frozen=True)
class LatestView:
    """One view with what an analyst reads about it; `columns` are those of its table, after `model`."""

    name: str
    select: str
    comment: str
    columns: tuple[Column, ...]


def latest_views() -> tuple[LatestView, ...]:
    """Every view, in an order in which each one finds the views it stands on."""
    roots = [(owner, RESULT_TABLES[owner.table]) for owner in OWNERS]
    others = [
        (owner, table)
        for owner in OWNERS
        for table in RESULT_TABLES.values()
        if table.owner_key == owner.key and table.name != owner.table
    ]
    return tuple(_view(owner, table) for owner, table in roots + others)


def _view(owner: Owner, table: ResultTable) -> LatestView:
    if table.name in _OF_EACH_WEEK:
        select, whose = _OF_EACH_WEEK[table.name]
        return LatestView(f"latest_{table.name}", select, f"Rows of {whose}. {table.comment}", table.columns)
    comment = f"Rows of {owner.whose}. {table.comment}"
    if table.name == owner.table:
        return LatestView(f"latest_{table.name}", owner.latest, comment, table.columns)
    select = (
        f"select parent.model, rows_.* from results.{table.name} as rows_ "
        f"inner join results.latest_{owner.table} as parent on rows_.{owner.key} = parent.{owner.key}"
    )
    model = RESULT_TABLES[owner.table].column("model")
    return LatestView(f"latest_{table.name}", select, comment, (model, *table.columns))
