"""Result table of the test agenda: what to test next, and what it would be worth."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET, RUN_ID, Column, ResultTable, draws

TEST_AGENDA = ResultTable(
    name="test_agenda",
    comment=(
        "Proposed lift tests of a run, one a channel and market that the plan may move, the most valuable first. "
        "Values are outcome that a plan of horizon_weeks gains, on posterior draws that did not choose it."
    ),
    key=("run_id", "rank"),
    columns=(
        RUN_ID,
        Column("rank", "integer", "1 is the test with the largest evsi."),
        CHANNEL,
        MARKET,
        Column("design", "varchar", "'go_dark' or 'heavy_up', in regions drawn at random."),
        Column("spend_change", "double", "Change of spend in the treated regions, as a fraction; -1 is none spent."),
        Column("start_date", "date", "First day of changed spend, a Monday."),
        Column("end_date", "date", "Last day of changed spend."),
        Column("followup_end", "date", "Last day on which the outcome is to be counted: 95 % of the carryover is in."),
        Column("unit_share", "double", "Treated regions as a share of the market (0-1)."),
        Column("spend_baseline", "double", "Spend of the treated regions in the window as it is now, in money."),
        Column("spend_delta", "double", "Change of that spend by the test, signed, in money."),
        Column("outcome", "varchar", "Outcome that is measured, as in fct_outcomes_weekly."),
        *draws(
            "expected_lift",
            "Lift of the treated regions that the model expects, in units of the outcome",
            which=("mean", "p05", "p95"),
        ),
        Column("expected_se", "double", "Standard error that the lift is expected to have, in the same units."),
        Column("power", "double", "Chance that the lift is told from nothing at 5 %, over the posterior (0-1)."),
        Column("evsi", "double", "Expected value of the test: outcome that a plan gains by knowing its reading."),
        Column("evsi_error", "double", "Monte Carlo standard error of evsi; the value may lie below 0 by chance."),
        Column("evppi", "double", "Expected value of knowing the channel's response exactly: no test is worth more."),
        Column("evpi", "double", "Expected value of knowing all responses exactly; the same in all rows of a run."),
        Column(
            "cost",
            "double",
            "Outcome given up while the test runs: its money at the plan's marginal return, less the lift. Below 0 the "
            "test pays by itself.",
        ),
        Column("net_value", "double", "evsi - cost, over one plan. A result serves later plans, too."),
        Column("horizon_weeks", "integer", "Length of the plan that the values refer to."),
        Column("role", "varchar", "'calibrate' or 'validate', as in results.lift_tests: one test in five validates."),
        Column("draft_test_id", "varchar", "Name of the draft record; `mixhouse agenda MODEL --drafts` writes it."),
        Column("reason", "varchar", "Why the test stands where it stands, in words."),
    ),
)

AGENDA_TABLES = (TEST_AGENDA,)
