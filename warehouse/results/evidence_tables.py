"""Result tables of the evidence: the register of lift tests, and what each run made of each test."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET, RUN_ID, Column, ResultTable, draws

LIFT_TESTS = ResultTable(
    name="lift_tests",
    comment="Register of experiments on paid media, newest state of each; a row is what was measured, not modelled.",
    key=("test_id",),
    columns=(
        Column("test_id", "varchar", "Identifier of the experiment."),
        CHANNEL,
        MARKET,
        Column("design", "varchar", "How it was run, for example geo_holdout or conversion_lift."),
        Column("start_date", "date", "First day of changed spend."),
        Column("end_date", "date", "Last day of changed spend."),
        Column("followup_end", "date", "Last day on which the outcome was still counted."),
        Column("outcome", "varchar", "Outcome that was measured, as in fct_outcomes_weekly."),
        Column("spend_baseline", "double", "Total spend in the test window under business as usual, in money."),
        Column("spend_delta", "double", "Total change of spend in the test window, signed, in money."),
        Column("lift", "double", "Total change of the outcome over window and follow-up, in units of the outcome."),
        Column("lift_se", "double", "Standard error of the lift, in the same units."),
        Column(
            "estimand",
            "varchar",
            "'during': effect inside the window only; 'during+tail': with the carryover up to followup_end.",
        ),
        Column("status", "varchar", "'draft', 'submitted', 'approved' (may calibrate a model) or 'revoked'."),
        Column(
            "role",
            "varchar",
            "'calibrate': a term of the likelihood; 'validate': held back to check the model.",
        ),
        Column("owner", "varchar", "Who is responsible for the test."),
        Column("reviewer", "varchar", "Who approved it."),
        Column("updated_at", "timestamp", "Last change of the record (UTC)."),
    ),
)

EVIDENCE_USED = ResultTable(
    name="evidence_used",
    comment="For each run and lift test: was it used, why, and does the model agree with what was measured.",
    key=("run_id", "test_id"),
    columns=(
        RUN_ID,
        Column("test_id", "varchar", "Experiment; see results.lift_tests."),
        Column("used", "boolean", "True if the test was a term of the run's likelihood."),
        Column("reason", "varchar", "Why it was used or left out, for example not approved or too old."),
        *draws(
            "predicted_lift",
            "Lift that the model expects in the test's window, in units of the outcome",
            which=("mean", "p05", "p95"),
        ),
        Column("measured_lift", "double", "Lift that the test measured, in units of the outcome."),
        Column("measured_se", "double", "Standard error of the measured lift, in the same units."),
        Column(
            "z",
            "double",
            "(predicted - measured) in standard errors of the difference; beyond +-2 model and test are in tension.",
        ),
    ),
)

EVIDENCE_TABLES = (LIFT_TESTS, EVIDENCE_USED)
