"""The model without lift tests, the tests and the platforms side by side, and what follows for each channel."""

import hashlib

import dagster as dg
import pandas as pd

from dagster_project import automation, keys
from dagster_project.components.mmm_model.inputs import load_evidence
from dagster_project.components.mmm_model.pictures import image
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence.triangulation.harmonise import WINDOW, claimed_returns, harmonise
from mmm_models.panel import Panel
from mmm_models.reporting import plots
from mmm_models.reporting.triangulation import triangulation_tables
from mmm_models.spec import ModelSpec
from mmm_models.training import FitReference

_WEEKS = "list_contains(?, market) and week_start between ? and ? and is_complete"
_MEDIA = f"select week_start, market, channel, spend, platform_conversions from main.fct_media_weekly where {_WEEKS}"
_OUTCOMES = f"select week_start, market, outcome, value from main.fct_outcomes_weekly where {_WEEKS}"
_KINDS = "select channel, channel_group from main.dim_channel where channel_group is not null"
_SHOWN = ["channel", "roas_p05", "roas_p50", "roas_p95", "bias_mmm", "bias_attribution", "verdict"]


def triangulation_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that fuses all sources of one model's returns."""

    @dg.asset(
        key=keys.model_key(spec.model, "triangulation"),
        ins={step: dg.AssetIn(keys.model_key(spec.model, step)) for step in ("evidence", "fit")},
        # The marts stand above the fit's snapshot. No input by themselves: what is said of a run stays as it was said,
        # and conversions that a platform restates are read with the next fit.
        group_name=spec.model,
        kinds={"numpy", "duckdb"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        automation_condition=automation.retrain_on_new_data,
        description=(
            f"Do the fit of **{spec.model}** without lift tests, the tests and the platforms' own conversions agree? "
            "Brought to one estimand and fused; the biases of model and platforms are learned from channels that were "
            "tested, and held against those that were not. An audit beside the calibrated fit, which plans read."
        ),
    )
    def triangulation(
        context: dg.AssetExecutionContext, store: WarehouseResource, evidence: dict, fit: dict
    ) -> dg.MaterializeResult[dict]:
        reference = FitReference(**fit)
        loaded, selected = reference.load(), load_evidence(evidence)
        claimed, kinds = _claims(store, spec, loaded.panel)
        quality = {test.test_id: selected.term(test).quality for test in selected.used}
        tables = triangulation_tables(harmonise(loaded, selected.used, claimed, quality=quality), kinds)
        fused = tables["triangulation"].query("method == 'hierarchical'")
        readings, triangulation_id = tables["triangulation_sources"], _content(tables)
        return dg.MaterializeResult(
            value={"triangulation_id": triangulation_id, "tables": tables},
            data_version=dg.DataVersion(triangulation_id),
            metadata={
                "channels": len(fused),
                "channels_overlapping": int(fused["channels_overlapping"].max()),
                "verdicts": ", ".join(sorted(set(fused["verdict"]))),
                "triangulation": dg.MetadataValue.md(fused[_SHOWN].round(2).to_markdown(index=False)),
                "sources": dg.MetadataValue.md(readings.round(2).to_markdown(index=False)),
                "plot_triangulation": image(
                    plots.triangulation(tables, unit=f"{spec.outcome} per {spec.currency} of spend")
                ),
            },
        )

    return triangulation


def _claims(store: WarehouseResource, spec: ModelSpec, panel: Panel) -> tuple[pd.DataFrame, dict[str, str]]:
    """What platforms claim in the window, and the kind of each channel."""
    weeks = panel.weeks[panel.window(WINDOW)]
    bounds = [list(spec.markets), weeks[0].date(), weeks[-1].date()]
    with store.warehouse.read() as connection:
        media = connection.execute(_MEDIA, bounds).df()
        outcomes = connection.execute(_OUTCOMES, bounds).df()
        kinds = dict(connection.execute(_KINDS).fetchall())
    media = media[media["channel"].isin(spec.channel_names)]
    return claimed_returns(media, outcomes, spec.outcome, kinds), kinds


def _content(tables: dict[str, pd.DataFrame]) -> str:
    """Identity of what was found, so that looking again publishes nothing."""
    digest = hashlib.sha256()
    for table in tables.values():
        digest.update(table.to_csv(index=False, float_format="%.9g").encode())
    return digest.hexdigest()
