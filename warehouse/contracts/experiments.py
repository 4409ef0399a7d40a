"""Lift tests as the measurement team keeps them: one row a test, its newest version wins."""

from __future__ import annotations

from warehouse.contracts.base import Column, TableContract, day, figure, identifier, moment, text, words
from warehouse.contracts.checks import POSITIVE, InOrder, OneOf

SOURCE = "experiments"

LIFT_TESTS = TableContract(
    source=SOURCE,
    table="lift_tests",
    description="Measured lifts with their window, money and standard error; totals over the window.",
    columns=(
        identifier("test_id", "Test.", key=True),
        text("channel", "Channel tested, as in dim_channel.", nullable=False),
        text("market", "Market tested, as in dim_market.", nullable=False),
        text("design", "geo, holdout, switchback and so on."),
        day("start_date", "First day of the change of spend."),
        day("end_date", "Last day of the change of spend, included."),
        day("followup_end", "Last day on which the outcome was counted.", required=False, nullable=True),
        text("outcome", "Outcome counted, as in fct_outcomes_weekly.", nullable=False),
        figure(
            "spend_baseline",
            "Spend in the window under business as usual.",
            unit="reporting currency",
            nullable=False,
        ),
        figure(
            "spend_delta",
            "Change of spend in the window.",
            unit="reporting currency",
            nullable=False,
            signed=True,
        ),
        figure(
            "lift",
            "Change of the outcome over window and follow-up.",
            unit="unit of the outcome",
            nullable=False,
            signed=True,
        ),
        Column(
            "lift_se",
            "double",
            "Standard error of the lift.",
            nullable=False,
            checks=(POSITIVE,),
            unit="unit of the outcome",
        ),
        Column(
            "estimand",
            "varchar",
            "Whether the lift counts the tail after the window.",
            nullable=False,
            checks=(OneOf(("during", "during+tail"), "estimand"),),
        ),
        Column(
            "status",
            "varchar",
            "Governance state.",
            nullable=False,
            checks=(OneOf(("draft", "submitted", "approved", "revoked"), "test status"),),
        ),
        Column(
            "role",
            "varchar",
            "Whether the test calibrates models or is kept to validate them.",
            nullable=False,
            checks=(OneOf(("calibrate", "validate"), "test role"),),
        ),
        text("owner", "Team or account that answers for the test.", required=False),
        text("reviewer", "Team or account that approved it.", required=False),
        moment("updated_at", "When the row last changed, UTC.", nullable=False),
    ),
    key=("test_id",),
    version_column="updated_at",
    date_column="start_date",
    also_known=words("comment link"),
    lookback_days=3650,
    row_checks=(InOrder("start_date", "end_date"), InOrder("end_date", "followup_end")),
)

CONTRACTS = (LIFT_TESTS,)
