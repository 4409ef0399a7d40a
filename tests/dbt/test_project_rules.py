"""The rules of dbt-project-evaluator that matter here, asserted over the manifest: no hub package, no network."""

from __future__ import annotations

import json
import re

import pytest

from tests.dbt.conftest import DBT
from warehouse.contracts import CONNECTORS, CONTRACTS, METADATA_COLUMNS

PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_"), "mmm": ("mmm_",)}
# Evidence goes from raw to the models without passing through SQL.
NOT_IN_DBT = {
    ("experiments", table) for table in ("lift_tests", "decisions", "geo_panel", "geo_treatments", "geo_spend")
}


@pytest.fixture(scope="module")
def models(manifest):
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def data_tests(manifest):
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def layer(node):
    return node["fqn"][1]


def parents(node, kind):
    return [parent for parent in node["depends_on"]["nodes"] if parent.startswith(f"{kind}.")]


def names(nodes):
    return sorted(node["name"] for node in nodes)


def test_every_model_has_a_test_of_its_key(models, data_tests):
    keyed = set()
    for test in data_tests:
        kind = (test.get("test_metadata") or {}).get("name")
        if kind == "sound_rows":
            keyed.add(test["attached_node"])
    # A view between two tables repeats no row that its tables do not have.
    stored = [m for m in models if layer(m) != "intermediate" or m["config"]["materialized"] != "view"]
    assert names(m for m in stored if m["unique_id"] not in keyed and "__superseded_" not in m["name"]) == []


def test_every_source_table_says_when_it_is_stale(manifest):
    silent = [
        source["name"]
        for source in manifest["sources"].values()
        if not source["source_name"].endswith("_superseded")
        and not (source["loaded_at_field"] and source["freshness"]["warn_after"]["count"])
    ]
    assert silent == []


def test_everything_is_described_to_the_last_column(manifest, models):
    bare = []
    for node in [*models, *manifest["sources"].values()]:
        bare += [node["name"]] if not node["description"] else []
        bare += [f"{node['name']}.{name}" for name, column in node["columns"].items() if not column["description"]]
    assert bare == []


def test_sums_of_counts_are_stored_as_bigint(company):
    """DuckDB's sum of integers has 128 bits, and a stored column of those is read a hundred times slower."""
    columns = "select table_name || '.' || column_name from information_schema.columns join information_schema.tables "
    stored = "using (table_schema, table_name) where table_type = 'BASE TABLE' and data_type = 'HUGEINT'"
    assert company.rows(columns + stored) == []


def test_the_described_columns_of_a_model_are_those_it_has(company, models):
    actual = {}
    for schema, table, column in company.rows("select schema_name, table_name, column_name from duckdb_columns()"):
        actual.setdefault((schema, table), set()).add(column)
    differing = {
        model["name"]: actual[model["schema"], model["name"]] ^ set(model["columns"])
        for model in models
        if actual[model["schema"], model["name"]] != set(model["columns"])
    }
    assert differing == {}


def test_sources_are_the_raw_tables_of_the_contracts(manifest):
    described = {
        (source["source_name"], source["name"]): set(source["columns"]) for source in manifest["sources"].values()
    }
    metadata = {name for name, _ in METADATA_COLUMNS}
    archives = {key for key in described if key[0].endswith("_superseded")}
    for source, table in archives:
        raw = CONTRACTS[source.removesuffix("_superseded"), table]
        assert described.pop((source, table)) == set(raw.column_names) | metadata | {"_superseded_at"}
    contracted = {
        key: set(contract.column_names) | metadata for key, contract in CONTRACTS.items() if key not in NOT_IN_DBT
    }
    described.pop(("raw_meta", "loads"))
    assert described == contracted


def test_staging_reads_one_source_and_nothing_else(models):
    """A table a model; a campaign's days or a deal may be joined to what names them, within one platform."""
    staging = [model for model in models if layer(model) == "staging"]
    assert names(m for m in staging if parents(m, "model") or not parents(m, "source")) == []
    assert [
        m["name"]
        for m in staging
        if {p.split(".")[2].removesuffix("_superseded") for p in parents(m, "source")} != {m["fqn"][2]}
    ] == []
    several = [m for m in staging if len(parents(m, "source")) > 1]
    assert names(m for m in several if not m["name"].endswith(("__campaign_daily", "__deals"))) == []


def test_only_staging_reads_sources(models):
    assert names(m for m in models if layer(m) != "staging" and parents(m, "source")) == []


def test_no_model_is_a_root(models):
    assert names(model for model in models if not model["depends_on"]["nodes"]) == []


def test_every_source_table_is_read_exactly_once(manifest, models):
    readers = dict.fromkeys(manifest["sources"], 0)
    for model in models:
        for source in parents(model, "source"):
            readers[source] += 1
    assert {key: count for key, count in readers.items() if count != 1} == {}


def test_nothing_flows_back_to_an_earlier_layer(manifest, models):
    order = ["staging", "intermediate", "marts", "mmm"]
    backwards = [
        (model["name"], parent)
        for model in models
        for parent in parents(model, "model")
        if order.index(layer(manifest["nodes"][parent])) > order.index(layer(model))
    ]
    assert backwards == []


def test_names_and_folders_tell_the_layer(models):
    misplaced = [m["name"] for m in models if not m["name"].startswith(PREFIXES[layer(m)])]
    assert misplaced == []
    staging = [model for model in models if layer(model) == "staging"]
    assert names(m for m in staging if not m["name"].startswith(f"stg_{m['fqn'][2]}__")) == []


def test_sql_names_relations_by_ref_and_source_only(models):
    hard_coded = re.compile(r"\b(?:from|join)\s+\"?(?:raw_\w+|staging|intermediate|seeds|main)\"?\.", re.IGNORECASE)
    assert names(model for model in models if hard_coded.search(model["raw_code"])) == []


def test_no_model_reads_more_than_seven_others(models):
    many = [model for model in models if len(parents(model, "model") + parents(model, "seed")) > 7]
    assert names(model for model in many if not model["name"].endswith("unioned")) == []  # a row more a platform


def test_marts_are_tables_under_contract_with_their_docs_in_the_database(models):
    public = [model for model in models if layer(model) in ("marts", "mmm")]
    loose = [
        model["name"]
        for model in public
        if not model["config"]["contract"]["enforced"]
        or model["config"]["materialized"] not in ("table", "incremental")
        or model["config"]["persist_docs"] != {"relation": True, "columns": True}
        or model["access"] != "public"
        or model["schema"] != "main"
    ]
    assert loose == []
    assert len(public) == 13


def test_exposures_read_public_tables(manifest):
    assert {"model_retail", "model_retail_de", "budget_plan"} <= {e["name"] for e in manifest["exposures"].values()}
    read = {key for exposure in manifest["exposures"].values() for key in exposure["depends_on"]["nodes"]}
    assert all(manifest["nodes"][key]["access"] == "public" for key in read)


def test_every_singular_test_says_what_to_do_and_keeps_its_rows(data_tests):
    singular = [test for test in data_tests if not test.get("test_metadata")]
    assert len(singular) >= 15
    assert names(test for test in singular if "as message" not in test["raw_code"]) == []
    assert all(t["config"]["store_failures"] and t["schema"] == "dbt_test_failures" for t in data_tests)


def test_every_singular_test_is_a_check_of_one_table(data_tests):
    """The asset graph shows a test that reads several tables only where it says whose check it is."""
    several = [test for test in data_tests if not test.get("test_metadata") and len(test["depends_on"]["nodes"]) > 1]
    assert names(t for t in several if "ref" not in t["config"]["meta"].get("dagster", {})) == []


def test_the_dbt_folder_is_no_python_package():
    assert list(DBT.rglob("__init__.py")) == []


def test_a_connector_that_is_off_leaves_nothing_in_the_project(dbt, tmp_path):
    """Everything that can be off is off at once: what is left is what every installation has."""
    optional = {source for source, connector in CONNECTORS.items() if not connector.core}
    done = dbt.run("parse", target=tmp_path, MIXHOUSE_DISABLED_CONNECTORS=",".join(optional))
    assert done.returncode == 0, done.stdout + done.stderr
    left = json.loads((tmp_path / "manifest.json").read_text())
    nodes = [*left["nodes"].values(), *left["sources"].values()]
    # The domain `controls` unites all sources of controls; the sheet is only one of them.
    about = re.compile(rf"\b(?:stg_(?:{'|'.join(optional)})|int_(?:{'|'.join(optional - {'controls'})}))__")
    assert [n["name"] for n in nodes if n.get("source_name") in optional or about.search(n["name"])] == []
    assert {n["name"] for n in nodes} >= {"mmm_input_weekly", "int_observations__converted", "stg_fx__rates"}
