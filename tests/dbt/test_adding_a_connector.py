"""docs/connectors.md, followed to the letter on a copy of the project: one declaration, one model, one line."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import DBT, REPOSITORY, insert, write_company
from warehouse.contracts import CONNECTORS, Connector
from warehouse.contracts.dbt_files import dbt_files

SPEND_TEST = "assert_exported_spend_is_converted_once"


def block(kind: str) -> str:
    page = (REPOSITORY / "docs" / "connectors.md").read_text()
    return re.search(rf"```{kind}\n(.*?)```", page, flags=re.DOTALL)[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[dict[str, str], Path]:
    """Status of each node, and the warehouse."""
    folder = tmp_path_factory.mktemp("reddit")
    project, database = folder / "dbt", folder / "mixhouse.duckdb"
    shutil.copytree(DBT, project, ignore=shutil.ignore_patterns("target", "logs"))
    reddit = Connector.from_yaml(block("yaml"), file="reddit_ads.yaml")
    for name, text in dbt_files(CONNECTORS | {reddit.source: reddit}).items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    (project / "models/staging/reddit_ads/stg_reddit_ads__campaign_daily.sql").write_text(block("sql"))
    with (project / "seeds/map_campaigns.csv").open("a") as seed:
        seed.write(block("csv"))
    (contract,) = reddit.contracts()
    with duckdb.connect(str(database)) as connection:
        write_company(connection)
        connection.execute(contract.ddl())
        row = {"account_id": "r", "campaign_id": "c", "campaign_name": "n", "currency": "EUR", "impressions": 900}
        insert(connection, contract.raw_name, row | {"date": "2024-01-02", "spend": 12_500_000})
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dbt"), "build", "--exclude-resource-type", "unit_test",
         "--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(folder / "target"),
         "--log-path", str(folder)],
        capture_output=True, text=True, check=False, cwd=project,
        env=os.environ | {"MIXHOUSE_DATABASE": str(database), "MIXHOUSE_DBT_TARGET": "duckdb"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    ran = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"].split(".")[2]: result["status"] for result in ran}, database


def test_the_spend_of_the_new_platform_reaches_its_channel_in_the_reporting_currency(built):
    _, database = built
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select market, channel, week_start::varchar, round(spend, 6), impressions from fct_media_weekly "
            "where channel = 'paid_social' and spend > 0"
        ).fetchall()
    assert rows == [("DE", "paid_social", "2024-01-01", 13.75, 900)]


def test_its_key_and_its_spend_are_tested_without_a_line_more(built):
    statuses, _ = built
    assert statuses[SPEND_TEST] == "pass"
    keyed = [name for name in statuses if name.startswith("sound_rows_stg_reddit_ads__campaign_daily")]
    assert [statuses[name] for name in keyed] == ["pass"]
