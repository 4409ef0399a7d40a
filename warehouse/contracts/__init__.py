"""Contracts of the raw tables: what each export must look like, one file a source."""

from __future__ import annotations

from warehouse.contracts import (
    controls,
    experiments,
    facebook_ads,
    fx,
    google_ads,
    offline,
    shopify,
    tiktok_ads,
    weekly_csv,
)
from warehouse.contracts.base import METADATA_COLUMNS, Column, TableContract
from warehouse.errors import ContractError, did_you_mean

__all__ = ["CONTRACTS", "METADATA_COLUMNS", "SOURCES", "Column", "TableContract", "contracts_for"]

_MODULES = (google_ads, facebook_ads, tiktok_ads, offline, shopify, controls, fx, experiments, weekly_csv)

CONTRACTS: dict[tuple[str, str], TableContract] = {
    (contract.source, contract.table): contract for module in _MODULES for contract in module.CONTRACTS
}

SOURCES: tuple[str, ...] = tuple(module.SOURCE for module in _MODULES)


def contracts_for(source: str) -> tuple[TableContract, ...]:
    """Return the contracts of one source, in the order in which they are landed.

    Raises:
        ContractError: The source is unknown; names the nearest one.
    """
    if source not in SOURCES:
        raise ContractError(f"No contract for source {source!r}. {did_you_mean(source, SOURCES)}")
    return tuple(contract for contract in CONTRACTS.values() if contract.source == source)
