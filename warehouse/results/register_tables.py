"""Result tables of the register: every experiment as it stands, and every event that brought it there."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET, Column, ResultTable

STATES = ("draft", "submitted", "approved", "expired", "superseded", "revoked")

LIFT_TESTS = ResultTable(
    name="lift_tests",
    comment="Register of experiments on paid media, newest record of each, with its state; a row is what was measured, "
    "not modelled. Money and outcome are totals of the treated units.",
    key=("test_id",),
    columns=(
        Column("test_id", "varchar", "Identifier of the experiment."),
        Column(CHANNEL.name, "varchar", f"{CHANNEL.comment} Several tested together are joined by '+'."),
        MARKET,
        Column("design", "varchar", "How it was run, as the sheet says, for example geo lift or go-dark."),
        Column(
            "design_family",
            "varchar",
            "What the design counts as: geo_lift, go_dark, heavy_up, conversion_lift or switchback.",
        ),
        Column("units", "varchar", "Treated regions or audiences."),
        Column("unit_share", "double", "Share of the market that the treated units are; 1 is the whole market."),
        Column("start_date", "date", "First day of changed spend."),
        Column("end_date", "date", "Last day of changed spend."),
        Column("followup_end", "date", "Last day on which the outcome was still counted."),
        Column("outcome", "varchar", "Outcome that was measured, as in fct_outcomes_weekly."),
        Column("spend_baseline", "double", "Total spend in the test window under business as usual, in money."),
        Column("spend_delta", "double", "Total change of spend in the test window, signed, in money."),
        Column("spend_delta_planned", "double", "Change of spend that was planned, in money; NULL if not recorded."),
        Column("lift", "double", "Total change of the outcome over window and follow-up, in units of the outcome."),
        Column("lift_se", "double", "Standard error of the lift, in the same units."),
        Column("lift_low", "double", "Lower end of the interval that was reported, in units of the outcome."),
        Column("lift_high", "double", "Upper end of the interval that was reported, in units of the outcome."),
        Column("interval_level", "double", "Level of that interval, for example 0.90."),
        Column(
            "estimand",
            "varchar",
            "'during': effect inside the window only; 'during+tail': with the carryover up to followup_end.",
        ),
        Column(
            "spend_path", "varchar", "Spend by periods of the window, a list as JSON; NULL if only totals are known."
        ),
        Column("readouts", "varchar", "Lift by week or arm, a list as JSON; NULL if only the total is known."),
        Column("covariance", "varchar", "Covariance of the readouts, in their order, as JSON."),
        Column("arms", "varchar", "Groups of treated units with changes of their own, a list as JSON."),
        Column("burn_in_days", "integer", "Days at the start of a switchback's blocks that are not counted."),
        Column(
            "in_outcome",
            "boolean",
            "True if the test's own weeks and units are part of the outcome that models explain; NULL: unknown.",
        ),
        Column("estimator", "varchar", "How the lift was estimated."),
        Column("estimator_version", "varchar", "Version of the estimator."),
        Column("pre_registration", "varchar", "Where design and analysis were written down before the test."),
        Column("data_hash", "varchar", "sha256 of the data that were read out."),
        Column("randomised", "boolean", "True if chance decided who was treated; NULL: unknown."),
        Column("pre_fit_error", "double", "Error of the comparison before the test, as a share of the outcome."),
        Column("power", "double", "Power at the effect that was expected, 0 to 1."),
        Column("contamination", "double", "Share of the controls that saw the change, too."),
        Column("comparisons", "integer", "Outcomes and cuts that were looked at."),
        Column("supersedes", "varchar", "Experiment that this one replaces once it is approved."),
        Column("expires", "date", "Last day on which models may use it; NULL: the model's policy alone says."),
        Column("status", "varchar", "Status in the sheet; decisions, expiry and replacement may say more: see state."),
        Column(
            "role",
            "varchar",
            "'calibrate': a term of the likelihood; 'validate': held back to check the model. The role of the first "
            "read-out stands.",
        ),
        Column("owner", "varchar", "Who is responsible for the test."),
        Column("reviewer", "varchar", "Who approved it, as the sheet says."),
        Column("updated_at", "timestamp", "Last change of the record (UTC)."),
        Column(
            "state",
            "varchar",
            "State on the day of writing: draft, submitted, approved (may calibrate a model), expired, superseded or "
            "revoked.",
            allowed=STATES,
        ),
        Column("state_since", "timestamp", "Since when it is in that state (UTC); NULL if the record does not say."),
        Column("state_by", "varchar", "Who brought it there."),
        Column("state_why", "varchar", "Why it is in that state, with the remedy where no model may use it."),
        Column("role_note", "varchar", "Why the role in the sheet does not count; empty where it does."),
        Column("quality", "double", "Quality of the design, above 0 and at most 1: models divide its variance by it."),
        Column("quality_why", "varchar", "What counts against the design, fact by fact, with each factor."),
        Column("record_hash", "varchar", "Hash of what was measured and how; an approval is for one hash."),
    ),
)

EVIDENCE_EVENTS = ResultTable(
    name="evidence_events",
    comment="Every change of an experiment's state and every run that used one. Rows are added and never changed.",
    key=("test_id", "recorded_at", "to_state", "run_id"),
    nullable_key=("run_id",),
    is_append_only=True,
    columns=(
        Column("test_id", "varchar", "Experiment; see results.lift_tests."),
        Column("recorded_at", "timestamp", "When the row was written (UTC); the order of events."),
        Column(
            "occurred_at", "timestamp", "When it happened (UTC): the decision, the sheet's row, the end of validity."
        ),
        Column("from_state", "varchar", "State before; NULL for the first event."),
        Column(
            "to_state",
            "varchar",
            "State after; or 'used': a run has the test in its likelihood; or 'accepted': taken in spite of tension.",
        ),
        Column("who", "varchar", "Who did it: a person, a team, or the model that used it."),
        Column("why", "varchar", "Why, in words."),
        Column("record_hash", "varchar", "Hash of the record that the event is about."),
        Column("quality", "double", "Quality of the design at that moment; for 'used', the one in the likelihood."),
        Column("run_id", "varchar", "Run that used it, see results.model_runs; NULL for a change of state."),
    ),
)

REGISTER_TABLES = (LIFT_TESTS, EVIDENCE_EVENTS)
