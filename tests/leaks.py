"""Looks for texts that must not have been kept: in every byte below a folder, and in every table behind those bytes."""

from __future__ import annotations

import base64
import gzip
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import duckdb


def leaks(secrets: Iterable[str], folder: Path, *outputs: str) -> list[str]:
    """Where a secret stands, in any spelling: files below a folder, and what commands have printed."""
    spelled = {form: secret for secret in secrets for form in _spellings(secret)}
    texts = [*_texts(folder), *((f"output {number}", text.encode()) for number, text in enumerate(outputs))]
    return sorted({f"{place}: {secret}" for place, text in texts for form, secret in spelled.items() if form in text})


def _spellings(secret: str) -> set[bytes]:
    plain = (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), secret.replace("'", "\\'"))
    packed = {base64.b64encode(secret.encode()).rstrip(b"="), secret.encode("utf-16-le")}
    return {form.encode() for form in plain} | packed


def _texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it is; databases and packed files also as what they hold, which on disk may be packed or split."""
    # All bytes first: to open a database of SQLite may do away with the files beside it.
    contents = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    for path, content in contents.items():
        name = str(path.relative_to(folder))
        yield name, content
        if path.suffix == ".gz":
            yield name, gzip.decompress(content)
        elif path.suffix == ".duckdb":
            yield from ((f"{name} {table}", rows) for table, rows in _duckdb_tables(path))
        elif path.suffix == ".parquet":
            yield name, _rows(duckdb.connect(), f"read_parquet('{path}')")
        elif content.startswith(b"SQLite format 3"):
            yield from ((f"{name} {table}", rows) for table, rows in _sqlite_tables(path))


def _duckdb_tables(path: Path) -> Iterator[tuple[str, bytes]]:
    with duckdb.connect(str(path), read_only=True) as con:
        names = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        for schema, table in names:
            yield f"{schema}.{table}", _rows(con, f'"{schema}"."{table}"')


def _rows(con: duckdb.DuckDBPyConnection, relation: str) -> bytes:
    # As CSV a text stands as it is; JSON would escape it.
    rows = con.execute(f"select cast(columns(*) as varchar) from {relation}").fetchall()
    return "\n".join("\x1f".join(cell or "" for cell in row) for row in rows).encode()


def _sqlite_tables(path: Path) -> Iterator[tuple[str, bytes]]:
    with sqlite3.connect(path) as con:
        con.text_factory = bytes
        names = [name.decode() for (name,) in con.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            rows = con.execute(f'select * from "{name}"').fetchall()
            cells = [cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row]
            yield name, b"\n".join(cells)
