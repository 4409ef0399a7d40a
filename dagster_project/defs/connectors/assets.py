"""Landing: export files become typed, deduplicated raw tables. One step, one asset a table."""

import hashlib

import dagster as dg

from dagster_project import keys
from dagster_project.defs.connectors.materialize import (
    check_specs,
    markdown,
    materialization,
    settled_tables,
    table_key,
)
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import CONTRACTS, SOURCES, TableContract
from warehouse.databases import read_databases
from warehouse.errors import WarehouseError
from warehouse.landing import LoadReport, land_source, prepare_raw_tables
from warehouse.redaction import redacted
from warehouse.remote import UnreachableError


def _load_log_spec() -> dg.AssetSpec:
    return dg.AssetSpec(
        keys.LOAD_LOG,
        # Lift tests are not among what it depends on: a new one must not rebuild a mart.
        deps=[table_key(contract) for contract in CONTRACTS.values() if contract.source != keys.EVIDENCE_SOURCE],
        group_name="loads",
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
        # A source is one fold of the graph: its raw tables here, and its staging models behind them.
        group_name=contract.source,
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


_CONTRACT = {table_key(contract): contract for contract in CONTRACTS.values()}

# Everything that landing makes.
LANDED = frozenset({*_CONTRACT, keys.LOAD_LOG})


@dg.multi_asset(
    name="land",
    specs=[*(_spec(contract) for contract in CONTRACTS.values()), _load_log_spec()],
    check_specs=[check for key in _CONTRACT for check in check_specs(key)],
    can_subset=True,
    pool=keys.WAREHOUSE_POOL,
    retry_policy=dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL),
)
def land(context: dg.AssetExecutionContext, store: WarehouseResource):  # noqa: ANN201  (a generator of results)
    """Land every selected table. One step, because a process a source costs more than landing it."""
    selected = context.selected_asset_keys
    settled = settled_tables(context.instance, set(selected) & set(_CONTRACT))
    databases, failed = read_databases(store.home.databases)
    landing: str | None = store.home.landing
    prepare_raw_tables(store.warehouse)
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
        news = _news(reports, settled)
        if news:
            with store.warehouse.read() as connection:
                results = [materialization(contract, report, connection) for contract, report in news]
            yield from results
    if keys.LOAD_LOG in selected:
        yield _load_log(store)
    if failed:
        told = "\n".join(dict.fromkeys(failed))
        raise dg.Failure(told, metadata={"sources": told})


def _news(reports: list[LoadReport], settled: set[dg.AssetKey]) -> list[tuple[TableContract, LoadReport]]:
    """What the tables' pages do not say yet; a folder that no contract knows has no page."""
    known = [(CONTRACTS.get((report.source, report.table)), report) for report in reports]
    return [
        (contract, report)
        for contract, report in known
        if contract and (report.loaded or report.messages or table_key(contract) not in settled)
    ]


def _load_log(store: WarehouseResource) -> dg.MaterializeResult:
    with store.warehouse.read() as connection:
        loads = connection.execute(
            "select source, count(*) as files, sum(rows_read)::bigint as rows, min(min_date) as first_day, "
            "max(max_date) as last_day, md5(string_agg(file_sha256, ',' order by file_sha256)) as version "
            "from raw_meta.loads where source <> ? group by source order by source",
            [keys.EVIDENCE_SOURCE],
        ).df()
    version = ",".join(loads.pop("version"))
    return dg.MaterializeResult(
        asset_key=keys.LOAD_LOG,
        data_version=dg.DataVersion(hashlib.md5(version.encode()).hexdigest()),
        metadata={"dagster/row_count": int(loads["files"].sum()), "sources": dg.MetadataValue.md(markdown(loads))},
    )
