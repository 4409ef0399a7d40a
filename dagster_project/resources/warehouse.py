"""The warehouse as a Dagster resource."""

import dagster as dg

from warehouse.connection import Warehouse
from warehouse.home import Home


class WarehouseResource(dg.ConfigurableResource):
    """Where state lives and how the working DuckDB file is opened.

    Every path comes from the environment (MIXHOUSE_HOME and its kin), so that a test or a second installation needs
    no other configuration.
    """

    @property
    def home(self) -> Home:
        """The folders of this installation."""
        return Home.from_env()

    @property
    def warehouse(self) -> Warehouse:
        """The working DuckDB file; open it briefly."""
        return Warehouse(self.home.database)
