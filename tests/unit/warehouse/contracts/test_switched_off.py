"""Connectors that an installation does without."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.connection import Warehouse
from warehouse.contracts import CONNECTORS
from warehouse.contracts.switched_off import VARIABLE, switch, switched_off
from warehouse.contracts.usage import unused_connectors
from warehouse.errors import ContractError
from warehouse.home import Home
from warehouse.landing import land_source

PROJECT = Path(__file__).parents[4]


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path)


def test_what_was_switched_off_is_off_until_it_is_switched_on(home):
    assert switched_off(home, {}) == frozenset()
    switch(home, {"tiktok_ads", "amazon_ads"})
    assert switched_off(home, {}) == {"tiktok_ads", "amazon_ads"}
    switch(home, set())
    assert switched_off(home, {}) == frozenset()


def test_the_variable_wins_over_the_file_even_when_it_is_empty(home):
    switch(home, {"tiktok_ads"})
    assert switched_off(home, {VARIABLE: "snapchat_ads,amazon_ads"}) == {"snapchat_ads", "amazon_ads"}
    assert switched_off(home, {VARIABLE: ""}) == frozenset()


@pytest.mark.parametrize("content", ["tiktok_ads", "off: [tiktok_ads]", "disabled: [a"])
def test_a_file_of_another_form_says_what_it_must_say(home, content):
    (home.root / "connectors.yaml").write_text(content)
    with pytest.raises(ContractError, match=r"connectors.yaml must say `disabled: "):
        switched_off(home, {})


def test_a_disabled_connector_has_no_contract_and_no_raw_table(tmp_path):
    code = """
import json, duckdb
from warehouse.contracts import CONTRACTS, contracts_for
from warehouse.errors import ContractError
from warehouse.landing.merge import ensure_raw_tables
con = duckdb.connect()
ensure_raw_tables(con)
schemas = {s for (s,) in con.execute("select distinct table_schema from information_schema.tables").fetchall()}
try:
    contracts_for("tiktok_ads")
except ContractError as error:
    said = str(error)
print(json.dumps([sorted({source for source, _ in CONTRACTS}), sorted(schemas), said]))
"""
    environment = os.environ | {VARIABLE: "tiktok_ads,fx,unheard_of", "MIXHOUSE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    sources, schemas, said = json.loads(done.stdout)
    # Exchange rates are part of every installation.
    assert set(CONNECTORS) - set(sources) == {"tiktok_ads"}
    assert "raw_tiktok_ads" not in schemas
    assert "raw_fx" in schemas
    assert said == "Connector 'tiktok_ads' is disabled. `mixhouse connector enable tiktok_ads` brings it back."


def test_unused_is_what_neither_lies_in_landing_nor_was_ever_loaded(home):
    rates = Path(home.landing) / "fx" / "rates"
    rates.mkdir(parents=True)
    (rates / "a.csv").write_text("date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")
    ads = Path(home.landing) / "pinterest_ads"
    ads.mkdir()
    assert "google_ads" in unused_connectors(home)
    land_source(Warehouse(home.database), home.landing, "fx", settle_seconds=0)
    with Warehouse(home.database).write() as con:
        con.execute("insert into raw_meta.loads (source) values ('google_ads')")
    unused = unused_connectors(home)
    assert not {"google_ads", "pinterest_ads", "fx", "weekly_csv", "experiments"} & unused
    assert {"tiktok_ads", "shopify"} <= unused
