"""The raw tables as they stood at a past moment, in a working file of their own from which marts can be made again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from warehouse.connection import Warehouse, settings
from warehouse.contracts import CONTRACTS
from warehouse.errors import WarehouseError
from warehouse.landing.merge import ensure_raw_tables
from warehouse.landing.superseded import as_of

_NOW = "now_file"


class AsOfError(WarehouseError):
    """There is nothing to show at that moment; says from when on there is."""


def parse_moment(text: str) -> dt.datetime:
    """A day or a moment as a UTC timestamp without zone; a day means its last microsecond.

    Raises:
        AsOfError: neither `YYYY-MM-DD` nor an ISO 8601 moment.
    """
    try:
        day = dt.date.fromisoformat(text)
        return dt.datetime.combine(day, dt.time.max)
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise AsOfError(f"{text!r} is no day and no moment. Write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS (UTC).") from error
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def restore(warehouse: Warehouse, moment: dt.datetime, target: Path) -> dict[str, int]:
    """Write a working file with every raw table and the load log as of a moment; return rows by table.

    The working file is held for reading only while rows are copied. `target` is replaced.

    Raises:
        AsOfError: nothing was loaded until then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target), config=settings(target.with_name(f"{target.name}.tmp"))) as con:
        ensure_raw_tables(con)
        with warehouse.attached(con, _NOW):
            _require_loads(con, moment)
            rows = {
                contract.full_name: _copy(con, contract.raw_name, as_of(contract, _literal(moment), catalog=_NOW))
                for contract in CONTRACTS.values()
            }
            loads = f"select * from {_NOW}.raw_meta.loads where loaded_at <= {_literal(moment)}"
            rows["raw_meta.loads"] = _copy(con, "raw_meta.loads", loads)
    return rows


def _copy(con: duckdb.DuckDBPyConnection, table: str, query: str) -> int:
    return con.execute(f"insert into {table} by name {query}").fetchone()[0]


def _require_loads(con: duckdb.DuckDBPyConnection, moment: dt.datetime) -> None:
    first = con.execute(f"select min(loaded_at) from {_NOW}.raw_meta.loads").fetchone()[0]
    if first is None:
        raise AsOfError("Nothing has been landed yet. Run `mixhouse run` first.")
    if first > moment:
        raise AsOfError(
            f"Nothing had been landed by {moment:%Y-%m-%d %H:%M} UTC; the first load is of {first:%Y-%m-%d %H:%M}."
        )


def _literal(moment: dt.datetime) -> str:
    return f"timestamp '{moment:%Y-%m-%d %H:%M:%S.%f}'"
