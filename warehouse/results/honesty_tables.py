"""Result tables of what a budget plan does not say by itself: limits and prices, other budgets, plans as good."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET, PLAN_ID, Column, ResultTable, draws

_OBJECTIVE = "in units of the objective"
_GAIN = "Outcome above the status quo's, on draws that did not choose the plan, in units of the outcome"

HONESTY_COLUMNS = (
    Column("spend", "double", "Money that the plan spends over the horizon."),
    Column(
        "unspent",
        "double",
        "Money of the budget that the plan leaves: more would bring less than it costs, or limits take no more.",
    ),
    *draws(
        "shadow_price",
        "What one more unit of money over the horizon would add to the objective, spent as the best plan would spend "
        "it; for outcome this is the plan's marginal return. NULL where no line can take it, and for a target",
        which=("mean", "p05", "p95"),
    ),
    Column(
        "outside_support_share",
        "double",
        "Share (0-1) of the planned money that lies outside the range of adstocked spend in the data.",
    ),
    Column(
        "indifferent_share",
        "double",
        "Share (0-1) of the planned money that some plan spends on other lines while it loses at most 1 % of the "
        "objective. Above 0.1 plans of nearly the same worth differ widely; see plan_allocations.",
    ),
    Column(
        "curse_estimate",
        "double",
        "Outcome by which the claim of a plan that is chosen on so many draws is too high on average (the optimiser's "
        "curse), cross-fitted over halves of the draws.",
    ),
    Column("curse_se", "double", "Standard error of curse_estimate."),
)

PLAN_ALLOCATIONS = ResultTable(
    name="plan_allocations",
    comment="Where the plan's money goes, a line a row, beside now and beside other plans that are nearly as good. "
    "Money a week, the mean over the horizon.",
    key=("plan_id", "market", "channel"),
    columns=(
        PLAN_ID,
        MARKET,
        CHANNEL,
        Column("level_status_quo", "double", "Money a week as the last weeks spent."),
        Column("level", "double", "Money a week under the plan."),
        Column(
            "level_lowest",
            "double",
            "Lowest money a week in any plan that loses at most 1 % of the objective (choosing draws).",
        ),
        Column("level_highest", "double", "Highest money a week in any such plan."),
        Column(
            "level_least_change",
            "double",
            "Money a week in the plan of them that changes least against now (sum of absolute changes).",
        ),
        Column("outside_share", "double", "Share (0-1) of the line's planned money outside observed support."),
        Column(
            "extrapolation",
            "double",
            "Adstocked spend in the plan's hardest week over that in the data's; above 1 the curve is taken on trust. "
            "NULL where the data have no spend.",
        ),
        Column(
            "observed_max",
            "double",
            "Greatest adstocked spend of a week in the data: the money that, spent every week, presses as hard.",
        ),
        Column("laydown", "varchar", "How the plan lays the line's money over the weeks."),
        Column("pulses", "varchar", "Pulses that are held against even spend: the plan's own, or the best."),
        Column(
            "prob_s_shaped",
            "double",
            "Share (0-1) of draws in which the response is S-shaped (slope above 1): only there can pulses pay.",
        ),
        *draws(
            "pulsing_gain",
            "Outcome of these pulses less that of the same money spread evenly, in units of the outcome",
            which=("mean", "p05", "p95"),
        ),
        Column("prob_pulsing_gain", "double", "Share (0-1) of draws in which the pulses bring more."),
        Column(
            "pulsing_verdict",
            "varchar",
            "finding: they bring more in nine draws of ten; habit: in one of ten at most; open: neither.",
            allowed=("finding", "habit", "open"),
        ),
    ),
)

PLAN_CONSTRAINTS = ResultTable(
    name="plan_constraints",
    comment="What limits the plan: all rows that tie lines together, and the bounds that hold a line; which bind, and "
    "what easing them is worth.",
    key=("plan_id", "constraint_name"),
    columns=(
        PLAN_ID,
        Column("constraint_name", "varchar", "The limit as a person would say it."),
        Column(
            "kind",
            "varchar",
            "budget, market budget, group, ratio, week, target, return min, cost max, risk, need; of a line most, "
            "least, fixed, lot, rest.",
        ),
        Column("spec_key", "varchar", "Where it stands in the model's YAML."),
        Column("limit_value", "double", "The limit, in `unit`; 0 where it is a share, a ratio or a least return."),
        Column(
            "value",
            "double",
            "What the plan has, in `unit`; of a share, a ratio or a least return how far it lies above that, of a need "
            "what the other channel spends.",
        ),
        Column("unit", "varchar", "'money over the horizon', 'money a week' or 'outcome'."),
        Column("binds", "boolean", "True if it holds the plan: moving the limit moves the plan."),
        Column(
            "shadow_price",
            "double",
            f"What easing the limit is worth, {_OBJECTIVE}: for each unit of money over the horizon, or of outcome "
            "where that is the unit; on choosing draws. 0 where it does not bind, NULL where no such figure exists.",
        ),
    ),
)

PLAN_FRONTIER = ResultTable(
    name="plan_frontier",
    comment="The best plan for each budget within the plan's limits, chosen in the mean and valued on draws that did "
    "not choose it.",
    key=("plan_id", "point"),
    columns=(
        PLAN_ID,
        Column("point", "integer", "Number of the budget, ascending from 1."),
        Column("budget", "double", "Money over the horizon, all of it spent."),
        *draws("value", "Outcome that the money causes, carryover included", which=("mean", "p05", "p95")),
        *draws("gain", _GAIN, which=("mean", "p05", "p95")),
        Column(
            "gain_cvar",
            "double",
            "Mean of the worst of these gains, the tenth unless risk_level says otherwise; in units of the outcome.",
        ),
        Column(
            "marginal_return",
            "double",
            "Outcome for one more unit of money, between the neighbouring budgets; NULL where there is only one.",
        ),
        Column("is_plan", "boolean", "True at the plan itself."),
    ),
)

HONESTY_TABLES = (PLAN_ALLOCATIONS, PLAN_CONSTRAINTS, PLAN_FRONTIER)
