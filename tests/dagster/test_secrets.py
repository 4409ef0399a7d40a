"""Nothing keeps or prints a secret: landing from S3 and Postgres, as it succeeds and as it fails in every way.

Everything runs in processes of its own, so that all they print is caught; then every byte below the home is searched.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaks import leaks
from tests.servers.fixtures import AWS_SECRET
from tests.servers.postgres import PASSWORD
from warehouse.connection import Warehouse

PROJECT = Path(__file__).parents[2]
WRONG_PASSWORD = "canary-wrong p@ss/w:rd%41'x"
TOKEN = "canary-session-token-0123456789"
WEBHOOK = "canary-webhook-T000-B000"
SECRETS = (PASSWORD, AWS_SECRET, WRONG_PASSWORD, TOKEN, WEBHOOK, "canary")
SHOP = "attach: postgres\naddress: SHOP_DATABASE_URL\ntables: [{from: public.orders, into: shopify.order}]\n"
ORDERS = (
    "create table orders (id bigint, email text, created_at timestamptz, processed_at timestamptz, "
    "updated_at timestamptz, currency text, total_price numeric, subtotal_price numeric, financial_status text);"
    "insert into orders values (1, 'canary@example.org', '2024-03-04', '2024-03-04', '2024-03-04', 'EUR', 10, 9, "
    "'kept_marker'), (2, 'canary@example.org', '2024-03-04', '2024-03-04', '2024-03-04', 'EURO', 10, 9, 'paid')"
)


@pytest.fixture
def command(home, s3, postgres, monkeypatch):
    """Runs a command in the home's environment and keeps what it prints."""
    monkeypatch.setenv("MIXHOUSE_HOME", str(home.root))
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exports/landing")
    monkeypatch.setenv("MIXHOUSE_SNAPSHOTS", "s3://exports/snapshots")
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    monkeypatch.setenv("SHOP_DATABASE_URL", postgres.url)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setenv("MIXHOUSE_ALERT_WEBHOOK", f"http://127.0.0.1:1/{WEBHOOK}")
    monkeypatch.setenv("COLUMNS", "400")
    outputs = []

    def run(*arguments: str, status: int = 0) -> str:
        call = [sys.executable, "-m", *arguments]
        done = subprocess.run(call, cwd=PROJECT, capture_output=True, text=True, check=False)
        outputs.append(done.stdout + done.stderr)
        assert done.returncode == status, outputs[-1]
        return outputs[-1]

    run.outputs = outputs
    return run


def test_secrets_stay_in_the_environment(command, home, s3, postgres, monkeypatch):
    tables = "key:fx/rates or key:shopify/order"
    land = ("dagster", "asset", "materialize", "-m", "dagster_project.definitions", "--select", tables)
    postgres.run(ORDERS)
    (home.databases / "shop.yaml").write_text(SHOP)
    s3.pipe_file("exports/landing/fx/rates/a.csv", b"date,currency,reporting_currency,rate\n2024-03-04,EUR,USD,1.09\n")

    command(*land)
    command("dagster_project.cli", "doctor")
    command("dagster_project.cli", "database", "check", "shop")
    with Warehouse(home.database).read() as con:
        assert con.execute("select count(*) from raw_shopify.order").fetchone() == (1,)
        assert con.execute("select count(*) from raw_fx.rates").fetchone() == (1,)

    # A wrong password, an address that is none, and S3 that answers nobody: the run says so and stops after landing.
    (home.databases / "crm.yaml").write_text(SHOP.replace("SHOP", "CRM"))
    monkeypatch.setenv("SHOP_DATABASE_URL", postgres.dsn.replace("canary p@ss", "canary-wrong p@ss"))
    monkeypatch.setenv("CRM_DATABASE_URL", f"postgresql://shop:{PASSWORD}@127.0.0.1/shop")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    said = command("dagster_project.cli", "run", status=1)
    assert "s3://exports/landing cannot be reached" in said
    assert "database shop: SHOP_DATABASE_URL is set, and the database does not let us in" in said
    assert "CRM_DATABASE_URL is not of the form" in said
    command("dagster_project.cli", "doctor", status=1)
    command("dagster_project.cli", "database", "check", "shop", status=2)

    # The search finds what is there: a value of a column that is taken, the name of a variable in a message.
    assert leaks(["kept_marker"], home.root)
    assert any("dagster" in place for place in leaks(["CRM_DATABASE_URL is not of the form"], home.root))
    assert leaks(SECRETS, home.root, *command.outputs) == []
