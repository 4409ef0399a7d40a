"""Which files need not be read again: how each looked when its content was in the table, `raw_meta.files_seen`.

A file is known by its content, and to know that it must be read, or downloaded. One of the same name, size, time of
change and etag is taken for the same: a landing then reads what is new, however long the history beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from warehouse.contracts import TableContract

DDL = """
create schema if not exists raw_meta;
create table if not exists raw_meta.files_seen (
  source varchar, table_name varchar, stamp varchar, file_sha256 varchar
);
"""


def seen_stamps(con: duckdb.DuckDBPyConnection, contract: TableContract) -> set[str]:
    """Stamps (`LandedFile.stamp`) of files whose content is in the load log of this table."""
    rows = con.execute(
        "select stamp from raw_meta.files_seen semi join raw_meta.loads using (source, table_name, file_sha256) "
        "where source = ? and table_name = ?",
        [contract.source, contract.table],
    ).fetchall()
    return {stamp for (stamp,) in rows}


def remember(con: duckdb.DuckDBPyConnection, contract: TableContract, stamps: Mapping[str, str]) -> None:
    """Note the stamps of files, each with the SHA-256 of its content, inside the caller's transaction."""
    con.executemany(
        "insert into raw_meta.files_seen values (?, ?, ?, ?)",
        [[contract.source, contract.table, stamp, sha256] for stamp, sha256 in stamps.items()],
    )
