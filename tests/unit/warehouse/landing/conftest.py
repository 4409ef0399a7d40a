"""A landing folder and a warehouse to land it in, with the shortest words for both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from warehouse.connection import Warehouse
from warehouse.landing import LoadReport, land_source


@dataclass
class Landing:
    """A landing folder below a temporary path, and what is in the warehouse after landing it."""

    folder: Path
    warehouse: Warehouse

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file, `<source>/<table>/<file>`."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def land(self, source: str, table: str | None = None, **options) -> LoadReport:
        """Land a source and return the report of one table (the first when not named)."""
        reports = land_source(self.warehouse, str(self.folder), source, **{"settle_seconds": 0, **options})
        return next(report for report in reports if table in (None, report.table))

    def rows(self, sql: str) -> list[tuple]:
        """Query the warehouse."""
        with self.warehouse.read() as con:
            return con.execute(sql).fetchall()

    def quarantine(self) -> list[tuple]:
        """(line, column, value, reason, remedy) of every refused row, in file order."""
        return self.rows(
            "select line, column_name, value, reason, remedy from raw_quarantine.rows "
            "order by source_file, line, reason"
        )


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing", Warehouse(tmp_path / "mixhouse.duckdb"))
