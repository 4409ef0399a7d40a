"""SQL that turns what an export holds into the value that a contract means.

A CSV holds text. Parquet holds types of its own, which are used as they are: turning a hundred million numbers into
text and back costs more than everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.contracts import Column

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT"}
_FLOATS = {"FLOAT", "DOUBLE"}
_MOMENTS = {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
TEXT = "VARCHAR"
_PSEUDONYM_DIGITS = 32  # 128 bits: two of ten billion sessions share a hash with a chance of 1e-19


@dataclass(frozen=True)
class Value:
    """A column as SQL: `typed` is its value, null where there is none or it cannot be read; `missing` is true where
    the export says that there is no value; `text` is what was delivered."""

    typed: str
    missing: str
    text: str

    @property
    def unreadable(self) -> str:
        """True where something stands that is no value of the column's type."""
        return f"(not ({self.missing}) and {self.typed} is null)"


def value_of(column: Column, delivered: str | None, physical: str, within: str | None = None) -> Value:
    """The value of a column.

    Args:
        column: what the contract means.
        delivered: SQL of the delivered column; None where the export lacks it.
        physical: its DuckDB type.
        within: SQL of the value that a pseudonym is hashed with.
    """
    if delivered is None:
        return Value(f"cast(null as {column.dtype})", "true", "cast(null as varchar)")
    text = delivered if physical == TEXT else f"cast({delivered} as varchar)"
    if within is not None:
        return _pseudonym(_clean(column, text), within)
    native = _native(column.dtype, delivered, physical)
    if native is None:
        clean = _clean(column, text)
        if column.when_empty is not None:
            clean = "coalesce({}, '{}')".format(clean, column.when_empty.replace("'", "''"))
        return Value(_from_text(column.dtype, clean), f"{clean} is null", text)
    # NaN is how many tools write "no value".
    missing = f"{delivered} is null or isnan({delivered})" if physical in _FLOATS else f"{delivered} is null"
    return Value(native, missing, text)


def _pseudonym(clean: str, within: str) -> Value:
    """The hash stands for the delivered text, too: what quarantine and messages show must not hold the id."""
    hashed = f"left(sha256({clean} || ' ' || cast({within} as varchar)), {_PSEUDONYM_DIGITS})"
    return Value(hashed, f"{hashed} is null", hashed)


def _native(dtype: str, delivered: str, physical: str) -> str | None:
    """SQL of the value without a detour through text; None where there is no such way."""
    if dtype == "bigint" and physical in _INTEGERS:
        return delivered if physical == "BIGINT" else f"try_cast({delivered} as bigint)"
    if dtype == "bigint" and physical in _FLOATS:
        # A plain cast would round 49.6; 49.0 is an integer that went through a float column.
        return f"case when {delivered} = trunc({delivered}) then try_cast({delivered} as bigint) end"
    if dtype == "double" and physical in _FLOATS:
        return f"case when isfinite({delivered}) then cast({delivered} as double) end"
    if dtype == "double" and (physical in _INTEGERS or physical.startswith("DECIMAL")):
        return f"cast({delivered} as double)"
    if dtype == "boolean" and physical == "BOOLEAN":
        return delivered
    if dtype == "date" and physical == "DATE":
        return delivered
    if dtype == "date" and physical in _MOMENTS:
        return _day(f"cast({delivered} as timestamp)")
    if dtype == "timestamp" and physical in {*_MOMENTS, "DATE"}:
        return delivered if physical == "TIMESTAMP" else f"cast({delivered} as timestamp)"
    return None


def _clean(column: Column, text: str) -> str:
    """SQL of a column's text with whatever stands for "no value" as null."""
    cleaned = f"nullif(trim({text}), '')"
    for missing in column.null_strings:
        cleaned = f"nullif({cleaned}, '{missing}')"
    if column.dtype in ("bigint", "double"):
        cleaned = f"case when lower({cleaned}) <> 'nan' then {cleaned} end"
    return cleaned


def _from_text(dtype: str, clean: str) -> str:
    match dtype:
        case "varchar":
            return clean
        case "double":
            return f"case when isfinite(try_cast({clean} as double)) then try_cast({clean} as double) end"
        case "bigint":
            return (
                f"case when regexp_full_match({clean}, '[+-]?[0-9]+') then try_cast({clean} as bigint) "
                f"when regexp_full_match({clean}, '[+-]?[0-9]+[.]0*') "
                f"then try_cast(try_cast({clean} as decimal(38, 9)) as bigint) end"
            )
        case "date":
            return _day(f"try_cast({clean} as timestamp)")
        case "timestamp":
            # DuckDB reads +00:00 right after the time; Pinterest's export writes a blank and +0000.
            offset_joined = f"regexp_replace({clean}, '(:[0-9.]+) ?([+-][0-9]{{2}}):?([0-9]{{2}})$', '\\1\\2:\\3')"
            return f"try_cast(try_cast({offset_joined} as timestamptz) as timestamp)"
        case _:
            return f"try_cast({clean} as {dtype})"


def _day(moment: str) -> str:
    # A time of day in a column of days is a time-zone question that must not be settled by cutting it off.
    return f"case when {moment} = date_trunc('day', {moment}) then cast({moment} as date) end"
