"""Geo tests of the landed tables: read out, kept in `results.geo_readouts`, handed on as records to be approved."""

import datetime as dt

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.pictures import image
from dagster_project.geo_records import deliver_record
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence.geo import GeoResult, read_all
from mmm_models.reporting import geo as rows
from mmm_models.reporting import plots
from warehouse.results import ensure_results, upsert_by_test

_TABLES = ("geo_panel", "geo_treatments", "geo_spend")
_PLOTS_SHOWN = 6
_CHECK = "every_test_has_a_record"


@dg.asset(
    key=["evidence", "geo_readouts"],
    deps=[dg.AssetKey([keys.EVIDENCE_SOURCE, table]) for table in _TABLES],
    check_specs=[
        dg.AssetCheckSpec(
            _CHECK,
            asset=["evidence", "geo_readouts"],
            description="Every geo test that is over could be read out and has its spend.",
        )
    ],
    group_name="evidence",
    kinds={"duckdb", "causalpy"},
    owners=["team:marketing-science"],
    pool=keys.WAREHOUSE_POOL,
    automation_condition=automation.follow_inputs,
    description=(
        "Effect of each geo test that is over, from the outcomes by region, with an error from placebos: "
        "`results.geo_readouts`. Its record is delivered to landing/experiments/lift_tests as `submitted`, lands with "
        "the next landing and waits there for a person's approval."
    ),
)
def geo_readouts(context: dg.AssetExecutionContext, store: WarehouseResource) -> dg.MaterializeResult:
    """Read out, write, deliver."""
    with store.warehouse.read() as connection:
        panel, treatments, spend = (
            connection.execute(f"select * from raw_{keys.EVIDENCE_SOURCE}.{table}").df() for table in _TABLES
        )
    treatments = treatments.drop(columns=[name for name in treatments if name.startswith("_")])
    results = read_all(panel, treatments, spend, dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None))
    readouts = [result.readout for result in results if result.readout is not None]
    summary = rows.geo_readouts(readouts)
    with store.warehouse.write() as connection:
        ensure_results(connection)
        upsert_by_test(connection, "geo_readouts", summary)
        upsert_by_test(connection, "geo_readouts_weekly", rows.geo_readouts_weekly(readouts))
    records = [result.record for result in results if result.record is not None]
    delivered = [place for record in records if (place := deliver_record(record, store.home.landing))]
    figures = {
        f"plot_{readout.test.test_id}".replace("-", "_"): image(plots.geo_readout(readout))
        for readout in sorted(readouts, key=lambda readout: readout.test.end_date)[-_PLOTS_SHOWN:]
    }
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(summary),
            "records_delivered": dg.MetadataValue.md("\n".join(f"- {place}" for place in delivered) or "nothing new"),
            "readouts": dg.MetadataValue.md(_table(summary)),
            **figures,
        },
        check_results=[_verdict(results)],
    )


def _verdict(results: list[GeoResult]) -> dg.AssetCheckResult:
    problems = [result.problem for result in results if result.problem and not result.is_running]
    running = [result.problem for result in results if result.is_running]
    return dg.AssetCheckResult(
        check_name=_CHECK,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(problems) or None,
        metadata={
            "tests": len(results),
            "without_record": len(problems),
            "still_running": dg.MetadataValue.md("\n".join(f"- {said}" for said in running) or "none"),
        },
    )


def _table(summary: pd.DataFrame) -> str:
    shown = ["test_id", "estimator", "point", "se", "p05", "p95", "placebo_p", "pre_fit_error", "error_from"]
    return summary[shown].to_markdown(index=False, floatfmt=".4g") if len(summary) else "no geo test is over yet"
