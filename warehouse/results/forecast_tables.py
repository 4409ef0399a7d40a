"""Result tables of what a plan was expected to bring by week, and of what came."""

from __future__ import annotations

from warehouse.results.plan_tables import SCENARIO
from warehouse.results.schema import MARKET_OR_ALL, PLAN_ID, WEEK_START, Column, ResultTable, draws

_OUTCOME = "Outcome of the week: baseline, carryover of earlier spend and media; noise included"

PLAN_FORECASTS = ResultTable(
    name="plan_forecasts",
    comment="The outcome to be expected in each week of a plan, under the plan, the status quo and each what-if. "
    "Controls and organic media are taken as in the same week of the year before unless a what-if holds them.",
    key=("plan_id", "scenario", "week_start", "market"),
    columns=(
        PLAN_ID,
        SCENARIO,
        WEEK_START,
        MARKET_OR_ALL,
        Column("spend", "double", "Money of the week, all channels."),
        *draws("outcome", _OUTCOME),
        Column("outcome_sd", "double", f"{_OUTCOME}; posterior standard deviation."),
        *draws(
            "gain",
            "Outcome of the week above the status quo's forecast, carryover of the plan's earlier weeks included",
            which=("mean", "p05", "p95"),
        ),
    ),
)

FORECAST_TABLES = (PLAN_FORECASTS,)
