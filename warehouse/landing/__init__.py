"""Landing: exports that appear under `landing/<source>/<table>/` become validated rows of the raw tables."""

from __future__ import annotations

from warehouse.landing.load import SETTLE_SECONDS, land_all, land_source, prepare_raw_tables
from warehouse.landing.report import FileResult, LoadReport

__all__ = ["SETTLE_SECONDS", "FileResult", "LoadReport", "land_all", "land_source", "prepare_raw_tables"]
