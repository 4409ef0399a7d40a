"""A warehouse that is landed from a URL."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from warehouse.connection import Warehouse
from warehouse.landing import LoadReport, land_source


@dataclass
class Remote:
    """A landing URL, and what is in the warehouse after landing it."""

    url: str
    warehouse: Warehouse

    def land(self, source: str, table: str, settle_seconds: float = 0) -> LoadReport:
        """Land a source and return the report of one table."""
        reports = land_source(self.warehouse, self.url, source, settle_seconds=settle_seconds)
        return next(report for report in reports if report.table == table)

    def rows(self, sql: str) -> list[tuple]:
        """Query the warehouse."""
        with self.warehouse.read() as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def on_s3(s3, tmp_path) -> Remote:
    return Remote("s3://exports/landing", Warehouse(tmp_path / "mixhouse.duckdb"))


@pytest.fixture
def on_gcs(gcs, tmp_path) -> Remote:
    return Remote("gs://exports/landing", Warehouse(tmp_path / "mixhouse.duckdb"))
