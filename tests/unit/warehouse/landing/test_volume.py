"""A load that brings 15 % fewer rows a day than the comparable one before it."""

import datetime as dt

import pytest

from warehouse.contracts import CONTRACTS
from warehouse.errors import WarehouseError
from warehouse.landing import prepare_raw_tables
from warehouse.landing.volume import accept_load, short_loads

CONTRACT = CONTRACTS["facebook_ads", "basic_ad"]
HEADER = "ad_id,date,account_id,impressions,inline_link_clicks,spend\n"
MONDAY = dt.date(2024, 3, 4)


@pytest.fixture
def deliver(landing):
    """Delivers a file of so many rows a day, and returns what is short then."""

    def deliver(name: str, first: dt.date, days: int, rows_a_day: int) -> list[str]:
        rows = [
            f"{ad},{first + dt.timedelta(days=day)},9,10,1,2.5\n" for day in range(days) for ad in range(rows_a_day)
        ]
        landing.put(f"facebook_ads/basic_ad/{name}.csv", HEADER + "".join(rows))
        landing.land("facebook_ads", "basic_ad")
        with landing.warehouse.read() as con:
            return [load.message() for load in short_loads(con, CONTRACT)]

    return deliver


def weeks_later(weeks: int) -> dt.date:
    return MONDAY + dt.timedelta(weeks=weeks)


def test_a_week_with_a_fifth_of_its_rows_missing_is_short_and_says_what_to_do(deliver, landing):
    assert deliver("ads_2024-03-04", MONDAY, 7, 20) == []
    [message] = deliver("ads_2024-03-11", weeks_later(1), 7, 16)
    [(batch,)] = landing.rows("select batch_id from raw_meta.loads order by loaded_at desc limit 1")
    assert message == (
        "facebook_ads/basic_ad/ads_2024-03-11.csv holds 112 rows over 7 days, 20% fewer a day than "
        "facebook_ads/basic_ad/ads_2024-03-04.csv (140 over 7). Export it again whole; if it is right, "
        f"`mixhouse load accept {batch}`."
    )


def test_a_tenth_less_is_no_sign_of_anything(deliver):
    deliver("ads_1", MONDAY, 7, 20)
    assert deliver("ads_2", weeks_later(1), 7, 18) == []


def test_a_day_after_a_backfill_is_not_compared_with_it(deliver):
    deliver("ads_1", MONDAY, 28, 20)
    assert deliver("ads_2", weeks_later(4), 1, 20) == []


def test_a_saturday_is_compared_with_the_saturday_before_and_not_with_friday(deliver):
    saturday = MONDAY + dt.timedelta(days=5)
    deliver("ads_1", saturday, 1, 100)
    assert deliver("ads_2", saturday + dt.timedelta(days=6), 1, 200) == []  # Friday
    assert deliver("ads_3", saturday + dt.timedelta(days=7), 1, 100) == []
    assert len(deliver("ads_4", saturday + dt.timedelta(days=14), 1, 70)) == 1


def test_files_of_another_name_are_another_series(deliver):
    deliver("all_1", MONDAY, 7, 20)
    assert deliver("restated_2", weeks_later(1), 7, 5) == []


def test_few_rows_are_never_short(deliver):
    deliver("ads_1", MONDAY, 7, 10)
    assert deliver("ads_2", weeks_later(1), 7, 1) == []


def test_the_whole_export_delivered_again_mends_it(deliver):
    deliver("ads_1", MONDAY, 7, 20)
    assert len(deliver("ads_2", weeks_later(1), 7, 5)) == 1
    assert deliver("ads_3", weeks_later(1), 7, 20) == []


def test_what_a_person_has_accepted_is_short_no_more_and_the_next_load_is_compared_with_it(deliver, landing):
    deliver("ads_1", MONDAY, 7, 40)
    assert len(deliver("ads_2", weeks_later(1), 7, 20)) == 1
    [(batch,)] = landing.rows("select batch_id from raw_meta.loads order by loaded_at desc limit 1")
    with landing.warehouse.write() as con:
        assert accept_load(con, batch) == "facebook_ads/basic_ad/ads_2.csv"
    with landing.warehouse.read() as con:
        assert short_loads(con, CONTRACT) == []
    assert deliver("ads_3", weeks_later(2), 7, 20) == []


def test_a_load_that_does_not_exist_cannot_be_accepted(landing):
    prepare_raw_tables(landing.warehouse)
    with landing.warehouse.write() as con, pytest.raises(WarehouseError, match="No load 'x'"):
        accept_load(con, "x")
