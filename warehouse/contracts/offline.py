"""Offline media from agency sheets: flights, which staging spreads over their days."""

from __future__ import annotations

from warehouse.contracts.base import (
    Column,
    TableContract,
    currency,
    day,
    figure,
    identifier,
    moment,
    text,
    words,
)
from warehouse.contracts.checks import InOrder, OneOf

SOURCE = "offline"

MEDIA_FLIGHTS = TableContract(
    source=SOURCE,
    table="media_flights",
    description="One flight of a channel in a market; planned figures are restated to actual ones for weeks.",
    columns=(
        identifier("flight_id", "Flight.", key=True),
        text("channel", "Channel: tv, radio, print and so on.", nullable=False),
        text("market", "Market.", nullable=False),
        day("flight_start", "First day on air."),
        day("flight_end", "Last day on air, included."),
        figure("grps", "Gross rating points over the flight.", unit="GRP", required=False),
        figure("gross_cost", "Cost before agency commission.", unit="currency of the row", required=False),
        figure(
            "net_cost",
            "Cost after agency commission: what was paid.",
            unit="currency of the row",
            nullable=False,
        ),
        currency("currency", "Currency of the costs.", nullable=False),
        Column(
            "status",
            "varchar",
            "planned, booked or actual.",
            nullable=False,
            checks=(OneOf(("planned", "booked", "actual"), "flight status"),),
        ),
        moment("updated_at", "When the agency last changed the row, UTC.", nullable=False),
    ),
    key=("flight_id",),
    version_column="updated_at",
    date_column="flight_start",
    also_known=words("agency campaign comment spots station impressions"),
    lookback_days=120,
    row_checks=(InOrder("flight_start", "flight_end"),),
)

CONTRACTS = (MEDIA_FLIGHTS,)
