"""Databases are read once a day: unlike a folder, a database cannot be asked what is new without reading it."""

import dagster as dg

from dagster_project import keys
from dagster_project.defs.connectors.assets import land
from dagster_project.defs.connectors.materialize import table_key
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.databases import read_databases


@dg.schedule(
    target=dg.AssetSelection.assets(land),
    # Before the weekly refresh, and after the night's jobs of most shops.
    cron_schedule="0 5 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every day at 05:00 UTC: reads the tables of the databases in <home>/databases; what changed follows.",
)
def daily_databases(store: WarehouseResource) -> dg.RunRequest | dg.SkipReason:
    """Lands the raw tables that databases go into. A file that is no declaration fails the run, which names it."""
    databases, problems = read_databases(store.home.databases)
    into = {table_key(table.contract) for database in databases for table in database.tables}
    if not into and not problems:
        return dg.SkipReason("No database is declared under <home>/databases.")
    return dg.RunRequest(
        asset_selection=sorted({*into, keys.LOAD_LOG}), tags={"mixhouse/databases": ",".join(d.name for d in databases)}
    )
