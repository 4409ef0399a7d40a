"""Which connectors an installation has never used."""

from __future__ import annotations

from warehouse.connection import Warehouse
from warehouse.contracts import CONNECTORS
from warehouse.home import Home


def unused_connectors(home: Home) -> set[str]:
    """Sources without a folder below landing/ and without a line in the load log, those that always stay left out.

    Raises:
        WarehouseError: the warehouse file exists and cannot be opened.
    """
    from warehouse.landing.discover import LandingFolder

    used = set(LandingFolder.at(home.landing).folders()) | _ever_loaded(home)
    return {source for source, connector in CONNECTORS.items() if source not in used and not connector.core}


def _ever_loaded(home: Home) -> set[str]:
    if not home.database.exists():
        return set()
    with Warehouse(home.database).read() as con:
        if not con.execute("select 1 from duckdb_tables() where schema_name = 'raw_meta'").fetchone():
            return set()
        return {source for (source,) in con.execute("select distinct source from raw_meta.loads").fetchall()}
