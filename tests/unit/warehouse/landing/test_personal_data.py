"""Personal data has no way in: an order export full of it is landed in every way, and the whole home is searched."""

import json

import duckdb
import pytest

from tests.leaks import leaks
from warehouse.contracts import CONTRACTS
from warehouse.landing.withhold import shape_of

# Whatever is written into a personal column starts with this word, in the form of such a column.
CANARY = "canary"
PERSONAL = {
    "email": "canary@example.org",
    "phone": "+49 170 canary",
    "browser_ip": "canary-203.0.113.7",
    "note": "please ring canary",
    "billing_address_name": "Canary Canaryson canary",
    "billing_address_address_1": "canary street 1",
    "shipping_address_first_name": "canary",
    "shipping_address_last_name": "canary",
    "shipping_address_zip": "canary1",
    "client_details_user_agent": "canary/5.0",
}
ORDER = {
    "id": "17002522602238001",
    "created_at": "2024-03-04 08:00:00",
    "processed_at": "2024-03-04 08:00:00",
    "updated_at": "2024-03-04 08:00:00",
    "currency": "EUR",
    "total_price": "10.5",
    "subtotal_price": "9.5",
    "financial_status": "kept_marker",
    "customer_id": "7",
}


def csv(*rows: dict[str, str]) -> str:
    header = list(rows[0])
    return "\n".join(",".join(line) for line in (header, *([row[name] for name in header] for row in rows))) + "\n"


def order(**changes: str) -> dict[str, str]:
    return PERSONAL | ORDER | changes


def test_no_byte_of_a_person_is_kept(landing):
    put = lambda name, text: landing.put(f"shopify/order/{name}", text)  # noqa: E731
    put("good.csv", csv(order(), order(id="2")))
    put("quarantined.csv", csv(order(id="3", total_price="-1"), order(id="4", currency="EURO", created_at="soon")))
    put("unknown_columns.csv", csv(order(id="5") | {"newsletter_email": "canary@example.org", "gift_note": "canary"}))
    # One comma too many in a note: each row has a cell more than the header.
    put("ragged.csv", csv(order(id="6"), order(id="7", note="please, canary")))
    # The header lacks a column, so that every cell stands one column too far to the left.
    slipped = csv(order(id="8"), order(id="9")).replace("email,", "", 1).replace("\n", ",x\n")
    put("slipped.csv", slipped)
    # The same cells under the names of columns that are taken. A name in a column of texts would show no sign.
    put("financial_status.csv", csv(order(id="10", financial_status="canary@example.org")))
    for name in ("id", "created_at", "total_price", "currency", "customer_id"):
        for text in ("canary@example.org", "canary canaryson", "+49 170 canary"):
            put(f"{name}-{len(text)}.csv", csv(order(id="10") | {name: text}))
    put("twice.csv", csv(order(id="canary@example.org"), order(id="canary@example.org", total_price="11")))
    put("no_header.csv", csv(order(id="11")).partition("\n")[2])
    put("lacks_a_column.csv", csv({name: text for name, text in order(id="12").items() if name != "updated_at"}))
    put("cut.csv", csv(order(id="13")) + '"canary')
    put("broken.parquet", "canary")
    parquet = landing.put("shopify/order/typed.parquet", "")
    columns = ", ".join(f"'{text}' as {name}" for name, text in order(id="14", total_price="canary").items())
    duckdb.execute(f"copy (select {columns}) to '{parquet}' (format parquet)")

    report = landing.land("shopify", "order")
    assert report.rows_merged >= 3
    assert report.rows_quarantined >= 15
    assert len(report.rejected) >= 4
    told = "\n".join(report.messages)
    assert "is not a number" in told

    for path in landing.folder.rglob("*"):
        if path.is_file():
            path.unlink()  # the exports themselves are not Mixhouse's
    home = landing.folder.parent
    assert leaks(["kept_marker"], home)  # the search finds what is kept
    assert leaks([CANARY], home, told) == []


def test_quarantined_row_of_a_personal_export_keeps_figures_dates_and_the_shape_of_the_rest(landing):
    landing.put("shopify/order/a.csv", csv(order(total_price="jo@example.org", customer_id="Jo Do")))
    landing.land("shopify", "order")
    assert [problem[:4] for problem in landing.quarantine()] == [
        (2, "customer_id", "aa aa", "customer_id holds several words."),
        (2, "total_price", "aa@aaaaaaa.aaa", "total_price 'aa@aaaaaaa.aaa' is not a number."),
    ]
    [(row,)] = landing.rows("select distinct row_json from raw_quarantine.rows")
    assert json.loads(row) == ORDER | {
        "financial_status": "aaaa_aaaaaa", "total_price": "aa@aaaaaaa.aaa", "customer_id": "aa aa",
    }  # fmt: skip


def test_quarantined_row_of_another_export_keeps_its_text(landing):
    landing.put("fx/rates/a.csv", "date,currency,reporting_currency,rate\n2024-03-04,EURO,USD,not known\n")
    landing.land("fx", "rates")
    assert {value for _, _, value, *_ in landing.quarantine()} == {"EURO", "not known"}


def test_email_address_in_a_column_that_is_taken_is_refused(landing):
    landing.put("shopify/order/a.csv", csv(order(), order(id="2", customer_id="jo@example.org")))
    report = landing.land("shopify", "order")
    assert (report.rows_merged, report.rows_quarantined) == (1, 1)
    [(_, column, value, reason, _)] = landing.quarantine()
    assert (column, value, reason) == ("customer_id", "aa@aaaaaaa.aaa", "customer_id holds an e-mail address.")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("12.5", "12.5"),
        ("-1", "-1"),
        ("1,234.50", "1,234.50"),
        ("2024-03-04", "2024-03-04"),
        ("2024-03-04T08:00:00Z", "2024-03-04T08:00:00Z"),
        ("2024-03-04 08:00:00 +0100", "2024-03-04 08:00:00 +0100"),
        ("EUR", "EUR"),
        ("TRUE", "TRUE"),
        ("", ""),
        ("EURO", "aaaa"),
        ("+49 170 5550101", "+99 999 9999999"),
        ("203.0.113.7", "999.9.999.9"),
        ("Jo Müller-Lüdenscheidt, 12 Long Street, Somewhere", "aa aaaaaa-aaaaaaaaaaaa, 99 aaaa aaaaaa, ..."),
    ],
)
def test_shape_of_a_text_says_what_it_is_and_not_whose(text, shape):
    assert shape_of(text) == shape


def test_personal_exports_refuse_email_addresses_in_every_text_that_they_take():
    for contract in CONTRACTS.values():
        # A pseudonym enters as a hash.
        texts = [column for column in contract.columns if column.dtype == "varchar" and not column.pseudonym_within]
        guarded = {column.name for column in texts if any(check.name == "no_email_address" for check in column.checks)}
        # What is one of a closed list, a currency among them, is no address.
        closed = {column.name for column in texts if any(check.name.startswith("known_") for check in column.checks)}
        open_texts = {column.name for column in texts} - closed
        assert guarded - closed == (open_texts if contract.export_is_personal else set()), contract.full_name
