"""What a restated row leaves behind: the row as it was, and the table as it stood at any earlier moment."""

import datetime as dt

from warehouse.contracts import CONTRACTS
from warehouse.landing import writes
from warehouse.landing.superseded import as_of

BASIC_AD = "facebook_ads/basic_ad"
CONTRACT = CONTRACTS["facebook_ads", "basic_ad"]
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend,_fivetran_synced\n"
# Later than the files that the tests write: a file younger than the landing would wait.
MONDAY, TUESDAY, WEDNESDAY = (dt.datetime(2040, 3, day, 6, tzinfo=dt.UTC) for day in (5, 6, 7))
SPENDS = "select ad_id, spend from raw_facebook_ads.basic_ad order by all"


def spends_as_of(landing, moment: dt.datetime) -> list[tuple]:
    table = as_of(CONTRACT, f"timestamp '{moment:%Y-%m-%d %H:%M:%S}'")
    return landing.rows(f"select ad_id, spend from ({table}) order by all")


def test_a_table_can_be_shown_as_it_stood_before_each_load(landing):
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-04\n2,2024-03-03,9,10,1,1,2024-03-04\n")
    landing.land("facebook_ads", now=MONDAY)
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-03,9,10,1,2.75,2024-03-05\n3,2024-03-04,9,1,1,8,2024-03-05\n")
    landing.land("facebook_ads", now=TUESDAY)
    landing.put(f"{BASIC_AD}/3.csv", HEADER + "1,2024-03-03,9,10,1,3.0,2024-03-06\n")
    landing.land("facebook_ads", now=WEDNESDAY)
    assert spends_as_of(landing, MONDAY - dt.timedelta(seconds=1)) == []
    assert spends_as_of(landing, MONDAY) == [("1", 2.5), ("2", 1.0)]
    assert spends_as_of(landing, TUESDAY) == [("1", 2.75), ("2", 1.0), ("3", 8.0)]
    assert spends_as_of(landing, WEDNESDAY) == landing.rows(SPENDS) == [("1", 3.0), ("2", 1.0), ("3", 8.0)]


def test_a_row_that_says_the_same_again_is_no_restatement(landing):
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-04\n2,2024-03-03,9,10,1,1,2024-03-04\n")
    landing.land("facebook_ads", now=MONDAY)
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-05\n2,2024-03-03,9,10,1,4,2024-03-05\n")
    report = landing.land("facebook_ads", now=TUESDAY)
    assert (report.rows_read, report.rows_merged, report.rows_unchanged) == (2, 1, 1)
    assert landing.rows("select ad_id, spend from raw_superseded.facebook_ads__basic_ad") == [("2", 1.0)]
    assert landing.rows("select _source_file from raw_facebook_ads.basic_ad order by ad_id") == [
        (f"{BASIC_AD}/1.csv",),
        (f"{BASIC_AD}/2.csv",),
    ]
    assert landing.rows("select rows_unchanged from raw_meta.loads order by loaded_at") == [(0,), (1,)]


def test_an_unchanged_row_takes_the_newer_version_so_that_a_file_between_cannot_undo_it(landing):
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-04\n")
    landing.land("facebook_ads")
    landing.put(f"{BASIC_AD}/3.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-06\n")
    landing.land("facebook_ads")
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-03,9,10,1,9.9,2024-03-05\n")
    report = landing.land("facebook_ads")
    assert report.rows_older == 1
    assert landing.rows(SPENDS) == [("1", 2.5)]


def test_a_value_that_vanishes_is_a_restatement(landing):
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-04\n")
    landing.land("facebook_ads")
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "1,2024-03-03,9,,1,2.5,2024-03-05\n")
    assert landing.land("facebook_ads").rows_merged == 1
    assert landing.rows("select impressions from raw_facebook_ads.basic_ad") == [(None,)]


def test_a_flag_of_the_extraction_tool_is_data_although_its_stamps_are_not(landing):
    header = "id,created_at,processed_at,updated_at,currency,total_price,subtotal_price,_fivetran_deleted\n"
    order = "1,2024-03-03,2024-03-03,2024-03-03,USD,9,9,"
    landing.put("shopify/order/1.csv", header + order + "FALSE\n")
    landing.land("shopify", "order", now=MONDAY)
    landing.put("shopify/order/2.csv", header + order + "TRUE\n")
    assert landing.land("shopify", "order", now=TUESDAY).rows_merged == 1
    assert landing.rows('select _fivetran_deleted from raw_shopify."order"') == [(True,)]


def test_a_load_is_stamped_after_every_earlier_one_even_if_the_clock_went_back(landing):
    landing.put(f"{BASIC_AD}/1.csv", HEADER + "1,2024-03-03,9,10,1,2.5,2024-03-04\n")
    landing.land("facebook_ads", now=TUESDAY)
    landing.put(f"{BASIC_AD}/2.csv", HEADER + "2,2024-03-03,9,10,1,2.5,2024-03-04\n")
    landing.land("facebook_ads", now=MONDAY)
    [(first,), (second,)] = landing.rows("select _loaded_at from raw_facebook_ads.basic_ad order by ad_id")
    assert first == TUESDAY.replace(tzinfo=None) < second


def test_what_a_mart_can_see_before_the_rest_of_a_load_has_an_earlier_stamp(landing, monkeypatch):
    monkeypatch.setattr(writes, "MOST_FILES", 1)
    for number in (1, 2, 3):
        landing.put(f"{BASIC_AD}/{number}.csv", HEADER + f"{number},2024-03-03,9,10,1,2.5,2024-03-04\n")
    landing.land("facebook_ads", now=TUESDAY)
    stamps = [at for (at,) in landing.rows("select _loaded_at from raw_facebook_ads.basic_ad order by ad_id")]
    assert stamps[0] == TUESDAY.replace(tzinfo=None)
    assert stamps[0] < stamps[1] < stamps[2] < stamps[0] + dt.timedelta(seconds=1)
