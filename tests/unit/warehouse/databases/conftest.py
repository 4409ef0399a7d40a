"""A shop's database, and landing it with the shortest words."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.servers.postgres import Postgres
from warehouse.connection import Warehouse
from warehouse.databases import Database
from warehouse.landing import LoadReport, land_source

ORDERS = """
create table orders (
  id bigint primary key, email text, browser_ip text, shipping_address_phone text, note jsonb,
  created_at timestamptz not null, processed_at timestamp, updated_at timestamptz, currency text,
  total_price numeric, subtotal_price numeric(12, 2), test boolean, tags text[], extra jsonb
);
insert into orders
select
  17002522602238000 + i, 'canary' || i || '@example.org', '203.0.113.' || i, '+49 170 555010' || i, '{"canary": 1}',
  timestamptz '2024-03-01 08:00:00+02' + i * interval '1 day', timestamp '2024-03-01 06:00:00' + i * interval '1 day',
  timestamptz '2024-03-01 06:00:00+00' + i * interval '1 day', 'EUR', 10.5 * i, 9.99 * i, i = 3, array['a'], '{}'
from generate_series(1, 3) as i;
"""
DECLARATION = """
attach: postgres
address: SHOP_DATABASE_URL
tables:
  - {from: public.orders, into: shopify.order, changed: updated_at}
"""


@dataclass
class Shop:
    """A database that is read into a warehouse."""

    server: Postgres
    warehouse: Warehouse
    declaration: str = DECLARATION
    statements: list[str] = field(default_factory=list)

    def land(self, table: str = "order", **changes: str) -> LoadReport:
        """Read the database; `changes` replace parts of its declaration."""
        text = self.declaration
        for old, new in changes.items():
            text = text.replace(old, new)
        before = len(self.server.copies())
        reports = land_source(self.warehouse, None, "shopify", databases=[Database.from_yaml(text, name="shop")])
        self.statements = self.server.copies()[before:]
        return next(report for report in reports if report.table == table)

    def rows(self, sql: str) -> list[tuple]:
        """Query the warehouse."""
        with self.warehouse.read() as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def shop(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE_URL", postgres.url)
    postgres.run(ORDERS)
    return Shop(postgres, Warehouse(tmp_path / "mixhouse.duckdb"))
