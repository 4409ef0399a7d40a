"""Loads that bring fewer rows than the load before them: an export that was cut off looks like weeks of little spend.

A load is compared with the one before it in the same series: files of one table whose names differ in their numbers
only. Both must cover about as many days, and a load of less than a week the same weekday, because a Saturday is not a
Friday. What is compared are rows a day.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.contracts import TableContract
from warehouse.errors import WarehouseError

DDL = """
create schema if not exists raw_meta;
create table if not exists raw_meta.accepted_loads (batch_id varchar, accepted_at timestamp);
"""
# Below this many rows a few more or less are no sign of anything.
FEWEST_ROWS = 100
# Loads cover "about as many days" when their lengths differ by no more than this share.
_SPAN_TOLERANCE = 0.1

_NEWEST_AND_PRIOR = """
with loads as (
    select
        batch_id, source_file, rows_read, min_date, max_date, loaded_at,
        regexp_replace(source_file, '[0-9]+', '#', 'g') as series,
        coalesce(max_date - min_date + 1, 1) as days,
        row_number() over (order by loaded_at, max_date, source_file) as position
    from raw_meta.loads
    where source = $source and table_name = $table
        -- What changed in a database between two readings is as much as changed: it has no number of rows to hold.
        and source_file not like '%@%..%'
),
newest as (
    select * from loads qualify row_number() over (partition by series order by position desc) = 1
)
select
    newest.batch_id, newest.source_file, newest.rows_read, newest.days,
    prior.source_file, prior.rows_read, prior.days
from newest
inner join loads as prior
    on newest.series = prior.series
    and prior.position < newest.position
    and abs(newest.days - prior.days) <= $tolerance * prior.days
    and (newest.days >= 7 or newest.min_date is null or dayofweek(newest.min_date) = dayofweek(prior.min_date))
where newest.batch_id not in (select batch_id from raw_meta.accepted_loads)
qualify row_number() over (partition by newest.series order by prior.position desc) = 1
order by newest.source_file
"""


@dataclass(frozen=True)
class ShortLoad:
    """The newest load of a series, beside the comparable one before it."""

    batch_id: str
    file: str
    rows: int
    days: int
    prior_file: str
    prior_rows: int
    prior_days: int

    @property
    def drop(self) -> float:
        """Share of the rows a day that is missing."""
        return 1 - (self.rows / self.days) / (self.prior_rows / self.prior_days)

    def message(self) -> str:
        """One sentence with both loads and the remedy."""
        return (
            f"{self.file} holds {self.rows:,} rows over {self.days} days, {self.drop:.0%} fewer a day than "
            f"{self.prior_file} ({self.prior_rows:,} over {self.prior_days}). Export it again whole; if it is right, "
            f"`mixhouse load accept {self.batch_id}`."
        )


def short_loads(con: duckdb.DuckDBPyConnection, contract: TableContract) -> list[ShortLoad]:
    """Newest loads of the table's series that dropped by more than the contract allows and that nobody has accepted."""
    if contract.largest_drop is None:
        return []
    rows = con.execute(
        _NEWEST_AND_PRIOR, {"source": contract.source, "table": contract.table, "tolerance": _SPAN_TOLERANCE}
    ).fetchall()
    compared = [ShortLoad(*row) for row in rows]
    return [load for load in compared if load.prior_rows >= FEWEST_ROWS and load.drop > contract.largest_drop]


def accept_load(con: duckdb.DuckDBPyConnection, batch_id: str) -> str:
    """Say that a load is right although it is short, inside the caller's transaction; return its file.

    Raises:
        WarehouseError: No such load.
    """
    found = con.execute("select source_file from raw_meta.loads where batch_id = ?", [batch_id]).fetchone()
    if found is None:
        raise WarehouseError(f"No load {batch_id!r}. `mixhouse load list` names them.")
    con.execute("insert into raw_meta.accepted_loads values (?, now()::timestamp)", [batch_id])
    return found[0]
