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

_AS_SPENT = "Outcome that the plan's fit expects of the week for what was spent, with controls as they were"


def _scores(suffix: str, what: str) -> tuple[Column, ...]:
    return (
        Column(f"inside_interval{suffix}", "boolean", f"Does the outcome lie within the 90 % interval of {what}?"),
        Column(f"error{suffix}", "double", f"Outcome minus the mean of {what}, in units of the outcome."),
        Column(f"error_in_sd{suffix}", "double", f"The same in standard deviations of {what}."),
        Column(
            f"crps{suffix}",
            "double",
            f"Continuous ranked probability score of {what}, taken as normal, in units of the outcome; less is better.",
        ),
    )


PLAN_VS_ACTUAL = ResultTable(
    name="plan_vs_actual",
    comment="Weeks of a plan that have come: what was planned and expected beside what was spent and what came. A "
    "plan's rows are made anew with new data until they stand still.",
    key=("plan_id", "week_start", "market"),
    columns=(
        PLAN_ID,
        WEEK_START,
        MARKET_OR_ALL,
        Column("model", "varchar", "Model the plan was made with."),
        Column("as_of_week", "date", "Monday of the last week of the data that the figures are from."),
        Column("spend_planned", "double", "Money that was planned for the week, all channels."),
        Column("spend_actual", "double", "Money that was spent, all channels of the model."),
        *draws("outcome_forecast", "Outcome that the plan expected of the week, noise included"),
        Column("outcome_forecast_sd", "double", "Its posterior standard deviation."),
        Column("outcome_actual", "double", "Outcome of the week."),
        *_scores("", "the plan's forecast"),
        *draws("outcome_as_spent", _AS_SPENT),
        Column("outcome_as_spent_sd", "double", "Its posterior standard deviation."),
        *_scores("_as_spent", "what the fit expects for what was spent"),
        Column("as_spent_note", "varchar", "Why the plan's fit could not be asked; else empty."),
    ),
)

FORECAST_TABLES = (PLAN_FORECASTS, PLAN_VS_ACTUAL)
