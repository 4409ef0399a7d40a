"""`<home>/databases/<name>.yaml`: what it becomes, and what is said of one that is wrong, without its secrets."""

import pytest

from warehouse.databases import Database, read_databases
from warehouse.errors import ContractError

SHOP = """
attach: postgres
address: SHOP_DATABASE_URL
tables:
  - {from: public.orders, into: shopify.order, changed: updated_at}
  - {from: ads.campaigns, into: google_ads.campaign_stats, changed: date}
  - {from: shops, into: shopify.shop}
"""


def refusal(text: str, name: str = "shop") -> str:
    with pytest.raises(ContractError) as error:
        Database.from_yaml(text, name=name)
    assert error.value.__cause__ is None
    return str(error.value)


def test_a_declaration_names_tables_contracts_and_how_far_back_each_is_read():
    database = Database.from_yaml(SHOP, name="shop")
    assert (database.name, database.kind, database.variable) == ("shop", "postgres", "SHOP_DATABASE_URL")
    assert [(table.place, table.contract.full_name, table.changed) for table in database.tables] == [
        ("public.orders", "shopify.order", "updated_at"),
        ("ads.campaigns", "google_ads.campaign_stats", "date"),
        ("shops", "shopify.shop", None),
    ]
    # A day that is restated keeps its date: there the contract says how far back. A time of change needs an hour.
    campaigns = database.tables[1]
    assert [table.lookback_days for table in database.tables] == [None, campaigns.contract.lookback_days, None]
    own = Database.from_yaml(SHOP.replace("changed: date", "changed: date, lookback_days: 5"), name="shop")
    assert own.tables[1].lookback_days == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tables:", "table:", "shop.yaml: key 'tables' is missing. unknown key 'table'. Did you mean 'tables'?"),
        ("changed: updated_at", "change: updated_at", "unknown key 'tables.0.change'. Did you mean 'changed'?"),
        ("from: public.orders", "form: public.orders", "unknown key 'tables.0.form'. Did you mean 'from'?"),
        ("attach: postgres", "attach: oracle", "key 'attach': Mixhouse reads postgres, mysql, sqlite, duckdb, mother"),
        ("shopify.order", "shopify.ordr", "goes into 'shopify.ordr'. Did you mean 'shopify.order'?"),
        ("shopify.order", "weekly_csv.observations", "goes into 'weekly_csv.observations'"),
        ("changed: updated_at", "changed: update_at", "which shopify.order does not take. Did you mean 'updated_at'?"),
        ("changed: updated_at", "changed: email", "changed names 'email', which shopify.order does not take."),
        ("public.orders", "a.b.c", "key 'tables.0.from': write schema.table."),
        ("from: shops", "from: public.orders", "public.orders is read twice"),
        ("changed: date", "changed: date, lookback_days: -1", "key 'tables.1.lookback_days': Input should be greater"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_with_its_place(old, new, said):
    assert said in refusal(SHOP.replace(old, new))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://shop:canary@db/shop",
        "'host=db password=canary'",
        "{url: canary}",
        "canary",
        "md:shop?motherduck_token=canary",
        "[canary]",
        "'postgresql://shop:canary@db/shop",  # no closing quote: not YAML
        "postgresql://shop:canary@db/shop: x",
    ],
)
def test_an_address_written_into_the_file_is_refused_and_not_repeated(address):
    told = refusal(SHOP.replace("SHOP_DATABASE_URL", address))
    assert "canary" not in told
    assert told.startswith("shop.yaml")


@pytest.mark.parametrize("text", ["", "just words with canary", "- canary", "tables: postgresql://u:canary@db/x"])
def test_a_file_of_another_form_is_refused_without_its_text(text):
    assert "canary" not in refusal(text)


def test_a_file_name_that_is_no_name_is_refused():
    assert "small letters" in refusal(SHOP, name="My Shop")


def test_one_broken_file_keeps_no_other_out(tmp_path):
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "crm.yaml").write_text("attach: [")
    (tmp_path / "erp.yaml").write_bytes(b"\xff\xfe")
    databases, problems = read_databases(tmp_path)
    assert [database.name for database in databases] == ["shop"]
    assert problems == ["crm.yaml is not valid YAML (line 1).", "erp.yaml is not UTF-8 text."]
    assert read_databases(tmp_path / "none") == ([], [])
