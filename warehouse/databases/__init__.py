"""Databases that are read where they are: tables of Postgres, MySQL, SQLite or DuckDB land like exports of theirs."""

from __future__ import annotations

from warehouse.databases.declaration import Database, TableRead, read_databases

__all__ = ["Database", "TableRead", "read_databases"]
