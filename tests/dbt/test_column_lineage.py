"""Column lineage of our models, held against what dagster-dbt works out by itself, slower."""

import dagster as dg
import pytest
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.core.dbt_cli_event import EventHistoryMetadata, _build_column_lineage_metadata

from dagster_project.defs.dbt.tables import Catalogue, column_lineage, node_of, relation_of
from warehouse.connection import Warehouse


class ByName(DagsterDbtTranslator):
    """An asset key of one word, fast: dagster-dbt asks for it at every column."""

    def get_asset_spec(self, manifest, unique_id, project):
        return dg.AssetSpec(unique_id.split(".")[-1])


# Unions of all sources, an incremental table that reads itself, a table of many CTEs, nested windows, the last table.
@pytest.mark.parametrize(
    "model",
    [
        "int_media__daily_unioned",
        "int_shopify__first_orders",
        "fct_media_weekly",
        "int_offline__flight_days",
        "mmm_input_weekly",
    ],
)
def test_each_column_has_the_parents_that_dagster_dbt_names(company, manifest, model):
    node = manifest["nodes"][f"model.mixhouse.{model}"]
    catalogue = Catalogue.read(Warehouse(company.database), [])
    compiled = company.compiled / "mixhouse" / node["original_file_path"]
    parents = {
        relation_of(node_of(manifest, name)): dg.AssetKey(name.split(".")[-1]) for name in node["depends_on"]["nodes"]
    }
    ours = column_lineage(compiled.read_text(), catalogue, relation_of(node), parents).deps_by_column

    def columns(unique_id: str):
        return {
            name: {"data_type": kind}
            for name, kind in catalogue.columns[relation_of(node_of(manifest, unique_id))].items()
        }

    history = EventHistoryMetadata(
        columns=columns(node["unique_id"]),
        parents={node_of(manifest, name)["relation_name"]: columns(name) for name in node["depends_on"]["nodes"]},
    )
    theirs = _build_column_lineage_metadata(history, node, manifest, ByName(), company.compiled.parent, None)
    assert {name: set(deps) for name, deps in ours.items()} == {
        name: set(deps) for name, deps in theirs["dagster/column_lineage"].deps_by_column.items()
    }
    assert any(ours.values())
