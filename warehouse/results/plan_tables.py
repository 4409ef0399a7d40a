"""Result tables of a budget plan: its value, its lines and its alternatives."""

from __future__ import annotations

from warehouse.results.honesty_tables import HONESTY_COLUMNS, HONESTY_TABLES
from warehouse.results.schema import CHANNEL, MARKET, PLAN_ID, RUN_ID, WEEK_START, Column, ResultTable, draws

_VALUE = "Outcome that paid media bring over the horizon, carryover after its end included, in units of the outcome"
SCENARIO = Column(
    "scenario",
    "varchar",
    "'status_quo', 'plan', 'same_split' (the plan's money in today's shares, where it is another sum than now's), or a "
    "what-if of the model's planning section, such as budget_plus_20.",
)
_PROFIT = "Profit (margin x outcome - spend) above the status quo's, in money; NULL for other goals"
_GAIN = "Value minus the status quo's value, draw by draw, in units of the outcome"

PLANS = ResultTable(
    name="plans",
    comment="One row per budget plan. Value and gain are scored on posterior draws that did not choose the plan.",
    key=("plan_id",),
    columns=(
        PLAN_ID,
        RUN_ID,
        Column("model", "varchar", "Model the plan was made with."),
        Column("created_at", "timestamp", "When the plan was written (UTC)."),
        Column("horizon_start", "date", "Monday of the first planned week."),
        Column("horizon_end", "date", "Sunday of the last planned week."),
        Column("horizon_weeks", "integer", "Number of planned weeks."),
        Column("budget", "double", "Total spend over the horizon, all markets and channels, in money."),
        Column("objective", "varchar", "What the plan is to reach, in words."),
        Column("solver", "varchar", "Solver that found it."),
        *draws("value", f"{_VALUE}, under the plan"),
        Column("status_quo_value_mean", "double", f"{_VALUE}, with spend left as it is; posterior mean."),
        *draws("gain", _GAIN),
        *draws(
            "reallocation_gain",
            "Value minus that of the same money in today's shares, draw by draw, in units of the outcome: what moving "
            "money brings. Equal to gain where the plan spends as much as now",
            which=("mean", "p05", "p95"),
        ),
        *draws("profit_gain", _PROFIT),
        Column(
            "prob_gain_positive",
            "double",
            "Posterior probability (0-1) that the plan beats the status quo: in profit where that is the goal, else in "
            "outcome.",
        ),
        Column(
            "expected_regret",
            "double",
            "What is lost, on average, against knowing the true response before planning, the most that better "
            "evidence could be worth: profit where that is the goal, outcome less target x spend where it is a "
            "marginal return, else outcome. NULL for a target.",
        ),
        Column(
            "optimism",
            "double",
            "Gain claimed on the draws that chose the plan minus gain on the others (the winner's curse), "
            "in units of the outcome.",
        ),
        Column(
            "bound",
            "double",
            "Upper bound on the mean value that any plan within the limits could reach; NULL if none is known.",
        ),
        Column(
            "gap",
            "double",
            "bound / value - 1 on the draws that chose: the most a better solver could add, as a fraction. Where a "
            "measure of risk is planned by, both are gains, and the gap is a fraction of what the status quo brings.",
        ),
        *HONESTY_COLUMNS,
    ),
)

PLAN_LINES = ResultTable(
    name="plan_lines",
    comment="The budget plan, week by week: planned spend beside the status quo, what it brings, and its limits.",
    key=("plan_id", "week_start", "market", "channel"),
    columns=(
        PLAN_ID,
        WEEK_START,
        MARKET,
        CHANNEL,
        Column("spend", "double", "Planned spend of the week, in money."),
        Column("spend_status_quo", "double", "Spend of the week if nothing changed, in money."),
        *draws(
            "response",
            "Outcome that the week's planned spend causes, carryover included: the channel's total over the horizon "
            "shared by spend, in units of the outcome",
        ),
        *draws(
            "mroas",
            "Extra outcome per extra unit of money at the planned level, over the horizon",
            which=("mean", "p05", "p95"),
        ),
        Column("lower_bound", "double", "Least spend allowed a week, on average over the horizon, in money."),
        Column(
            "upper_bound",
            "double",
            "Most spend allowed a week, on average over the horizon, in money; NULL without limit.",
        ),
        Column(
            "binds", "boolean", "True if the planned spend lies on one of its limits: moving the limit moves the plan."
        ),
    ),
)

PLAN_SCENARIOS = ResultTable(
    name="plan_scenarios",
    comment="The plan beside its alternatives: status quo, and named what-ifs, all valued on the same draws.",
    key=("plan_id", "scenario"),
    columns=(
        PLAN_ID,
        SCENARIO,
        Column("budget", "double", "Money that may be spent over the horizon."),
        Column("spend", "double", "Money that is spent over the horizon; NULL where no plan keeps all limits."),
        *draws("value", _VALUE),
        *draws("gain", f"{_GAIN}, at today's prices"),
        *draws("profit_gain", _PROFIT),
        Column(
            "prob_gain_positive",
            "double",
            "Posterior probability (0-1) that it beats the status quo: in profit where that is the goal, else in "
            "outcome.",
        ),
        Column(
            "gain_cvar",
            "double",
            "Mean of the worst gains, the tenth unless the plan's risk_level says otherwise; in profit where that is "
            "the goal, else in units of the outcome.",
        ),
        Column("note", "varchar", "What had to give, or which limits clashed so that there is no plan; else empty."),
    ),
)

PLAN_SCENARIO_LINES = ResultTable(
    name="plan_scenario_lines",
    comment="What each scenario of a plan spends where, over the horizon: scenarios laid side by side.",
    key=("plan_id", "scenario", "market", "channel"),
    columns=(
        PLAN_ID,
        SCENARIO,
        MARKET,
        CHANNEL,
        Column("spend", "double", "Money over the horizon; NULL where no plan keeps all limits."),
        Column("response_mean", "double", "Outcome that it causes, carryover included; posterior mean."),
    ),
)

PLAN_TABLES = (PLANS, PLAN_LINES, PLAN_SCENARIOS, PLAN_SCENARIO_LINES, *HONESTY_TABLES)
