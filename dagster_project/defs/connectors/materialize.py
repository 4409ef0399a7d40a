"""What the asset page of a raw table shows after a landing, and when there is anything new to show."""

from __future__ import annotations

import dagster as dg
import duckdb
import pandas as pd

from warehouse.contracts import TableContract
from warehouse.landing import LoadReport
from warehouse.landing.volume import ShortLoad, short_loads

NO_REJECTED_FILES = "no_rejected_files"
NO_QUARANTINED_ROWS = "no_quarantined_rows"
ROW_COUNT_HOLDS = "row_count_holds"
_PREVIEW_ROWS = 5
_SETTLED = "all_checks_passed"


def table_key(contract: TableContract) -> dg.AssetKey:
    """The asset key of a raw table, which is also the key of its dbt source."""
    return dg.AssetKey([contract.source, contract.table])


def check_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """The checks that every raw table carries."""
    return [
        dg.AssetCheckSpec(
            NO_REJECTED_FILES,
            asset=key,
            description="Every delivered file could be read and had the columns it needs.",
        ),
        dg.AssetCheckSpec(
            NO_QUARANTINED_ROWS,
            asset=key,
            description="Every delivered row passed its contract; others are in quarantine.",
        ),
        dg.AssetCheckSpec(
            ROW_COUNT_HOLDS,
            asset=key,
            blocking=True,
            description="The newest load holds no fewer rows a day than the comparable one before it.",
        ),
    ]


def settled_tables(instance: dg.DagsterInstance, keys: set[dg.AssetKey]) -> set[dg.AssetKey]:
    """Tables that have been shown before and whose checks all passed then.

    Where a landing finds nothing for them, their page already says all there is: a hundred tables that nothing happened
    to would cost seconds each minute and bury those that something happened to.
    """
    events = instance.get_latest_materialization_events(keys)
    shown = {key: event.asset_materialization.metadata for key, event in events.items() if event}
    # The checks themselves cannot be asked: a run that is going on has planned them anew.
    return {key for key, metadata in shown.items() if metadata.get(_SETTLED) == dg.BoolMetadataValue(True)}


def materialization(
    contract: TableContract, report: LoadReport, connection: duckdb.DuckDBPyConnection
) -> dg.MaterializeResult:
    """Row counts, a preview and what landing had to say, with the verdict of each check."""
    rows = connection.execute(f"select count(*) from {contract.raw_name}").fetchone()[0]
    preview = connection.execute(
        f"select * from {contract.raw_name} order by _loaded_at desc limit {_PREVIEW_ROWS}"
    ).df()
    version = connection.execute(
        "select md5(coalesce(string_agg(file_sha256, ',' order by file_sha256), '')) from raw_meta.loads "
        "where source = ? and table_name = ?",
        [contract.source, contract.table],
    ).fetchone()[0]
    short = short_loads(connection, contract)
    key = table_key(contract)
    verdicts = _verdicts(key, report, short)
    return dg.MaterializeResult(
        asset_key=key,
        # The files' content: a landing run that finds nothing new leaves every table downstream as it is.
        data_version=dg.DataVersion(version),
        metadata={
            "dagster/row_count": rows,
            "files_loaded": len(report.loaded),
            "files_waiting": len(report.waiting),
            "files_known_already": len(report.skipped),
            "rows_merged": report.rows_merged,
            "rows_unchanged": report.rows_unchanged,
            "rows_quarantined": report.rows_quarantined,
            "preview": dg.MetadataValue.md(markdown(preview)),
            "messages": _said(report),
            _SETTLED: all(verdict.passed for verdict in verdicts),
        },
        check_results=verdicts,
    )


def _verdicts(key: dg.AssetKey, report: LoadReport, short: list[ShortLoad]) -> list[dg.AssetCheckResult]:
    return [
        dg.AssetCheckResult(
            check_name=NO_REJECTED_FILES,
            asset_key=key,
            passed=not report.rejected,
            severity=dg.AssetCheckSeverity.ERROR,
            description="; ".join(report.messages) if report.rejected else None,
            metadata={"files_rejected": len(report.rejected), "messages": _said(report)},
        ),
        dg.AssetCheckResult(
            check_name=NO_QUARANTINED_ROWS,
            asset_key=key,
            passed=report.rows_quarantined == 0,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{report.rows_quarantined} rows in raw_quarantine.rows" if report.rows_quarantined else None,
            metadata={"rows_quarantined": report.rows_quarantined, "messages": _said(report)},
        ),
        dg.AssetCheckResult(
            check_name=ROW_COUNT_HOLDS,
            asset_key=key,
            passed=not short,
            severity=dg.AssetCheckSeverity.ERROR,
            description=" ".join(load.message() for load in short) or None,
            metadata={"largest_drop": max((load.drop for load in short), default=0.0)},
        ),
    ]


def _said(report: LoadReport) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md("\n".join(f"- {message}" for message in report.messages) or "nothing to report")


def markdown(frame: pd.DataFrame) -> str:
    """A frame as a markdown table."""
    return frame.astype(str).to_markdown(index=False) if len(frame) else "no rows yet"
