"""Checking an export without loading it, and the empty export to start from."""

import csv
import datetime as dt

import pytest

from warehouse.contracts import CONTRACTS
from warehouse.errors import ContractError, FileRejectedError
from warehouse.landing.check import check_file
from warehouse.landing.discover import LandingFolder
from warehouse.landing.template import write_guide, write_template

RATES = "date,currency,reporting_currency,rate\n2024-01-01,EUR,USD,1.1\n"
EVERY = pytest.mark.parametrize(
    "contract", [c for c in CONTRACTS.values() if c.source != "weekly_csv"], ids=lambda contract: contract.full_name
)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["fx/rates/any.csv", "fx/rates.csv", "elsewhere/export.csv"])
def test_a_file_is_recognised_by_folder_name_or_header(tmp_path, name):
    found = check_file(write(tmp_path, name, RATES))
    assert (found.contract.full_name, found.rows_read, found.rows_good, found.is_clean) == ("fx.rates", 1, 1, True)


def test_a_bad_row_is_counted_and_explained(tmp_path):
    found = check_file(write(tmp_path, "rates.csv", RATES + "2024-01-02,EURO,USD,1.2\n"))
    assert (found.rows_good, found.rows_quarantined, found.is_clean) == (1, 1, False)
    assert "currency 'EURO' is not a known ISO 4217 currency" in found.problems[0].message("rates.csv")


def test_a_header_that_fits_nothing_asks_for_the_table(tmp_path):
    with pytest.raises(ContractError, match=r"has the needed columns of no table\. Say which table it is"):
        check_file(write(tmp_path, "export.csv", "a,b\n1,2\n"))


def test_the_table_can_be_named_and_a_typo_in_it_is_answered(tmp_path):
    path = write(tmp_path, "export.csv", RATES)
    assert check_file(path, "fx.rates").rows_good == 1
    with pytest.raises(ContractError, match=r"Did you mean 'fx\.rates'"):
        check_file(path, "fx.rate")


@pytest.mark.parametrize(("name", "text"), [("rates.csv", ""), ("rates.xlsx", "x"), ("rates.parquet", "no parquet")])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name, text):
    with pytest.raises(FileRejectedError, match=name):
        check_file(write(tmp_path, f"fx/rates/{name}", text))


@EVERY
def test_a_template_is_recognised_as_the_table_that_it_is_of(tmp_path, contract):
    path = tmp_path / "anything.csv"
    write_template(contract, path)
    with pytest.raises(FileRejectedError, match="has a header and no rows"):
        check_file(path, contract.full_name)


def test_a_template_never_overwrites(tmp_path):
    path = write(tmp_path, "rates.csv", RATES)
    with pytest.raises(FileExistsError):
        write_template(CONTRACTS["fx", "rates"], path)
    assert path.read_text() == RATES


def test_an_offset_written_with_a_blank_is_read(tmp_path):
    text = "id,advertiser_id,name,_fivetran_synced\n1,2,pins,2023-06-30 14:11:01.000 +0200\n"
    found = check_file(write(tmp_path, "pinterest_ads/campaign_history.csv", text))
    assert found.is_clean


@EVERY
def test_the_guide_explains_every_column_of_a_template_and_is_no_export(tmp_path, contract):
    template = tmp_path / contract.source / contract.table / "sheet.csv"
    write_template(contract, template)
    guide = write_guide(contract, template)
    rows = list(csv.DictReader(guide.open()))
    assert [row["column"] for row in rows] == list(contract.column_names)
    assert all(all(row.values()) for row in rows)
    landed = LandingFolder.at(str(tmp_path)).list(
        contract.source, contract.table, settle_seconds=0, now=dt.datetime.now(dt.UTC)
    )
    assert [file.name.rpartition("/")[2] for file in landed] == ["sheet.csv"]


def test_the_guide_says_what_a_media_planner_must_fill(tmp_path):
    contract = CONTRACTS["offline", "media_flights"]
    rows = {row["column"]: row for row in csv.DictReader(write_guide(contract, tmp_path / "sheet.csv").open())}
    either = "either net_cost or gross_cost with commission_rate"
    needed = {name: rows[name]["needed"] for name in ("flight_id", "net_cost", "commission_rate", "spots")}
    assert needed == {
        "flight_id": "in every row",
        "net_cost": either,
        "commission_rate": either,
        "spots": "may be empty or left out",
    }
    assert rows["status"]["form"] == "one of: planned, booked, actual, cancelled"
    assert rows["currency"]["form"] == "ISO 4217 currency code"
    share = "number with a decimal point; share of the gross cost; not below 0; at most 1"
    assert rows["commission_rate"]["form"] == share
