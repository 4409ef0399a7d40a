"""What a model's data look like before anything is fitted: thirteen kinds of checks that warn and never block."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import read_panel
from dagster_project.components.mmm_model.pictures import image
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.reporting import plots
from mmm_models.reporting.clock import utc_now
from mmm_models.reporting.data_checks import data_checks as data_check_rows
from mmm_models.reporting.data_checks import worst_in_words
from mmm_models.spec import ModelSpec
from mmm_models.validation.data_checks import CHECKS, VERDICTS, DataCheck, check_data, exposure_series, worst_first
from warehouse.results import write_tables

# Of one check's findings; all of them stand in `results.data_checks`.
_LISTED = 20
# Exposure is no part of the snapshot: what only a check reads must not refit a model.
_EXPOSURE = """
    select week_start, market, role, name, value from main.mmm_input_weekly
    where role in ('spend', 'exposure') and list_contains(?, market)
"""
# Nor is what is known of a channel: that commission follows sales stands in no figure.
_ENDOGENOUS = "select channel from main.dim_channel where is_endogenous"


def data_checks_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that looks at one model's data."""
    key = keys.model_key(spec.model, "data_checks")

    @dg.asset(
        key=key,
        ins={"snapshot": dg.AssetIn(keys.model_key(spec.model, "snapshot"))},
        # Delivered impressions can change where no figure of the model does.
        deps=[keys.MMM_INPUT, keys.DIM_CHANNEL],
        group_name=spec.model,
        kinds={"xarray", "duckdb"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        code_version=spec.data_checks_hash(),
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=check.question) for name, check in CHECKS.items()],
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"The data of **{spec.model}** as a careful analyst would look at them before a fit: series that move "
            "together, budgets that follow sales, money without exposure, weeks far outside their past, too little to "
            "learn from. In `results.data_checks`, snapshot by snapshot. Findings warn; no fit waits for them."
        ),
    )
    def data_checks(context: dg.AssetExecutionContext, store: WarehouseResource, snapshot: str):  # noqa: ANN202
        panel = read_panel(snapshot, spec)
        with store.warehouse.read() as connection:
            rows = connection.execute(_EXPOSURE, [list(spec.markets)]).df()
            endogenous = [channel for (channel,) in connection.execute(_ENDOGENOUS).fetchall()]
        records = check_data(panel, exposure_series(rows, panel), spec.data_checks, endogenous)
        snapshot_id = f"{spec.model}-snapshot-{PurePath(snapshot).stem}"
        table = data_check_rows(
            records,
            snapshot_id=snapshot_id,
            model=spec.model,
            data_hash=panel.content_hash(),
            as_of_week=panel.weeks[-1],
            created_at=utc_now(),
        )
        with store.warehouse.write() as connection:
            write_tables(connection, {"data_checks": table}, key="snapshot_id", value=snapshot_id)
        counts = table["verdict"].value_counts()
        return dg.MaterializeResult(
            data_version=dg.DataVersion(_content(records, snapshot_id)),
            check_results=check_results(records, key),
            metadata={
                "dagster/row_count": len(table),
                "snapshot_id": snapshot_id,
                **{verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS},
                "findings": dg.MetadataValue.md(_listed(records)),
                "plot_data_checks": image(plots.data_checks(records, spec.model)),
            },
        )

    return data_checks


def check_results(records: Sequence[DataCheck], key: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """One result a kind of check, those with the worst findings first: a terminal shows only a few."""
    worst = {record.check: record.verdict for record in reversed(worst_first(records))}
    names = sorted(CHECKS, key=lambda name: VERDICTS.index(worst.get(name, "pass")))
    return [_check_result(name, [record for record in records if record.check == name], key) for name in names]


def _check_result(name: str, records: list[DataCheck], key: dg.AssetKey) -> dg.AssetCheckResult:
    findings = [record for record in records if record.is_finding]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=key,
        passed=not findings,
        severity=dg.AssetCheckSeverity.WARN,
        description=worst_in_words(records) or f"{len(records)} looked at, nothing found.",
        metadata={"looked_at": len(records), "found": len(findings), "findings": dg.MetadataValue.md(_listed(records))},
    )


def _listed(records: Sequence[DataCheck]) -> str:
    """The worst findings as a table."""
    findings = [record for record in worst_first(records) if record.is_finding][:_LISTED]
    frame = pd.DataFrame(
        [{"verdict": record.verdict, "check": record.check, "advice": record.advice} for record in findings]
    )
    return frame.to_markdown(index=False) if findings else "nothing found"


def _content(records: Sequence[DataCheck], snapshot_id: str) -> str:
    """Identity of what was found, so that looking again at the same data publishes nothing."""
    return hashlib.sha256(repr((snapshot_id, list(records))).encode()).hexdigest()
