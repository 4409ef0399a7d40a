"""The documentation keeps up with the code: its SQL binds, its keys and columns exist, its examples load."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import duckdb
import pytest
import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from mmm_models.engines.defaults import baseline_priors
from mmm_models.evidence import LiftTest, read_lift_tests
from mmm_models.spec import ModelSpec, PriorsSpec
from mmm_models.spec.media import ADSTOCK_PRIORS, SATURATION_PRIORS
from mmm_models.spec.priors import PriorSpec
from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS, SOURCES
from warehouse.databases import Database
from warehouse.databases.declaration import DatabaseDeclaration, TableDeclaration
from warehouse.home import Home
from warehouse.landing import prepare_raw_tables
from warehouse.landing.check import check_file
from warehouse.publish import publish
from warehouse.results import ensure_results
from warehouse.weekly_csv import WeeklyMapping, deliver

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
EXAMPLES = sorted((PROJECT / "examples" / "weekly_csv").iterdir())


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / document).read_text(), flags=re.MULTILINE | re.DOTALL)


def table_rows(document: str) -> dict[str, list[str]]:
    """Rows of the Markdown tables by the name in their first cell."""
    lines = re.findall(r"^\| `([^`]+)` \| (.*) \|$", (DOCS / document).read_text(), flags=re.MULTILINE)
    return {name: rest.split(" | ") for name, rest in lines}


def mart_ddl() -> list[str]:
    """The marts, empty, as their dbt contracts declare them."""
    files = [*(PROJECT / "dbt/models/marts").rglob("_*.yml"), *(PROJECT / "dbt/models/mmm").glob("_*models.yml")]
    models = [model for file in files for model in yaml.safe_load(file.read_text()).get("models", [])]
    return [
        f"create table main.{model['name']} ("
        + ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
        + ")"
        for model in models
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A working file and its publication: every table is there, none has a row."""
    folder = tmp_path_factory.mktemp("home")
    warehouse = Warehouse(folder / "mixhouse.duckdb")
    prepare_raw_tables(warehouse)
    with warehouse.write() as connection:
        ensure_results(connection)
        for statement in mart_ddl():
            connection.execute(statement)
    published = folder / "published" / "mixhouse.duckdb"
    publish(warehouse, published)
    return {"analyst.md": published, "evidence.md": published, "data.md": warehouse.database}


@pytest.mark.parametrize(
    ("document", "sql"),
    [(document, sql) for document in ("analyst.md", "evidence.md", "data.md") for sql in blocks(document, "sql")],
)
def test_every_query_of_the_documents_runs(files, document, sql):
    with duckdb.connect(str(files[document]), read_only=True) as connection:
        connection.sql(sql.strip().rstrip(";")).fetchall()


def test_analyst_has_ten_questions_each_with_query_and_output():
    questions = re.findall(r"^### (\d+)\. .+\?$", (DOCS / "analyst.md").read_text(), flags=re.MULTILINE)
    assert questions == [str(number) for number in range(1, 11)]
    assert len(blocks("analyst.md", "sql")) == len(blocks("analyst.md", "text")) >= 10


def test_analyst_names_every_published_table(files):
    with duckdb.connect(str(files["analyst.md"]), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
    text = (DOCS / "analyst.md").read_text()
    assert [name for name in tables if f"`{name}`" not in text] == []


def fields(model: type[BaseModel], prefix: str = "") -> list[tuple[str, typing.Any]]:
    """(dotted key, default) of every setting of a spec; a prior is one setting."""
    found = []
    for name, field in model.model_fields.items():
        inner = [
            part
            for part in (field.annotation, *typing.get_args(field.annotation))
            if isinstance(part, type) and issubclass(part, BaseModel) and part is not PriorSpec
        ]
        is_block = inner and typing.get_origin(field.annotation) is not dict
        if not is_block:
            found.append((prefix + name, field.get_default(call_default_factory=True)))
        for part in inner:
            if part.__name__ == "ChannelSpec":
                found += [(f"{prefix}{name}.<name>.{key}", None) for key in part.model_fields]
            elif is_block:
                found += fields(part, f"{prefix}{name}.")
    return found


KEYS = fields(ModelSpec)


@pytest.mark.parametrize("key", [key for key, _ in KEYS])
def test_every_key_of_a_model_file_is_explained(key):
    assert key in table_rows("models.md")


@pytest.mark.parametrize(
    ("key", "default"), [(key, default) for key, default in KEYS if isinstance(default, str | int | float | list)]
)
def test_documented_default_is_the_default(key, default):
    shown = default if default != "" else "''"
    assert table_rows("models.md")[key][0] == f"`{shown}`"


def as_written(prior: PriorSpec) -> str:
    """`Normal(0.5, 0.5)`; a Gamma by mean and deviation names them."""
    is_named = prior.distribution == "Gamma" and "mu" in prior.parameters
    numbers = [f"{name} {value:g}" if is_named else f"{value:g}" for name, value in prior.parameters.items()]
    return f"`{prior.distribution}({', '.join(numbers)})`"


def test_documented_priors_are_the_default_priors():
    priors = {f"priors.{name}": prior for name, prior in baseline_priors(PriorsSpec()).items()}
    # Where kinds share a name, the table shows the default of the kind that stands first.
    for part, by_kind in (("adstock", ADSTOCK_PRIORS), ("saturation", SATURATION_PRIORS)):
        for defaults in reversed(by_kind.values()):
            priors |= {f"media.{part}.{name}": prior for name, prior in defaults.items()}
    written = table_rows("models.md")
    assert {key: written[key][0] for key in priors} == {key: as_written(prior) for key, prior in priors.items()}


def test_required_keys_are_called_required():
    required = [key for key, default in KEYS if default is PydanticUndefined]
    assert {key: table_rows("models.md")[key][0] for key in required} == dict.fromkeys(required, "required")


def test_smallest_model_of_the_document_is_a_model():
    spec = ModelSpec.from_yaml(blocks("models.md", "yaml")[0])
    assert spec.channel_names == ["search", "tv"]


def test_every_column_of_the_lift_test_sheet_is_explained():
    text = (DOCS / "evidence.md").read_text()
    columns = CONTRACTS["experiments", "lift_tests"].column_names
    assert [name for name in columns if f"`{name}`" not in text] == []


def test_example_rows_of_the_lift_test_sheet_are_lift_tests():
    header, *rows = [line.split(",") for line in blocks("evidence.md", "csv")[0].strip().splitlines()]
    assert set(header) <= set(LiftTest.model_fields)
    tests = read_lift_tests(dict(zip(header, row, strict=True)) for row in rows)
    assert [test.test_id for test in tests] == ["lt-001-search-us", "lt-002-paid-social-de"]


def test_every_source_and_mapping_key_is_explained():
    text = (DOCS / "data.md").read_text()
    assert [name for name in (*SOURCES, *WeeklyMapping.model_fields) if f"`{name}`" not in text] == []


def test_database_of_the_document_is_one_and_each_of_its_keys_is_explained():
    database = Database.from_yaml(blocks("sources.md", "yaml")[0], name="shop")
    assert [table.contract.full_name for table in database.tables] == [
        "shopify.order", "google_ads.campaign_stats", "shopify.shop",
    ]  # fmt: skip
    keys = {*DatabaseDeclaration.model_fields, *(f"tables[].{key}" for key in TableDeclaration.model_fields)}
    explained = set(table_rows("sources.md"))
    assert {key.replace("place", "from") for key in keys if key != "tables"} <= explained


def test_exports_with_personal_data_are_named():
    text = (DOCS / "sources.md").read_text()
    assert [c.full_name for c in CONTRACTS.values() if c.export_is_personal and f"`{c.full_name}`" not in text] == []


SHEETS = [("offline", "media_flights"), ("influencer", "posts"), ("brand_survey", "waves")]


@pytest.mark.parametrize(("number", "table"), enumerate(SHEETS))
def test_example_rows_of_the_sheets_load_and_every_column_is_explained(tmp_path, number, table):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(blocks("sheets.md", "csv")[number])
    found = check_file(sheet, ".".join(table))
    assert (found.rows_read, found.problems) == (5, [])
    text = (DOCS / "sheets.md").read_text()
    assert [name for name in CONTRACTS[table].column_names if not re.search(rf"\b{name}\b", text)] == []


def test_mapping_of_the_document_reads_its_example_file(tmp_path):
    mapping, csv = tmp_path / "mapping.yaml", tmp_path / "shop.csv"
    mapping.write_text(blocks("data.md", "yaml")[0])
    csv.write_text(blocks("data.md", "csv")[0])
    landing = tmp_path / "landing"
    assert deliver(csv, mapping, "shop", str(landing)) == str(landing / "weekly_csv/shop/shop.csv")
    assert (landing / "weekly_csv/shop/mapping.yaml").read_text() == mapping.read_text()


def test_every_variable_of_the_environment_is_explained():
    code = [*(PROJECT / "dagster_project").rglob("*.py"), *(PROJECT / "warehouse").rglob("*.py")]
    code.append(PROJECT / "dbt" / "profiles.yml")
    used = {name for file in code for name in re.findall(r"MIXHOUSE_[A-Z_]+[A-Z]", file.read_text())}
    text = (DOCS / "operations.md").read_text()
    assert sorted(name for name in used if f"`{name}`" not in text) == []
    assert Home.from_env({"MIXHOUSE_HOME": str(PROJECT)}).published == PROJECT / "published" / "mixhouse.duckdb"


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_example_models_use_series_that_their_mapping_delivers(folder):
    mapping = WeeklyMapping.from_yaml((folder / "mapping.yaml").read_text())
    spec = ModelSpec.from_yaml(folder / "model.yaml")
    assert spec.markets == [mapping.market]
    assert (spec.outcome in mapping.outcome, spec.currency) == (True, mapping.currency)
    assert set(spec.channel_names) <= set(mapping.spend)
    events = tuple(f"{name}_" for name in mapping.dummies) or ("-",)
    assert [c for c in spec.controls if c not in mapping.controls and not c.startswith(events)] == []


def test_every_trap_of_paid_media_has_the_test_that_is_named():
    section = (DOCS / "connectors.md").read_text().split("### Traps of paid media")[1].split("\n## ")[0]
    named = {
        name
        for row in re.findall(r"^\| .* \| .* \| (`.*`) \|$", section, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    written = [*(PROJECT / "dbt/models").rglob("_*.yml"), *(PROJECT / "tests").rglob("test_*.py")]
    text = "\n".join(path.read_text() for path in written if path != Path(__file__))
    assert len(named) >= 15
    assert sorted(name for name in named if not re.search(rf"(?:- name: |def ){name}\b", text)) == []


@pytest.mark.parametrize("document", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#:]+)\)", (DOCS / document).read_text())
    assert [link for link in links if not (DOCS / link).exists()] == []
