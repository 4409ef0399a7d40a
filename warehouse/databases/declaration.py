"""The form of `<home>/databases/<name>.yaml`: which tables of a database are read, into which raw tables.

It names the environment variable that holds the connection string. A file that holds the string itself is refused, and
no message repeats what stands there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warehouse.contracts import CONTRACTS, TableContract
from warehouse.errors import ContractError, did_you_mean

Kind = Literal["postgres", "mysql", "sqlite", "duckdb", "motherduck"]
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# weekly_csv maps columns by a file of its own beside the CSV.
_INTO = {contract.full_name: contract for contract in CONTRACTS.values() if contract.source != "weekly_csv"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableDeclaration(_Strict):
    """One table that is read.

    Attributes:
        place: `schema.table`, or `table` in the database's own default schema; a view will do.
        into: `<source>.<table>`, whose contract says which columns are taken.
        changed: column of the contract that grows with each change of a row; without it the whole table is read.
        lookback_days: how far before the newest value rows are read again; by default the contract's where `changed`
            is its date column, which a restated row keeps, and an hour otherwise, for transactions that end late.
    """

    place: Annotated[str, Field(alias="from", pattern=r'^[^."@]+(\.[^."@]+)?$')]
    into: str
    changed: str | None = None
    lookback_days: int | None = Field(default=None, ge=0)


class DatabaseDeclaration(_Strict):
    """One database.

    Attributes:
        attach: what kind of database it is.
        address: NAME of the environment variable that holds the connection string (of a file: its path).
    """

    attach: Kind
    address: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    tables: Annotated[tuple[TableDeclaration, ...], Field(min_length=1)]


@dataclass(frozen=True)
class TableRead:
    """A table of a database, and the contract under which it lands; `lookback_days` None means the late hour."""

    place: str
    contract: TableContract
    changed: str | None
    lookback_days: int | None


@dataclass(frozen=True)
class Database:
    """A database as declared; `variable` names the environment variable of its address."""

    name: str
    kind: Kind
    variable: str
    tables: tuple[TableRead, ...]

    def reads(self, contract: TableContract) -> list[TableRead]:
        """Its tables that go into the raw table of a contract."""
        return [read for read in self.tables if read.contract.full_name == contract.full_name]

    @classmethod
    def from_yaml(cls, text: str, *, name: str) -> Database:
        """Read a declaration.

        Raises:
            ContractError: not YAML, a secret in it, an unknown key, table or column (with the nearest known one).
        """
        file = f"{name}.yaml"
        if not _NAME.fullmatch(name):
            raise ContractError(f"{file}: name the file with small letters, digits and underscores, such as shop.yaml.")
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            # PyYAML shows the line that it cannot read, which may be the one with the address.
            mark = getattr(error, "problem_mark", None)
            raise ContractError(f"{file} is not valid YAML{f' (line {mark.line + 1})' if mark else ''}.") from None
        try:
            declared = DatabaseDeclaration.model_validate(raw)
        except ValidationError as error:
            told = " ".join(dict.fromkeys(_explain(detail) for detail in error.errors()))
            raise ContractError(f"{file}: {told}") from None
        tables = tuple(_resolve(table, file) for table in declared.tables)
        twice = sorted({table.place for table in tables if sum(other.place == table.place for other in tables) > 1})
        if twice:
            raise ContractError(f"{file}: {', '.join(twice)} is read twice. Keep one of the entries.")
        return cls(name, declared.attach, declared.address, tables)


def read_databases(folder: Path) -> tuple[list[Database], list[str]]:
    """The databases declared in a folder, and what is wrong with the files that declare none."""
    databases, problems = [], []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            databases.append(Database.from_yaml(path.read_text(encoding="utf-8"), name=path.stem))
        except (ContractError, UnicodeDecodeError) as error:
            problems.append(str(error) if isinstance(error, ContractError) else f"{path.name} is not UTF-8 text.")
    return databases, problems


def _resolve(table: TableDeclaration, file: str) -> TableRead:
    contract = _INTO.get(table.into)
    if contract is None:
        raise ContractError(f"{file}: {table.place} goes into {table.into!r}. {did_you_mean(table.into, _INTO)}")
    lookback = table.lookback_days
    if table.changed is not None:
        if table.changed not in contract.column_names:
            raise ContractError(
                f"{file}: {table.place}: changed names {table.changed!r}, which {contract.full_name} does not take. "
                f"{did_you_mean(table.changed, contract.column_names)}"
            )
        if lookback is None and table.changed == contract.date_column:
            lookback = contract.lookback_days
    return TableRead(table.place, contract, table.changed, lookback)


def _explain(detail: Any) -> str:
    """What is wrong, without the value: somebody may have written an address there."""
    key = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            known = TableDeclaration if "tables" in detail["loc"] else DatabaseDeclaration
            names = [field.alias or name for name, field in known.model_fields.items()]
            return f"unknown key {key!r}. {did_you_mean(str(detail['loc'][-1]), names)}"
        case "missing":
            return f"key {key!r} is missing."
        case "literal_error":
            return f"key {key!r}: Mixhouse reads {', '.join(get_args(Kind))}."
        case "string_pattern_mismatch" if detail["loc"] == ("address",):
            return (
                "key 'address': write the NAME of the environment variable that holds the connection string, such as "
                "SHOP_DATABASE_URL, in capital letters; never the string itself. If a password stood in this file, "
                "change it."
            )
        case "string_pattern_mismatch":
            return f"key {key!r}: write schema.table."
        case "model_type" | "model_attributes_type" if not key:
            return "the file must hold the keys attach, address and tables."
        case _:
            return f"key {key!r}: {detail['msg']}."
