"""The form of a contract: which columns a raw table takes, of which type, under which rules, on which key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from warehouse.contracts.checks import ValueCheck
from warehouse.contracts.personal import holds_contacts
from warehouse.contracts.row_checks import RowCheck
from warehouse.errors import ContractError

if TYPE_CHECKING:
    import pandera.pandas as pa

DTYPES = ("varchar", "bigint", "double", "boolean", "date", "timestamp")

METADATA_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_source_file", "varchar"),
    ("_batch_id", "varchar"),
    ("_loaded_at", "timestamp"),
)

# Bookkeeping of the extraction tools: never data, never worth a warning.
TOOL_PREFIXES = ("_fivetran_", "_airbyte_", "_sdc_", "_dlt_")


@dataclass(frozen=True)
class Column:
    """One column that a raw table takes.

    `dtype` is the DuckDB type. A column that is not `required` may be absent from a file and is then null;
    one that is not `nullable` must hold a value in every row. `null_strings` are texts which this export
    writes for "no value"; `when_empty` is what takes the place of no value, so that it can be part of a key.
    `also_called` are other headers of the same column. `unit` is the unit of a figure as exported (staging converts,
    landing never does). `pseudonym_within` names the column that a personal id is hashed with: the id never enters.
    """

    name: str
    dtype: str
    description: str
    required: bool = True
    nullable: bool = True
    checks: tuple[ValueCheck, ...] = ()
    unit: str | None = None
    null_strings: tuple[str, ...] = ()
    pseudonym_within: str | None = None
    when_empty: str | None = None
    also_called: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise ContractError(f"Column {self.name!r}: type {self.dtype!r} is not one of {', '.join(DTYPES)}.")
        if self.name != self.name.lower():
            raise ContractError(f"Column {self.name!r}: raw columns are lower-case.")
        if self.when_empty is not None and self.dtype != "varchar":
            raise ContractError(f"Column {self.name!r}: only a text can have a value when it is empty.")


@dataclass(frozen=True)
class TableContract:
    """What an export table must look like to be merged into `raw_<source>.<table>`.

    `key` identifies a row; of two rows with one key the greater `version_column` wins, and the later file
    on a tie or where the version is unknown. `also_known` names real columns of the export which are left
    out on purpose (personal data among them): they load without a warning; `property_*` stands for all that begin
    so, but for those that are taken. `lookback_days` is how far back the source restates. `largest_drop` is the share
    of rows a day that a load may lack against the one before it. `footer` is how the first line below the data
    starts, where a report goes on after them.
    """

    source: str
    table: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    version_column: str | None = None
    date_column: str | None = None
    also_known: frozenset[str] = frozenset()
    lookback_days: int = 30
    largest_drop: float | None = 0.15
    row_checks: tuple[RowCheck, ...] = ()
    footer: str | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ContractError(f"{self.full_name}: a column is declared twice.")
        referred = [*self.key, *(name for name in (self.version_column, self.date_column) if name)]
        referred += [name for check in self.row_checks for name in check.columns]
        referred += [column.pseudonym_within for column in self.columns if column.pseudonym_within]
        if missing := [name for name in referred if name not in names]:
            raise ContractError(f"{self.full_name}: {missing} are used but not declared as columns.")
        if loose := [name for name in self.key if self.column(name).nullable or not self.column(name).required]:
            raise ContractError(f"{self.full_name}: key columns {loose} must be required and not nullable.")
        if odd := sorted(name for name in self.also_known if name == "*" or "*" in name[:-1]):
            raise ContractError(f"{self.full_name}: {odd} are no wildcards. Write `property_*` for all that begin so.")
        if both := sorted(self.also_known & set(names)):
            raise ContractError(f"{self.full_name}: {both} are both taken and left out.")

    @property
    def full_name(self) -> str:
        """`<source>.<table>`, as in messages."""
        return f"{self.source}.{self.table}"

    @property
    def raw_schema(self) -> str:
        """Schema of the raw table."""
        return f"raw_{self.source}"

    @property
    def raw_name(self) -> str:
        """Quoted `schema.table`, ready for SQL (`order` is a keyword)."""
        return f'"{self.raw_schema}"."{self.table}"'

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of the taken columns, in table order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def export_is_personal(self) -> bool:
        """Whether the export may also hold how to reach or find people, in columns that are not taken."""
        return holds_contacts(self.also_known)

    @cached_property
    def _known_beginnings(self) -> tuple[str, ...]:
        """How columns begin that are known and not taken: those of the extraction tools and of the wildcards."""
        return (*TOOL_PREFIXES, *(name[:-1] for name in self.also_known if name.endswith("*")))

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            ContractError: No such column is taken.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"{self.full_name} takes no column {name!r}.")

    @cached_property
    def _by_header(self) -> dict[str, str]:
        return {header.lower(): column.name for column in self.columns for header in column.also_called}

    def name_of(self, header: str) -> str:
        """Name of the column that a (lower-case) header stands for; a header that is no other name stays as it is."""
        return self._by_header.get(header, header)

    def knows(self, name: str) -> bool:
        """Whether the (lower-case) header is expected in this export, taken or not."""
        return name in self.column_names or name in self.also_known or name.startswith(self._known_beginnings)

    def ddl(self) -> str:
        """Return the `create schema` and `create table` of the raw table, load metadata included."""
        declared = [(column.name, column.dtype) for column in self.columns] + list(METADATA_COLUMNS)
        body = ",\n  ".join(f'"{name}" {dtype}' for name, dtype in declared)
        return (
            f'create schema if not exists "{self.raw_schema}";\n'
            f"create table if not exists {self.raw_name} (\n  {body}\n);"
        )

    def schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema of the typed frame (pandas with Arrow types, indexed by line)."""
        from warehouse.contracts.schemas import build_schema

        return build_schema(self)
