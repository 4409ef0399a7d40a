"""Any wide weekly CSV, made long by its mapping: the start for a team without connectors."""

from __future__ import annotations

from warehouse.contracts.base import Column, TableContract, currency, day, figure, text
from warehouse.contracts.checks import OneOf

SOURCE = "weekly_csv"

ROLES = ("outcome", "spend", "exposure", "control")

OBSERVATIONS = TableContract(
    source=SOURCE,
    table="observations",
    description="One figure of one series in one week. Written by the mapping, not by an export.",
    columns=(
        text("dataset", "Folder name below landing/weekly_csv.", nullable=False),
        day("week_start", "Monday of the week."),
        text("market", "Market.", nullable=False),
        Column("role", "varchar", "Role in the model.", nullable=False, checks=(OneOf(ROLES, "role"),)),
        text("name", "Name of the series, as given by the mapping.", nullable=False),
        figure("value", "Value.", nullable=False, signed=True),
        currency("currency", "Currency of the money in the data set."),
    ),
    key=("dataset", "week_start", "market", "role", "name"),
    date_column="week_start",
    lookback_days=3650,
)

CONTRACTS = (OBSERVATIONS,)
