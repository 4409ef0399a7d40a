"""Builds the pandera schema of a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pandera.pandas as pa
import pyarrow

if TYPE_CHECKING:
    from warehouse.contracts.base import TableContract

ARROW_TYPES: dict[str, pyarrow.DataType] = {
    "varchar": pyarrow.string(),
    "bigint": pyarrow.int64(),
    "double": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.timestamp("us"),  # pandas compares timestamps with timestamps; the raw table holds a date
    "timestamp": pyarrow.timestamp("us"),
}


def build_schema(contract: TableContract) -> pa.DataFrameSchema:
    """Return the schema that a typed frame of this table must pass (validate with `lazy=True`)."""
    columns = {
        column.name: pa.Column(
            pd.ArrowDtype(ARROW_TYPES[column.dtype]),
            checks=[check.to_pandera() for check in column.checks],
            nullable=column.nullable,
            description=column.description,
        )
        for column in contract.columns
    }
    return pa.DataFrameSchema(
        columns,
        checks=[check.to_pandera() for check in contract.row_checks],
        strict=True,
        name=contract.full_name,
        description=contract.description,
    )
