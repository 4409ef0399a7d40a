"""Failed tests of a dbt build speak: the messages of the rows that they stored, in the run and on the asset page."""

import dagster as dg
import pytest

from dagster_project.defs.dbt.words import explain_failures, with_words
from warehouse.connection import Warehouse


def result(name: str, status: str, message: str | None = None, relation: str | None = None) -> dict:
    return {"unique_id": f"test.mixhouse.{name}.0a1b", "status": status, "message": message, "relation_name": relation}


@pytest.fixture
def warehouse(tmp_path) -> Warehouse:
    made = Warehouse(tmp_path / "mixhouse.duckdb")
    with made.write() as connection:
        connection.execute("create schema dbt_test_failures")
        connection.execute(
            "create table dbt_test_failures.unmapped_spend as "
            "select 'Campaign ' || i || ' spent 10 USD and has no channel; add a rule' as message from range(8) t(i)"
        )
        connection.execute("create table dbt_test_failures.unique_key as select 'US' as market, 3 as n_records")
    return made


def test_the_stored_messages_of_a_failed_test_are_shown(warehouse):
    text = explain_failures(
        {"results": [result("unmapped_spend", "fail", "Got 8 results", "dbt_test_failures.unmapped_spend")]}, warehouse
    )
    lines = text.splitlines()
    assert lines[0] == "unmapped_spend: Got 8 results"
    assert lines[1] == "  - Campaign 0 spent 10 USD and has no channel; add a rule"
    assert len(lines) == 7  # the first five rows, and how many there are
    assert lines[6] == "  - And 3 more: select * from dbt_test_failures.unmapped_spend."


def test_rows_without_a_message_are_shown_by_column(warehouse):
    text = explain_failures(
        {"results": [result("unique_key", "fail", "Got 1 result", "dbt_test_failures.unique_key")]}, warehouse
    )
    assert "  - market=US, n_records=3" in text


def test_each_failed_node_has_its_paragraph_and_what_passed_is_left_out(warehouse):
    text = explain_failures(
        {
            "results": [
                result("int_media", "error", "Binder Error: no column spendd"),
                result("fine", "pass"),
                result("gone", "fail", "Got 1 result", "dbt_test_failures.gone"),
            ]
        },
        warehouse,
    )
    assert text == (
        "int_media: Binder Error: no column spendd\n\n"
        "gone: Got 1 result\n  - (no stored rows in dbt_test_failures.gone)"
    )


def test_a_build_that_ran_nothing_says_so(warehouse):
    assert explain_failures({"results": []}, warehouse) == "dbt failed before it ran a node."


def check(name: str, *, passed: bool) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=dg.AssetKey(["main", "fct_media_weekly"]),
        check_name=name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"unique_id": f"test.mixhouse.{name}", "status": "warn"},
    )


def test_a_check_that_did_not_pass_carries_its_sentences_to_the_asset_page(warehouse):
    name = "unmapped_spend"
    manifest = {"nodes": {f"test.mixhouse.{name}": {"relation_name": f"dbt_test_failures.{name}"}}}
    output = dg.Output(None)
    passed, failed = check("other", passed=True), check(name, passed=False)
    first, second, spoken = with_words([output, passed, failed], manifest, warehouse)
    assert (first, second) == (output, passed)
    assert (spoken.passed, spoken.severity, spoken.asset_key) == (False, dg.AssetCheckSeverity.WARN, failed.asset_key)
    assert spoken.description.startswith("Campaign 0 spent 10 USD and has no channel; add a rule Campaign 1")
    assert "- Campaign 4 spent 10 USD" in spoken.metadata["messages"].value
    assert spoken.metadata["status"].value == "warn"
