"""Result tables of the evidence: what each run made of each lift test."""

from __future__ import annotations

from warehouse.results.schema import RUN_ID, Column, ResultTable, draws

_INTERVAL = ("mean", "p05", "p95")

EVIDENCE_USED = ResultTable(
    name="evidence_used",
    comment="For each run and lift test: was it used, why, and does the model agree with what was measured.",
    key=("run_id", "test_id"),
    columns=(
        RUN_ID,
        Column("test_id", "varchar", "Experiment; see results.lift_tests."),
        Column("used", "boolean", "True if the test was a term of the run's likelihood."),
        Column("reason", "varchar", "Why it was used or left out, for example not approved or too old."),
        Column(
            "verdict",
            "varchar",
            "'agrees'; 'review': tension beyond 2; 'conflict': beyond 3; 'blocked': beyond 3, waits for a person; "
            "'unknown': the model says nothing about it, or it has not been read out.",
            allowed=("agrees", "review", "conflict", "blocked", "unknown"),
        ),
        Column("quality", "double", "Quality of the design; the variance of the reading is divided by it."),
        Column("in_data", "varchar", "How the test stands to the outcome of the data, and what follows."),
        *draws(
            "predicted_lift",
            "Lift that the model expects in the test's window, in units of the outcome",
            which=_INTERVAL,
        ),
        Column("measured_lift", "double", "Lift that the test measured, in units of the outcome."),
        Column("measured_se", "double", "Standard error of the measured lift, in the same units."),
        Column(
            "z",
            "double",
            "(predicted - measured) in standard errors of the difference; beyond +-2 model and test are in tension.",
        ),
        Column(
            "expected_lift", "double", "Lift that the model expects which has not seen the test; see compared_with."
        ),
        Column(
            "tension",
            "double",
            "(measured - expected) in standard deviations of the two, with the design's quality, scatter and age.",
        ),
        Column(
            "compared_with",
            "varchar",
            "Which model expected_lift is of: this run where it has not seen the test; otherwise the model without it, "
            "by weighing this run's draws ('reweighted', 'unreliable' where k_hat is 0.7 or more) or 'refitted'.",
        ),
        Column("k_hat", "double", "Shape of the tail of the weights of draws; from 0.7 on they cannot be trusted."),
        *draws("roas_without", "Return of the tested channels in the test's market without it", which=_INTERVAL),
        *draws(
            "roas_with",
            "The same with the test; null where no fit has it",
            which=_INTERVAL,
        ),
    ),
)

EVIDENCE_TABLES = (EVIDENCE_USED,)
