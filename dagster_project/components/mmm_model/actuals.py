"""Former plans held against the weeks that have come since, and whether the fits behind them still hold."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import read_panel
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.errors import MixhouseModelError
from mmm_models.fit import load_fit
from mmm_models.panel import Panel
from mmm_models.planning.actuals import LEAST_WEEKS, AsSpent, Drift, as_spent, drift_of
from mmm_models.reporting.actuals import drift_in_words, plan_vs_actual, scores
from mmm_models.spec import ModelSpec
from warehouse.results import ensure_results, write_tables
from warehouse.snapshots import read_snapshot

CHECK = "plan_drift"
# Figures of older weeks hardly change any more; a plan's rows stand still so long after its end.
_STANDING_STILL_WEEKS = 8
_FORMER = """
    select forecasts.*, plans.model, plans.run_id, plans.created_at
    from results.plan_forecasts as forecasts
    inner join results.plans as plans on forecasts.plan_id = plans.plan_id
    inner join results.model_runs as runs on plans.run_id = runs.run_id
    where plans.model = ? and runs.outcome = ? and forecasts.scenario = 'plan'
    qualify min(forecasts.week_start) over (partition by forecasts.plan_id) <= ?
        and max(forecasts.week_start) over (partition by forecasts.plan_id) >= ?
"""


@dataclass(frozen=True)
class Compared:
    """One former plan beside the weeks that have come: rows of `plan_vs_actual`, and how far off its fit is."""

    plan_id: str
    rows: pd.DataFrame
    drift: Drift | None


def plan_vs_actual_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that compares one model's former plans with what came."""
    key = keys.model_key(spec.model, "plan_vs_actual")

    @dg.asset(
        key=key,
        ins={"snapshot": dg.AssetIn(keys.model_key(spec.model, "snapshot"))},
        group_name=spec.model,
        kinds={"xarray", "duckdb"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=key,
                description="Do the weeks since a plan lie where its fit expected them, for what was spent?",
            )
        ],
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"Former plans of **{spec.model}** beside the weeks that have come since: money and outcome as planned and "
            "as they were, scored, and what the plan's own fit expects for what was really spent. In "
            "`results.plan_vs_actual`; empty until a plan's first week has come."
        ),
    )
    def plan_vs_actual(context: dg.AssetExecutionContext, store: WarehouseResource, snapshot: str):  # noqa: ANN202
        panel, delivered = read_panel(snapshot, spec), read_snapshot(snapshot)
        last = panel.weeks[-1]
        with store.warehouse.write() as connection:
            ensure_results(connection)
            still = last - pd.Timedelta(weeks=_STANDING_STILL_WEEKS)
            former = connection.execute(_FORMER, [spec.model, spec.outcome, last.date(), still.date()]).df()
        compared = [_compared(store, delivered, panel, own) for own in _by_plan(former)]
        with store.warehouse.write() as connection:
            for each in compared:
                write_tables(connection, {"plan_vs_actual": each.rows}, key="plan_id", value=each.plan_id)
        rows = pd.concat([each.rows for each in compared]) if compared else pd.DataFrame({"market": []})
        return dg.MaterializeResult(
            data_version=dg.DataVersion(hashlib.sha256(rows.to_json().encode()).hexdigest()),
            check_results=[drift_check(compared, spec.outcome, key)],
            metadata={
                "dagster/row_count": len(rows),
                "plans": len(compared),
                **({"scores": dg.MetadataValue.md(scores(rows).to_markdown(index=False))} if compared else {}),
            },
        )

    return plan_vs_actual


def drift_check(compared: Sequence[Compared], outcome: str, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Judge the newest plan of which enough weeks have come and whose fit can still be asked; warn, block nothing.

    `compared`: oldest plan first.
    """
    judged = [each for each in compared if each.drift is not None]
    enough = [each for each in judged if each.drift.weeks >= LEAST_WEEKS] or judged
    if not enough:
        reasons = {note for each in compared for note in each.rows["as_spent_note"] if note}
        told = f"No plan can be judged: {'; '.join(sorted(reasons))}" if reasons else "No week of a plan has come yet."
        return dg.AssetCheckResult(check_name=CHECK, asset_key=key, passed=True, description=told)
    newest = enough[-1]
    drift = newest.drift
    return dg.AssetCheckResult(
        check_name=CHECK,
        asset_key=key,
        passed=not drift.is_drifting,
        severity=dg.AssetCheckSeverity.WARN,
        description=drift_in_words(drift, newest.plan_id, outcome),
        metadata={
            "plan_id": newest.plan_id,
            "weeks": drift.weeks,
            "misses": drift.misses,
            "misses_chance": drift.misses_chance,
            "bias_in_sd": drift.bias,
            "bias_chance": drift.bias_chance,
            "scatter": drift.scatter,
            "scatter_chance": drift.scatter_chance,
            "scores": dg.MetadataValue.md(scores(newest.rows).to_markdown(index=False)),
        },
    )


def _by_plan(former: pd.DataFrame) -> list[pd.DataFrame]:
    """Forecasts of each plan, the oldest first."""
    ordered = former.sort_values(["created_at", "plan_id"], kind="stable")
    return [own for _, own in ordered.groupby("plan_id", sort=False)]


def _compared(store: WarehouseResource, delivered: pd.DataFrame, panel: Panel, forecast: pd.DataFrame) -> Compared:
    plan_id, run_id = str(forecast["plan_id"].iloc[0]), str(forecast["run_id"].iloc[0])
    told, note = _told(store, delivered, run_id)
    rows = plan_vs_actual(forecast, panel, told, note)
    return Compared(plan_id, rows, None if told is None else _drift(told, panel, rows))


def _drift(told: AsSpent, panel: Panel, rows: pd.DataFrame) -> Drift | None:
    """None where no week can be held against the fit: its series may end before those of today's model."""
    came = pd.DatetimeIndex(pd.to_datetime(rows["week_start"].unique()))
    weeks = came[came.isin(told.expected.indexes["week"])]
    known = set(told.expected["market"].values) <= set(panel.markets)
    return drift_of(told, panel, weeks) if known and len(weeks) else None


def _told(store: WarehouseResource, delivered: pd.DataFrame, run_id: str) -> tuple[AsSpent | None, str]:
    """What the fit of a run says of the weeks since, or why it cannot be asked."""
    path = store.home.fits / f"{run_id}.nc"
    if not path.exists():
        return None, f"the fit of {run_id} is not kept any more"
    try:
        fit = load_fit(path)
        return as_spent(fit, Panel.for_spec(delivered, fit.spec)), ""
    except MixhouseModelError as error:
        return None, f"the fit of {run_id} cannot be asked about today's data: {error}"
