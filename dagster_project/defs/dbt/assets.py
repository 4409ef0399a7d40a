"""dbt: exports become weekly MMM-ready tables. Tests are asset checks; severity error blocks what reads the table."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    DbtProject,
    dbt_assets,
)

from dagster_project import automation, keys
from dagster_project.defs.dbt.tables import with_tables
from dagster_project.defs.dbt.words import explain_failures, with_words
from dagster_project.environment import DBT_PROJECT
from dagster_project.resources.dbt import DBT_EXECUTABLE, manifest_path
from dagster_project.resources.warehouse import WarehouseResource
from warehouse.contracts import SOURCES

_KINDS = {"seed": "csv", "model": "sql"}
_LOADS = "loads"


class MartsTranslator(DagsterDbtTranslator):
    """dbt nodes as Dagster assets: keys `schema/name`; groups by source, then by domain, then marts."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The spec of one node; sources keep the key of the landing asset that fills them."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id)
        if node is None or node["resource_type"] == "source":
            return spec
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["name"]]),
            group_name=group_of(node),
            automation_condition=automation.follow_inputs,
        ).merge_attributes(
            kinds={_KINDS.get(node["resource_type"], "sql"), "dbt", "duckdb"},
            owners=["team:data-engineering"],
        )


def group_of(node: Mapping[str, Any]) -> str:
    """The fold of the graph that a seed or model belongs to.

    What is about one source lies with its raw tables; other intermediate models lie by domain (media, outcomes and so
    on), which the first folder below the layer names.
    """
    if node["resource_type"] == "seed":
        return "seeds"
    _, layer, folder, *_ = node["fqn"]
    about = re.match(r"int_(\w+?)__", node["name"])
    if layer == "intermediate" and about and about[1] in SOURCES:
        return about[1]
    return layer if layer in ("marts", "mmm") else _LOADS if folder == "raw_meta" else folder


TRANSLATOR = MartsTranslator(
    # The archive of a raw table is one asset with the table.
    DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_duplicate_source_asset_keys=True)
)


@dbt_assets(
    manifest=manifest_path(),
    dagster_dbt_translator=TRANSLATOR,
    pool=keys.WAREHOUSE_POOL,
    name="dbt_build",
)
def dbt_build(context: dg.AssetExecutionContext, dbt: DbtCliResource, store: WarehouseResource) -> Iterator[Any]:
    """`dbt build` of what is selected: seeds, models and data tests in one pass.

    Unit tests try the SQL on rows of their own; they belong to the tests of the code, not to each load of data.
    """
    # One folder for all builds: dbt finds what it parsed before, nothing piles up, and the pool lets one in at a time.
    target = store.home.dbt_target
    (target / "run_results.json").unlink(missing_ok=True)
    command = ["build", "--exclude-resource-type", "unit_test"]
    build = dbt.cli(command, context=context, raise_on_error=False, target_path=target)
    # dbt holds the file until it ends; nothing can be looked up before.
    events = list(build.stream())
    tables = [event for event in events if isinstance(event, dg.Output)]
    yield from with_tables(
        tables,
        build.manifest,
        target / "compiled",
        store.warehouse,
        key_of=lambda unique_id: TRANSLATOR.get_asset_spec(build.manifest, unique_id, None).key,
        warn=context.log.warning,
    )
    others = (event for event in events if not isinstance(event, dg.Output))
    yield from with_words(others, build.manifest, store.warehouse)
    if not build.is_successful():
        failure = explain_failures(build.get_artifact("run_results.json"), store.warehouse)
        raise dg.Failure(description=failure, allow_retries=False)


def dbt_resource() -> DbtCliResource:
    """The dbt command line."""
    return DbtCliResource(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=str(DBT_EXECUTABLE),
    )
