"""Control series: promotions, prices, competitors, macro figures, holidays; a row a date, market, control."""

from __future__ import annotations

from warehouse.contracts.base import TableContract, day, figure, text, words

SOURCE = "controls"

CONTROL_VALUES = TableContract(
    source=SOURCE,
    table="control_values",
    description="Values as published; a later file restates an earlier. Monthly series carry the first day.",
    columns=(
        day("date", "Day, or first day of the period that the value is about."),
        text("market", "Market.", nullable=False),
        text("control", "Name of the series, as in the seed control_definitions.", nullable=False),
        figure("value", "Value.", unit="see control_definitions", nullable=False, signed=True),
    ),
    key=("market", "control", "date"),
    date_column="date",
    also_known=words("unit source comment"),
    lookback_days=365,
)

CONTRACTS = (CONTROL_VALUES,)
