"""Which delivery rows and problems come from."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from warehouse.contracts import TableContract


@dataclass(frozen=True)
class Origin:
    """One delivery of one table; `at` is UTC without zone, as the raw tables hold it."""

    source: str
    table: str
    file: str
    batch_id: str
    at: dt.datetime


def origin_of(contract: TableContract, file: str, fingerprint: str, at: dt.datetime) -> Origin:
    """Origin of a file; the batch id depends on table, file name and content alone, so a rerun repeats it."""
    digest = hashlib.sha256("\n".join([contract.full_name, file, fingerprint]).encode()).hexdigest()
    return Origin(contract.source, contract.table, file, digest[:16], at.astimezone(dt.UTC).replace(tzinfo=None))
