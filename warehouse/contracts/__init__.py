"""Contracts of the raw tables: what each export must look like, read from `warehouse/connectors/<source>.yaml`.

CONNECTORS are all that are known; CONTRACTS and SOURCES are those of the connectors that this installation uses.
"""

from __future__ import annotations

from pathlib import Path

from warehouse.contracts.base import METADATA_COLUMNS, Column, TableContract
from warehouse.contracts.declaration import Connector
from warehouse.contracts.switched_off import switched_off
from warehouse.errors import ContractError, did_you_mean
from warehouse.home import Home

__all__ = [
    "CONNECTORS",
    "CONTRACTS",
    "DISABLED",
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

DISABLED: frozenset[str] = frozenset(
    source for source in switched_off(Home.from_env()) if source in CONNECTORS and not CONNECTORS[source].core
)

SOURCES: tuple[str, ...] = tuple(source for source in CONNECTORS if source not in DISABLED)

CONTRACTS: dict[tuple[str, str], TableContract] = {
    (contract.source, contract.table): contract for source in SOURCES for contract in CONNECTORS[source].contracts()
}


def contracts_for(source: str) -> tuple[TableContract, ...]:
    """Return the contracts of one source, in the order in which they are landed.

    Raises:
        ContractError: The source is unknown (names the nearest one) or disabled.
    """
    if source in DISABLED:
        raise ContractError(f"Connector {source!r} is disabled. `mixhouse connector enable {source}` brings it back.")
    if source not in SOURCES:
        raise ContractError(f"No contract for source {source!r}. {did_you_mean(source, SOURCES)}")
    return tuple(contract for contract in CONTRACTS.values() if contract.source == source)
