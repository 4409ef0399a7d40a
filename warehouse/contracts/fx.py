"""Exchange rates: one unit of `currency` is `rate` units of `reporting_currency` on that day."""

from __future__ import annotations

from warehouse.contracts.base import Column, TableContract, currency, day, words
from warehouse.contracts.checks import POSITIVE

SOURCE = "fx"

RATES = TableContract(
    source=SOURCE,
    table="rates",
    description="Daily rates into the reporting currency.",
    columns=(
        day("date", "Day of the rate."),
        currency("currency", "Currency converted from.", nullable=False),
        currency("reporting_currency", "Currency converted to.", nullable=False),
        Column(
            "rate",
            "double",
            "Units of the reporting currency for one unit of the currency.",
            nullable=False,
            checks=(POSITIVE,),
            unit="reporting currency per unit of currency",
        ),
    ),
    key=("date", "currency", "reporting_currency"),
    date_column="date",
    also_known=words("source comment"),
    lookback_days=7,
)

CONTRACTS = (RATES,)
