"""What a model is made from: its cut of the marts as a Parquet snapshot; and lift tests as they landed."""

import dagster as dg
import numpy as np
import pandas as pd

from dagster_project import automation, keys
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import EvidenceSet, LiftTest, read_lift_tests
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from warehouse.snapshots import read_snapshot, write_snapshot

# A mart that is rebuilt adds the same figures in another order, and its sums differ in their last bits. That is no
# new data. Rounded to bits, not to decimals: exported money has few decimals, so halves of a decimal do occur, and
# there the last bit decides. 32 bits are a cent in forty million.
_KEPT_BITS = 32

_LONG = "select week_start, market, role, name, value, unit from main.mmm_input_weekly where list_contains(?, market)"


def read_panel(path: str, spec: ModelSpec) -> Panel:
    """The panel of a model from its snapshot file.

    Raises:
        PanelError: the rows do not make a panel; the message names week, market, column and remedy.
    """
    return Panel.for_spec(read_snapshot(path), spec)


def used_rows(frame: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The rows of `mmm_input_weekly` that this model reads, so that no other row can change its data version."""
    names = {("outcome", spec.outcome)}
    names |= {("spend", channel) for channel in spec.channel_names}
    names |= {("control", control) for control in spec.control_names}
    names |= {(role, name) for role in ("exposure", "control") for name in spec.driver_names}
    wanted = [pair in names for pair in zip(frame["role"], frame["name"], strict=True)]
    used = frame.loc[wanted].reset_index(drop=True)
    return used.assign(value=without_last_bits(used["value"]))


def without_last_bits(values: pd.Series, kept: int = _KEPT_BITS) -> pd.Series:
    """Round the binary mantissa; zeros and missing values stay."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(mantissa, kept)), exponent - kept)


def snapshot_asset(spec: ModelSpec) -> dg.AssetsDefinition:
    """The asset that cuts and freezes one model's data."""

    @dg.asset(
        key=keys.model_key(spec.model, "snapshot"),
        deps=[keys.MMM_INPUT],
        group_name=spec.model,
        kinds={"parquet"},
        owners=[spec.owner],
        pool=keys.WAREHOUSE_POOL,
        code_version=spec.training_hash(),
        automation_condition=automation.follow_inputs,
        description=(
            f"The rows of `mmm_input_weekly` that **{spec.model}** reads, frozen as Parquet. Its data version is the "
            "hash of the sorted content: a rebuilt mart with the same rows refits nothing. Fits read this file, never "
            "the database."
        ),
    )
    def snapshot(context: dg.AssetExecutionContext, store: WarehouseResource) -> dg.MaterializeResult[str]:
        with store.warehouse.read() as connection:
            frame = connection.execute(_LONG, [list(spec.markets)]).df()
        written = write_snapshot(used_rows(frame, spec), store.home.snapshots, spec.model)
        panel = read_panel(written.path, spec)
        spend = panel.dataset["spend"].sum(("week", "market")).to_series().sort_values(ascending=False)
        return dg.MaterializeResult(
            value=written.path,
            data_version=dg.DataVersion(written.content_hash),
            metadata={
                "dagster/row_count": written.rows,
                "dagster/uri": written.path,
                "weeks": len(panel.weeks),
                "first_week": str(panel.weeks[0].date()),
                "last_week": str(panel.weeks[-1].date()),
                "spend_total": float(spend.sum()),
                "outcome_total": float(panel.dataset["outcome"].sum()),
                "spend_by_channel": dg.MetadataValue.md(
                    spend.map(lambda value: f"{spec.currency} {value:,.0f}").rename("spend").to_markdown()
                ),
            },
        )

    return snapshot


def landed_lift_tests(store: WarehouseResource) -> list[LiftTest]:
    """All landed lift tests, whatever their state.

    Raises:
        EvidenceError: a record contradicts itself; the message names test, column, value and remedy.
    """
    columns = ", ".join(LiftTest.model_fields)
    with store.warehouse.read() as connection:
        frame = connection.execute(f"select {columns} from raw_experiments.lift_tests order by test_id").df()
    return read_lift_tests(frame.astype(object).where(frame.notna(), None).to_dict("records"))


def load_evidence(value: dict) -> EvidenceSet:
    """The evidence set that an `evidence` asset handed on."""
    return EvidenceSet.model_validate(value)


def known_tests(value: dict) -> list[LiftTest]:
    """All tests, of any state and model, that an `evidence` asset chose from."""
    return read_lift_tests(value.get("known", []))
