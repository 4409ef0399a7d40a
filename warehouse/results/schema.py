"""What a result table is: its columns with types, meaning and allowed values, as data."""

from __future__ import annotations

from dataclasses import dataclass

QUANTILES = ("mean", "p05", "p50", "p95")

_QUANTILE_MEANING = {
    "mean": "posterior mean",
    "p05": "5 % posterior quantile (lower end of the 90 % interval)",
    "p50": "posterior median",
    "p95": "95 % posterior quantile (upper end of the 90 % interval)",
}


@dataclass(frozen=True)
class Column:
    """One column; `comment` is what an analyst reads: the definition first, then the unit."""

    name: str
    type: str
    comment: str
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ResultTable:
    """One table of the schema `results`.

    `key` names the columns that identify a row; its first column says whose rows a write replaces:
    one of `views.OWNERS`, or `test_id` for the register of experiments: its tests are updated one by one, its events
    only added.
    Key columns are never NULL except those in `nullable_key`, and rows repeat a key only where `unique` is false. Rows
    of a table that `is_append_only` are never replaced.
    """

    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    nullable_key: tuple[str, ...] = ()
    unique: bool = True
    is_append_only: bool = False

    @property
    def owner_key(self) -> str:
        """The column whose value a write replaces as a whole."""
        return self.key[0]

    @property
    def column_names(self) -> list[str]:
        """Column names in the order of the table."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"results.{self.name} has no column {name!r}")


def draws(prefix: str, meaning: str, which: tuple[str, ...] = QUANTILES) -> tuple[Column, ...]:
    """Columns `<prefix>_<statistic>` (or bare `<statistic>` for an empty prefix) that sum up posterior draws."""
    return tuple(
        Column(
            f"{prefix}_{statistic}" if prefix else statistic,
            "double",
            f"{meaning}; {_QUANTILE_MEANING[statistic]}.",
        )
        for statistic in which
    )


RUN_ID = Column(
    "run_id",
    "varchar",
    "Model run, `<model>-<kind>-<12 hex>` of the hashes of data, spec, evidence and code; see results.model_runs.",
)
SNAPSHOT_ID = Column(
    "snapshot_id", "varchar", "Snapshot of a model's data, `<model>-snapshot-<12 hex>` of the hash of its content."
)
PLAN_ID = Column("plan_id", "varchar", "Budget plan; see results.plans.")
WEEK_START = Column("week_start", "date", "Monday that starts the week.")
MARKET = Column("market", "varchar", "Market, as in dim_market.")
MARKET_OR_ALL = Column(
    "market", "varchar", "Market, as in dim_market; 'all' is the total over markets, not one more market."
)
WINDOW_NAME = Column(
    "window_name",
    "varchar",
    "Which weeks: 'all', 'last_52_weeks' or 'last_13_weeks' of the training data.",
    allowed=("all", "last_52_weeks", "last_13_weeks"),
)
CHANNEL = Column("channel", "varchar", "Paid channel, as in dim_channel.")
