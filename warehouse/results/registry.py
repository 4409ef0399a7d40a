"""All result tables by name."""

from __future__ import annotations

from warehouse.results.agenda_tables import AGENDA_TABLES
from warehouse.results.data_tables import DATA_TABLES
from warehouse.results.evidence_tables import EVIDENCE_TABLES
from warehouse.results.fit_tables import FIT_TABLES
from warehouse.results.forecast_tables import FORECAST_TABLES
from warehouse.results.geo_tables import GEO_TABLES
from warehouse.results.plan_tables import PLAN_TABLES
from warehouse.results.register_tables import REGISTER_TABLES
from warehouse.results.schema import ResultTable
from warehouse.results.structure_tables import STRUCTURE_TABLES
from warehouse.results.triangulation_tables import TRIANGULATION_TABLES

RESULT_TABLES: dict[str, ResultTable] = {
    table.name: table
    for table in (
        *DATA_TABLES,
        *FIT_TABLES,
        *STRUCTURE_TABLES,
        *REGISTER_TABLES,
        *EVIDENCE_TABLES,
        *GEO_TABLES,
        *TRIANGULATION_TABLES,
        *PLAN_TABLES,
        *FORECAST_TABLES,
        *AGENDA_TABLES,
    )
}
