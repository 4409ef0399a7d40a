"""Result table of the data checks: what was seen in a model's data before it was fitted."""

from __future__ import annotations

from warehouse.results.schema import MARKET, SNAPSHOT_ID, Column, ResultTable

DATA_CHECKS = ResultTable(
    name="data_checks",
    comment="What was seen in a model's data before any fit: one row a check, market and series, those that pass too.",
    key=("snapshot_id", "check_name", "market", "series", "other_series"),
    nullable_key=("series", "other_series"),
    columns=(
        SNAPSHOT_ID,
        Column("model", "varchar", "Model whose data these are, as in its YAML file."),
        Column(
            "data_hash",
            "varchar",
            "Content hash of the panel that was looked at; the same as data_hash of the runs fitted to it.",
        ),
        Column("as_of_week", "date", "Monday of the last week of the data."),
        Column("created_at", "timestamp", "When the data were looked at (UTC)."),
        Column("check_name", "varchar", "Check, for example vif, correlation, outliers; docs/models.md explains each."),
        MARKET,
        Column(
            "series",
            "varchar",
            "Channel, 'control:<name>' or 'outcome:<name>'; NULL where the check is of the market as a whole.",
        ),
        Column("other_series", "varchar", "The other series of a pair (correlation); NULL for all other checks."),
        Column("value", "double", "What was found, in the unit of the check; NULL where it could not be told."),
        Column("threshold", "double", "Limit from the model spec; beyond it is a warning."),
        Column(
            "verdict",
            "varchar",
            "'pass', 'info' (good to know, or impossible to judge), 'warn' (look at it) or 'severe' (attribution is in "
            "doubt); none blocks a fit.",
            allowed=("pass", "info", "warn", "severe"),
        ),
        Column("advice", "varchar", "What was found, where, how much, and what to do about it."),
    ),
)

DATA_TABLES = (DATA_CHECKS,)
