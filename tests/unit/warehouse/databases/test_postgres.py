"""Reading a real Postgres: what is asked of the server, what lands, and what is said when it does not."""

import datetime as dt

import pytest

from tests.servers.postgres import PASSWORD
from warehouse.contracts import CONTRACTS
from warehouse.databases import land as landing
from warehouse.databases.extract import extract
from warehouse.landing import writes
from warehouse.landing.volume import short_loads

ORDERS = "select id, total_price, subtotal_price from raw_shopify.order order by id"
UP_TO_DATE = "2024-03-04 06:00:00+00"


def test_first_reading_takes_the_whole_table_typed(shop):
    report = shop.land()
    assert (report.rows_read, report.rows_merged, report.unreachable) == (3, 3, [])
    assert report.loaded == [f"shop:public.orders@..{UP_TO_DATE}"]
    assert shop.rows(ORDERS) == [
        ("17002522602238001", 10.5, 9.99),
        ("17002522602238002", 21.0, 19.98),
        ("17002522602238003", 31.5, 29.97),
    ]
    assert shop.rows(
        "select created_at, processed_at, updated_at, test, _source_file from raw_shopify.order where test"
    ) == [
        (*(dt.datetime(2024, 3, 4, 6),) * 3, True, f"shop:public.orders@..{UP_TO_DATE}"),
    ]


def test_personal_columns_are_not_even_asked_for(shop):
    shop.land()
    assert shop.statements
    asked = " ".join(shop.statements)
    assert '"total_price"' in asked
    assert not any(name in asked for name in ("email", "browser_ip", "phone", "note", "tags", "extra", "*"))


def test_next_reading_takes_what_changed_and_what_is_new(shop):
    shop.land()
    shop.server.run(
        "update orders set total_price = 99, updated_at = '2024-03-10 12:00:00+00' where id = 17002522602238001;"
        "insert into orders (id, created_at, processed_at, updated_at, currency, total_price, subtotal_price) values "
        "(4, '2024-03-11', '2024-03-11', '2024-03-11 00:00:00.123456+00', 'EUR', 5, 4)"
    )
    report = shop.land()
    # The newest row of last time comes along: others may have been written in its second.
    assert (report.rows_read, report.rows_quarantined) == (3, 0)
    assert report.loaded == [f"shop:public.orders@{UP_TO_DATE}..2024-03-11 00:00:00.123456+00"]
    assert shop.rows(ORDERS) == [
        ("17002522602238001", 99.0, 9.99),
        ("17002522602238002", 21.0, 19.98),
        ("17002522602238003", 31.5, 29.97),
        ("4", 5.0, 4.0),
    ]
    # Told by the server: the condition went there, an hour early for transactions that ended late.
    assert """where "updated_at" >= '2024-03-04 05:00:00+00' or "updated_at" is null""" in " ".join(shop.statements)
    assert shop.rows("select count(distinct _source_file) from raw_shopify.order") == [(2,)]


def test_nothing_new_lands_nothing_and_changes_nothing(shop):
    shop.land()
    before = shop.rows("from raw_shopify.order"), shop.rows("from raw_meta.loads")
    report = shop.land()
    assert (report.loaded, len(report.skipped), report.changed) == ([], 1, False)
    assert (shop.rows("from raw_shopify.order"), shop.rows("from raw_meta.loads")) == before


def test_row_committed_late_is_found_within_the_hour(shop):
    shop.land()
    shop.server.run(
        "insert into orders (id, created_at, processed_at, updated_at, currency, total_price, subtotal_price) "
        "select 5, at, at, at, 'EUR', 5, 5 from (select timestamptz '2024-03-04 05:30:00+00' as at) as late"
    )
    assert shop.land().rows_read == 2
    assert ("5", 5.0, 5.0) in shop.rows(ORDERS)


def test_rows_without_a_time_of_change_are_read_each_time(shop):
    shop.server.run("alter table orders add column synced timestamptz; create view synced_orders as "
                    "select id, created_at, processed_at, created_at as updated_at, currency, total_price, "
                    "subtotal_price, synced as _fivetran_synced from orders; "
                    "update orders set synced = updated_at where id < 17002522602238003")  # fmt: skip
    changes = {"public.orders": "public.synced_orders", "updated_at": "_fivetran_synced"}
    assert shop.land(**changes).rows_read == 3
    shop.server.run(
        "insert into orders (id, created_at, processed_at, currency, total_price, subtotal_price) values "
        "(6, '2024-03-05', '2024-03-05', 'EUR', 6, 6)"
    )
    assert shop.land(**changes).rows_read == 3  # the newest of last time, and both without a time
    assert ("6", 6.0, 6.0) in shop.rows(ORDERS)
    assert shop.land(**changes).loaded == []


def test_time_of_change_in_the_future_does_not_hide_later_changes(shop):
    shop.server.run("update orders set updated_at = '2049-01-01' where id = 17002522602238001")
    assert shop.land().loaded == [f"shop:public.orders@..{UP_TO_DATE}"]
    shop.server.run("update orders set total_price = 7, updated_at = '2024-04-01' where id = 17002522602238002")
    shop.land()
    assert ("17002522602238002", 7.0, 19.98) in shop.rows(ORDERS)
    assert shop.land().loaded == []


def test_restated_days_are_read_again_as_far_back_as_the_source_restates(shop):
    shop.server.run("create view by_day as select *, null::text as kind from orders")
    # created_at is the date column of the contract, which a restated row keeps: 90 days are read again.
    changes = {"public.orders": "public.by_day", "updated_at": "created_at"}
    shop.land(**changes)
    shop.server.run("update orders set total_price = 1000, updated_at = '2024-05-01' where id = 17002522602238001")
    assert shop.land(**changes).rows_read == 3
    assert ("17002522602238001", 1000.0, 9.99) in shop.rows(ORDERS)


def test_table_without_a_time_of_change_is_read_whole_and_lands_when_its_content_is_new(shop):
    whole = {", changed: updated_at": ""}
    first = shop.land(**whole)
    assert first.loaded == ["shop:public.orders@whole"]
    assert shop.land(**whole).skipped == ["shop:public.orders@whole"]
    # Rewritten in place: another order of the rows on disk, the same content.
    shop.server.run("update orders set test = test where id = 17002522602238001")
    assert shop.server.run("select string_agg(right(id::text, 1), '') from orders") == "231"
    assert shop.land(**whole).loaded == []
    shop.server.run("update orders set total_price = 11, updated_at = updated_at where id = 17002522602238001")
    assert shop.land(**whole).rows_read == 3
    assert shop.rows(ORDERS)[0] == ("17002522602238001", 11.0, 9.99)


def test_table_put_back_to_an_earlier_state_lands_again(shop):
    whole = {", changed: updated_at": ""}
    seen = []
    for price in (10.5, 11, 10.5, 11):
        shop.server.run(f"update orders set total_price = {price} where id = 17002522602238001")
        assert len(shop.land(**whole).loaded) == 1
        seen.append(shop.rows(ORDERS)[0][1])
        assert shop.land(**whole).loaded == []
    assert seen == [10.5, 11.0, 10.5, 11.0]


def test_killed_between_reading_and_merging_the_next_run_reads_the_same_rows(shop, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writes, "prepare_file", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.land()
    assert shop.rows("from raw_meta.loads") == []
    assert shop.land().rows_merged == 3


def test_rows_that_change_while_they_are_read_are_found_by_the_next_reading(shop, monkeypatch):
    def changed_meanwhile(*arguments):
        taken = extract(*arguments)
        shop.server.run("update orders set total_price = 5, updated_at = '2024-03-05' where id = 17002522602238001")
        return taken

    monkeypatch.setattr(landing, "extract", changed_meanwhile)
    shop.land()
    assert shop.rows(ORDERS)[0][1] == 10.5
    monkeypatch.setattr(landing, "extract", extract)
    shop.land()
    assert shop.rows(ORDERS)[0][1] == 5.0


def test_bad_rows_go_to_quarantine_and_the_rest_lands(shop):
    shop.server.run("update orders set total_price = -1 where id = 17002522602238002")
    report = shop.land()
    assert (report.rows_merged, report.rows_quarantined) == (2, 1)
    [(file, column, reason)] = shop.rows("select source_file, column_name, reason from raw_quarantine.rows")
    assert (file, column) == (f"shop:public.orders@..{UP_TO_DATE}", "total_price")
    assert "negative" in reason


def test_empty_table_is_no_failure(shop):
    shop.server.run("truncate orders")
    report = shop.land()
    assert (report.loaded, report.rejected, report.unreachable) == ([], [], [])


def test_ids_without_a_fixed_type_are_refused_because_they_lose_digits(shop):
    shop.server.run("alter table orders alter column id type numeric")
    report = shop.land()
    assert len(report.rejected) == 1
    assert "loses digits" in report.messages[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("public.orders", "public.ordres", "shop:public.ordres: there is no such table. Did you mean 'public.orders'?"),
        ("public.orders", "shop.orders", "shop:shop.orders: there is no such table. Did you mean 'public.orders'?"),
    ],
)
def test_missing_table_is_named_with_the_nearest(shop, old, new, said):
    report = shop.land(**{old: new})
    assert report.messages == [said]
    assert report.rejected == [said.partition(": ")[0]]


def test_missing_column_is_named_with_the_nearest_and_no_row_is_read(shop):
    shop.server.run("alter table orders rename column total_price to totl_price")
    report = shop.land()
    assert "the table lacks column total_price" in report.messages[0]
    assert "'total_price' may be 'totl_price'" in report.messages[0]
    assert shop.statements == []


def test_column_that_cannot_tell_what_is_newer_is_refused(shop):
    report = shop.land(**{"changed: updated_at": "changed: currency"})
    assert "changed names a column of type VARCHAR" in report.messages[0]


def test_no_right_to_read_the_table_is_told_as_such(shop, monkeypatch):
    shop.server.run("drop role if exists outsider; create role outsider login password 'canary-outsider'")
    shop.server.run("grant usage on schema public to outsider")
    monkeypatch.setenv("SHOP_DATABASE_URL", f"postgresql://outsider:canary-outsider@127.0.0.1:{shop.server.port}/shop")
    [told] = shop.land().unreachable
    assert told.startswith("database shop: public.orders cannot be read: ")
    assert "permission denied for table orders. Grant the user of the address" in told
    assert "canary" not in told


def test_keys_and_values_are_as_good_an_address_as_a_url(shop, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE_URL", shop.server.dsn)
    assert shop.land().rows_merged == 3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda server: server.url.replace("canary", "canary-wrong"), "password authentication failed"),
        (lambda server: server.dsn.replace("canary", "canary-wrong"), "password authentication failed"),
        (lambda server: server.url.replace(f":{server.port}", ":1"), "Connection refused"),
        (lambda server: server.url.removesuffix("/shop") + "/nodb", 'database "nodb" does not exist'),
        (lambda server: server.url.replace("127.0.0.1", "no-such-host.invalid"), "could not translate host name"),
        # Not encoded: the client library would take pieces of the password for host and port, and tell them.
        (lambda server: f"postgresql://u:canary@pa/ss@127.0.0.1:{server.port}/shop", "is not of the form"),
        (lambda server: f"postgresql://u:canary/pass@127.0.0.1:{server.port}/shop", "is not of the form"),
        (lambda server: "postgresql://u:canary-no-host", "is not of the form"),
        (lambda server: "postgresql://u:canary%zzpass@127.0.0.1/shop", "is not of the form"),
        (lambda server: "host=127.0.0.1 password=two canary-words", "is not of the form"),
        (lambda server: "canary", "is not of the form"),
        (lambda server: "", "the environment variable SHOP_DATABASE_URL is not set"),
    ],
)  # fmt: skip
def test_database_that_does_not_let_us_in_is_named_without_its_secret(shop, monkeypatch, broken, said):
    monkeypatch.setenv("SHOP_DATABASE_URL", broken(shop.server))
    [told] = shop.land().unreachable
    assert told.startswith("database shop: ")
    assert said in told
    assert "SHOP_DATABASE_URL" in told
    assert "canary" not in told
    assert PASSWORD not in told


def test_a_day_on_which_little_changed_is_no_load_that_lost_rows(shop):
    shop.server.run(
        "insert into orders (id, created_at, processed_at, updated_at, currency, total_price, subtotal_price) "
        "select i, at, at, at, 'EUR', 5, 4 from (select i, timestamptz '2024-02-01' + i * interval '1 hour' as at "
        "from generate_series(1, 600) as i) as many"
    )
    shop.land()
    shop.server.run("update orders set updated_at = '2024-03-05' where id % 100 = 1")
    assert shop.land().rows_read < 20
    with shop.warehouse.read() as con:
        assert short_loads(con, CONTRACTS["shopify", "order"]) == []


def test_a_table_read_whole_that_lost_rows_is_told(shop):
    shop.server.run(
        "insert into orders (id, created_at, processed_at, updated_at, currency, total_price, subtotal_price) "
        "select i, at, at, at, 'EUR', 5, 4 from (select i, timestamptz '2024-02-01' + i * interval '1 hour' as at "
        "from generate_series(1, 600) as i) as many"
    )
    whole = {", changed: updated_at": ""}
    shop.land(**whole)
    shop.server.run("delete from orders where id % 2 = 0 and id < 600")
    shop.land(**whole)
    with shop.warehouse.read() as con:
        [short] = short_loads(con, CONTRACTS["shopify", "order"])
    assert short.file == "shop:public.orders@whole"
