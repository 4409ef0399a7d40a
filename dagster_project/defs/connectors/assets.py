"""Landing: export files become typed, deduplicated raw tables. One step, one asset a table."""

import hashlib

import dagster as dg
import pandas as pd

from dagster_project import keys
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import CONTRACTS, SOURCES, TableContract
from warehouse.databases import read_databases
from warehouse.errors import WarehouseError
from warehouse.landing import LoadReport, land_source
from warehouse.redaction import redacted
from warehouse.remote import UnreachableError

NO_REJECTED_FILES = "no_rejected_files"
NO_QUARANTINED_ROWS = "no_quarantined_rows"
_PREVIEW_ROWS = 5


def table_key(contract: TableContract) -> dg.AssetKey:
    """The asset key of a raw table, which is also the key of its dbt source."""
    return dg.AssetKey([contract.source, contract.table])


def _load_log_spec() -> dg.AssetSpec:
    return dg.AssetSpec(
        keys.LOAD_LOG,
        # Lift tests are not among what it depends on: a new one must not rebuild a mart.
        deps=[key for contract in CONTRACTS.values() if (key := table_key(contract)) != keys.LIFT_TESTS],
        group_name="connectors",
        kinds={"duckdb"},
        owners=["team:data-engineering"],
        description=(
            "`raw_meta.loads`: which file was loaded when, with how many rows, and which days it covers. "
            'It tells the marts "no spend" from "feed failed".'
        ),
    )


def _spec(contract: TableContract) -> dg.AssetSpec:
    return dg.AssetSpec(
        table_key(contract),
        group_name="connectors",
        kinds={"duckdb", "file"},
        owners=["team:data-engineering"],
        description=contract.description,
        metadata={
            "raw_table": f"raw_{contract.source}.{contract.table}",
            "key": ", ".join(contract.key),
            "dagster/column_schema": dg.TableSchema(
                [
                    dg.TableColumn(column.name, column.dtype, description=column.description)
                    for column in contract.columns
                ]
            ),
        },
    )


def _checks(contract: TableContract) -> list[dg.AssetCheckSpec]:
    key = table_key(contract)
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
    ]


_CONTRACT = {table_key(contract): contract for contract in CONTRACTS.values()}


@dg.multi_asset(
    name="land",
    specs=[*(_spec(contract) for contract in CONTRACTS.values()), _load_log_spec()],
    check_specs=[check for contract in CONTRACTS.values() for check in _checks(contract)],
    can_subset=True,
    pool=keys.WAREHOUSE_POOL,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL),
)
def land(context: dg.AssetExecutionContext, store: WarehouseResource):  # noqa: ANN201  (a generator of results)
    """Land every selected table. One step, because a process a source costs more than landing it."""
    selected = context.selected_asset_keys
    databases, failed = read_databases(store.home.databases)
    landing: str | None = store.home.landing
    for source in SOURCES:
        tables = {
            contract.table for key, contract in _CONTRACT.items() if key in selected and contract.source == source
        }
        if not tables:
            continue
        try:
            try:
                reports = land_source(store.warehouse, landing, source, only=tables, databases=databases)
            except UnreachableError as error:
                # Told once, not once a source and after as many waits; the databases are still read.
                failed.append(str(error))
                landing = None
                reports = land_source(store.warehouse, landing, source, only=tables, databases=databases)
        except (OSError, WarehouseError) as error:  # one unreachable source must not keep the others out
            failed.append(f"{source}: {redacted(error)}")
            continue
        for report in reports:
            failed += report.unreachable
            for message in report.messages:
                context.log.warning(message)
            contract = CONTRACTS.get((report.source, report.table))
            if contract is not None:  # folders that no contract knows are told about and left alone
                yield _materialization(contract, report, store)
    if keys.LOAD_LOG in selected:
        yield _load_log(store)
    if failed:
        told = "\n".join(dict.fromkeys(failed))
        raise dg.Failure(told, metadata={"sources": told})


def _materialization(contract: TableContract, report: LoadReport, store: WarehouseResource) -> dg.MaterializeResult:
    with store.warehouse.read() as connection:
        rows = connection.execute(f"select count(*) from {contract.raw_name}").fetchone()[0]
        preview = connection.execute(
            f"select * from {contract.raw_name} order by _loaded_at desc limit {_PREVIEW_ROWS}"
        ).df()
        version = connection.execute(
            "select md5(coalesce(string_agg(file_sha256, ',' order by file_sha256), '')) from raw_meta.loads "
            "where source = ? and table_name = ?",
            [contract.source, contract.table],
        ).fetchone()[0]
    key = table_key(contract)
    said = dg.MetadataValue.md("\n".join(f"- {message}" for message in report.messages) or "nothing to report")
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
            "rows_quarantined": report.rows_quarantined,
            "preview": dg.MetadataValue.md(_markdown(preview)),
            "messages": said,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=NO_REJECTED_FILES,
                asset_key=key,
                passed=not report.rejected,
                severity=dg.AssetCheckSeverity.ERROR,
                description="; ".join(report.messages) if report.rejected else None,
                metadata={"files_rejected": len(report.rejected), "messages": said},
            ),
            dg.AssetCheckResult(
                check_name=NO_QUARANTINED_ROWS,
                asset_key=key,
                passed=report.rows_quarantined == 0,
                severity=dg.AssetCheckSeverity.WARN,
                description=f"{report.rows_quarantined} rows in raw_quarantine.rows"
                if report.rows_quarantined
                else None,
                metadata={"rows_quarantined": report.rows_quarantined, "messages": said},
            ),
        ],
    )


def _markdown(frame: pd.DataFrame) -> str:
    return frame.astype(str).to_markdown(index=False) if len(frame) else "no rows yet"


def _load_log(store: WarehouseResource) -> dg.MaterializeResult:
    with store.warehouse.read() as connection:
        loads = connection.execute(
            "select source, count(*) as files, sum(rows_read)::bigint as rows, min(min_date) as first_day, "
            "max(max_date) as last_day, md5(string_agg(file_sha256, ',' order by file_sha256)) as version "
            "from raw_meta.loads where source <> ? group by source order by source",
            [keys.LIFT_TESTS.path[0]],
        ).df()
    version = ",".join(loads.pop("version"))
    return dg.MaterializeResult(
        asset_key=keys.LOAD_LOG,
        data_version=dg.DataVersion(hashlib.md5(version.encode()).hexdigest()),
        metadata={"dagster/row_count": int(loads["files"].sum()), "sources": dg.MetadataValue.md(_markdown(loads))},
    )
