"""Contracts of the raw tables: what each export must look like, read from `warehouse/connectors/<source>.yaml`."""

from __future__ import annotations

from pathlib import Path

from warehouse.contracts.base import METADATA_COLUMNS, Column, TableContract
from warehouse.contracts.declaration import Connector
from warehouse.errors import ContractError, did_you_mean

__all__ = [
    "CONNECTORS",
    "CONTRACTS",
    "METADATA_COLUMNS",
    "SOURCES",
    "Column",
    "Connector",
    "TableContract",
    "contracts_for",
    "read_connectors",
]


def read_connectors(folder: Path) -> dict[str, Connector]:
    """Return the connectors declared in a folder, by source.

    Raises:
        ContractError: a file is not a declaration, or declares a source of another name than its own.
    """
    declared = {}
    for path in sorted(folder.glob("*.yaml")):
        connector = Connector.from_yaml(path.read_text(encoding="utf-8"), file=path.name)
        if connector.source != path.stem:
            raise ContractError(f"{path.name} declares source {connector.source!r}. Name the file after its source.")
        declared[connector.source] = connector
    return declared


CONNECTORS: dict[str, Connector] = read_connectors(Path(__file__).parent.parent / "connectors")

CONTRACTS: dict[tuple[str, str], TableContract] = {
    (contract.source, contract.table): contract
    for connector in CONNECTORS.values()
    for contract in connector.contracts()
}

SOURCES: tuple[str, ...] = tuple(CONNECTORS)


def contracts_for(source: str) -> tuple[TableContract, ...]:
    """Return the contracts of one source, in the order in which they are landed.

    Raises:
        ContractError: The source is unknown; names the nearest one.
    """
    if source not in SOURCES:
        raise ContractError(f"No contract for source {source!r}. {did_you_mean(source, SOURCES)}")
    return tuple(contract for contract in CONTRACTS.values() if contract.source == source)
