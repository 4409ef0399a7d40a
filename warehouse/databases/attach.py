"""Opens a database through DuckDB, read-only, from the environment's address, which stays out of every message."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from warehouse.databases.declaration import Database
from warehouse.errors import WarehouseError
from warehouse.redaction import redacted

ALIAS = "origin"
# DuckDB's name of each scanner; its wheel is duckdb-extension-<name>. A DuckDB file needs none.
_EXTENSIONS = {
    "postgres": "postgres_scanner",
    "mysql": "mysql_scanner",
    "sqlite": "sqlite_scanner",
    "motherduck": "motherduck",
}
_TYPES = {"postgres": "type postgres, ", "mysql": "type mysql, ", "sqlite": "type sqlite, "}
_FORMS = {
    "postgres": "postgresql://user:password@host:5432/database",
    "mysql": "mysql://user:password@host:3306/database",
    "sqlite": "the path of the file",
    "duckdb": "the path of the file",
    "motherduck": "md:database",
}
_CONNECT_SECONDS = 10
_MEMORY_LIMIT = "1GB"
_HOST = r"(?:[^@:/?#,\s\[\]]*|\[[0-9a-fA-F:.]+\])(?::\d+)?"
_URL = re.compile(rf"[a-z]+://(?:[^@/?#\s]*@)?{_HOST}(?:,{_HOST})*(?:/[^@\s]*)?(?:\?\S*)?", re.IGNORECASE)
_PAIRS = re.compile(r"""(?:\s*\w+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^\s']\S*)?)+\s*""")
_ADDRESSED = re.compile(r'^.*?(Unable to connect to \w+ at|database with parameters) ".*?": ', re.DOTALL)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")


class DatabaseError(WarehouseError):
    """A database cannot be read; names it, the cause and the remedy, and no password."""


@contextlib.contextmanager
def attached(
    database: Database, scratch: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory with the database attached read-only as `origin`; time is UTC, memory bounded.

    Raises:
        DatabaseError: no address in the environment, no extension, no connection; or the body failed in DuckDB.
    """
    address = _address(database, environ)
    with duckdb.connect(
        config={
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": str(scratch / "spill"),
            "preserve_insertion_order": "false",
            # Extensions come with the locked packages; nothing is fetched while data are read.
            "autoinstall_known_extensions": "false",
        }
    ) as connection:
        connection.execute("set timezone = 'UTC'")
        if extension := _EXTENSIONS.get(database.kind):
            connection.load_extension(str(extension_file(extension, database)))
        quoted = address.replace("'", "''")
        with failures_of(database, f"{database.variable} is set, and the database does not let us in"):
            connection.execute(f"attach '{quoted}' as {ALIAS} ({_TYPES.get(database.kind, '')}read_only)")
        yield connection


@contextlib.contextmanager
def failures_of(database: Database, what: str) -> Iterator[None]:
    """Turn DuckDB's error into one about the database, without its address.

    Raises:
        DatabaseError: the body raised an error of DuckDB.
    """
    try:
        yield
    except duckdb.Error as error:
        cause = str(error).strip()
        # The address stands in front, in quotes; what the server or its client library says follows.
        cause = _ADDRESSED.sub("", cause)
        cause = cause.rpartition("ERROR:  ")[2]  # the statement that was refused stands in front
        cause = redacted(cause.partition("\n")[0]).rstrip(".: ")
        # Not chained: the original holds the address, and Dagster keeps every link of a chain.
        raise DatabaseError(f"database {database.name}: {what}: {cause}. {_remedy(database, cause)}") from None


def extension_file(name: str, database: Database) -> Path:
    """Where the wheel of a DuckDB extension keeps it.

    Raises:
        DatabaseError: the wheel is not installed, or is of another DuckDB.
    """
    package = f"duckdb-extension-{name.replace('_', '-')}"
    spec = importlib.util.find_spec(package.replace("-", "_"))
    for folder in (spec.submodule_search_locations or []) if spec else []:
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file.exists():
            return file
    raise DatabaseError(
        f"database {database.name}: the package {package}=={duckdb.__version__} is not installed. "
        + ("Install it beside Mixhouse." if database.kind == "motherduck" else "Run `make setup`.")
    )


def _address(database: Database, environ: Mapping[str, str]) -> str:
    address = environ.get(database.variable, "").strip()
    if not address:
        raise DatabaseError(
            f"database {database.name}: the environment variable {database.variable} is not set. "
            f"Set it where Mixhouse and its daemon run: {_FORMS[database.kind]}."
        )
    if database.kind in ("sqlite", "duckdb") and not Path(address).is_file():
        raise DatabaseError(
            f"database {database.name}: {database.variable} names no file. Set it to the path of the database file."
        )
    if database.kind in ("postgres", "mysql"):
        _refuse_malformed(address, database)
    if database.kind == "postgres" and "connect_timeout" not in address:
        joint = " " if "://" not in address else "&" if "?" in address else "?"
        return f"{address}{joint}connect_timeout={_CONNECT_SECONDS}"
    return address


def _refuse_malformed(address: str, database: Database) -> None:
    """Client libraries answer a malformed address with pieces of it, which may be pieces of the password."""
    if "://" in address:
        is_well_formed = _URL.fullmatch(address) and not _BROKEN_ESCAPE.search(address)
        hint = "In a password, write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, % as %25."
    else:
        is_well_formed = _PAIRS.fullmatch(address)
        hint = "Put values with blanks in single quotes."
    if not is_well_formed:
        raise DatabaseError(
            f"database {database.name}: {database.variable} is not of the form {_FORMS[database.kind]}. {hint}"
        )


def _remedy(database: Database, cause: str) -> str:
    said = cause.lower()
    if "password" in said or "authentication" in said or "access denied" in said:
        return f"Check user and password in {database.variable}."
    if "permission denied" in said:
        return "Grant the user of the address the right to read it."
    if "does not exist" in said and "database" in said:
        return f"Check the name of the database in {database.variable}."
    if any(sign in said for sign in ("refused", "timeout", "timed out", "host", "server", "connect", "terminat")):
        return f"Check that the server runs, and host and port in {database.variable}."
    return f"Try `mixhouse database check {database.name}`."
