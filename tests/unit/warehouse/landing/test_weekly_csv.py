"""Any wide weekly CSV with a mapping: long rows, or a rejection that says what to correct."""

import datetime as dt
from pathlib import Path

import pytest
import yaml

from warehouse.errors import MappingError
from warehouse.weekly_csv import WeeklyMapping
from warehouse.weekly_csv.rows import monday_of

CSV = "weekly_csv/shop/weeks.csv"
MAPPING = """
date: week
market: US
currency: USD
outcome: {revenue: sales}
spend: {tv: tv_cost}
"""
HEADER = "week,sales,tv_cost,price,events\n"
WEEKS = HEADER + "2024-03-04,100,5,1.5,na\n2024-03-11,110,0,1.4,Spring sale\n2024-03-18,90,7.5,1.6,\n"
VALUES = "select week_start, role, name, value from raw_weekly_csv.observations order by all"


@pytest.fixture
def shop(landing):
    """A data set of three weeks with its mapping; returns the landing."""
    landing.put("weekly_csv/shop/mapping.yaml", MAPPING)
    landing.put(CSV, WEEKS)
    return landing


def rejection(landing):
    """(line, column, value, reason, remedy) of the one reason for which the data set is rejected."""
    report = landing.land("weekly_csv")
    assert report.rejected == ["weekly_csv/shop"]
    assert landing.rows("select count(*) from raw_weekly_csv.observations") == [(0,)]
    [problem] = landing.quarantine()
    return problem


def test_wide_weeks_become_long_rows(shop):
    report = shop.land("weekly_csv")
    assert shop.rows(VALUES) == [
        (dt.date(2024, 3, 4), "outcome", "revenue", 100.0),
        (dt.date(2024, 3, 4), "spend", "tv", 5.0),
        (dt.date(2024, 3, 11), "outcome", "revenue", 110.0),
        (dt.date(2024, 3, 11), "spend", "tv", 0.0),
        (dt.date(2024, 3, 18), "outcome", "revenue", 90.0),
        (dt.date(2024, 3, 18), "spend", "tv", 7.5),
    ]
    assert shop.rows("select distinct dataset, market, currency, _source_file from raw_weekly_csv.observations") == [
        ("shop", "US", "USD", CSV)
    ]
    assert (report.loaded, report.rows_merged) == (["weekly_csv/shop"], 6)
    assert report.messages == ["weekly_csv/shop: columns left out by the mapping: price, events."]


def test_controls_exposure_and_events_take_their_roles(shop):
    shop.put(
        "weekly_csv/shop/mapping.yaml",
        MAPPING + "exposure: {tv_grps: tv_cost}\ncontrols: [price]\ndummies: {event: {column: events, none: na}}\n",
    )
    shop.land("weekly_csv")
    assert shop.rows(
        "select role, name, list(value order by week_start) from raw_weekly_csv.observations "
        "where role in ('control', 'exposure') group by all order by all"
    ) == [
        ("control", "event_spring_sale", [0.0, 1.0, 0.0]),
        ("control", "price", [1.5, 1.4, 1.6]),
        ("exposure", "tv_grps", [5.0, 0.0, 7.5]),
    ]


def test_markets_may_come_from_a_column_and_dates_in_another_form(shop):
    shop.put(
        "weekly_csv/shop/mapping.yaml",
        MAPPING.replace("market: US", "market: {column: geo}\ndate_format: '%d/%m/%Y'"),
    )
    shop.put(CSV, "week;geo;sales;tv_cost\n04/03/2024;DE;1;0\n04/03/2024;US;2;0\n11/03/2024;US;3;1\n")
    shop.land("weekly_csv")
    assert shop.rows(
        "select market, week_start, value from raw_weekly_csv.observations where role = 'outcome' order by all"
    ) == [("DE", dt.date(2024, 3, 4), 1.0), ("US", dt.date(2024, 3, 4), 2.0), ("US", dt.date(2024, 3, 11), 3.0)]


def test_sunday_weeks_are_labelled_by_the_next_day_and_the_report_says_so(shop):
    shop.put("weekly_csv/shop/mapping.yaml", MAPPING + "week_starts_on: sunday\n")
    shop.put(CSV, "week,sales,tv_cost\n2024-03-03,1,0\n2024-03-10,2,0\n")
    report = shop.land("weekly_csv")
    assert shop.rows("select distinct week_start from raw_weekly_csv.observations order by 1") == [
        (dt.date(2024, 3, 4),),
        (dt.date(2024, 3, 11),),
    ]
    assert report.messages == [
        "weekly_csv/shop: weeks start on sunday; each is labelled by the nearest Monday, 1 day later."
    ]


@pytest.mark.parametrize("day", range(1, 15))
def test_nearest_monday_is_at_most_three_days_away(day):
    start = dt.date(2024, 3, day)
    assert monday_of(start).weekday() == 0
    assert abs((monday_of(start) - start).days) <= 3


def test_unchanged_folder_is_skipped(shop):
    shop.land("weekly_csv")
    before = shop.rows("select * from raw_weekly_csv.observations order by all")
    report = shop.land("weekly_csv")
    assert (report.skipped, report.changed) == (["weekly_csv/shop"], False)
    assert shop.rows("select * from raw_weekly_csv.observations order by all") == before


def test_later_file_restates_a_week_and_unchanged_weeks_keep_their_load_stamp(shop):
    shop.land("weekly_csv")
    stamp = shop.rows("select distinct _loaded_at from raw_weekly_csv.observations")
    shop.put("weekly_csv/shop/newer.csv", HEADER + "2024-03-18,95,7.5,1.6,na\n2024-03-25,80,1,1,na\n")
    report = shop.land("weekly_csv")
    assert shop.rows("select value from raw_weekly_csv.observations where role = 'outcome' order by week_start") == [
        (100.0,),
        (110.0,),
        (95.0,),
        (80.0,),
    ]
    assert (
        shop.rows("select distinct _loaded_at from raw_weekly_csv.observations where week_start < date '2024-03-18'")
        == stamp
    )
    assert (report.rows_read, report.rows_merged, report.rows_unchanged, report.rows_older) == (10, 3, 5, 2)
    assert shop.rows(
        "select week_start::varchar, name, value from raw_superseded.weekly_csv__observations order by name"
    ) == [("2024-03-18", "revenue", 90.0)]


def test_renamed_channel_leaves_nothing_of_the_old_name_and_can_be_renamed_back(shop):
    names = "select distinct name from raw_weekly_csv.observations where role = 'spend'"
    shop.land("weekly_csv")
    shop.put("weekly_csv/shop/mapping.yaml", MAPPING.replace("tv: tv_cost", "television: tv_cost"))
    shop.land("weekly_csv")
    assert shop.rows(names) == [("television",)]
    shop.put("weekly_csv/shop/mapping.yaml", MAPPING)
    shop.land("weekly_csv")
    assert shop.rows(names) == [("tv",)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("110,0", "lots,0", (3, "sales", "lots", "'lots' is not a number.")),
        ("110,0", "110,-4", (3, "tv_cost", "-4", "the spend is negative: -4.")),
        ("110,0", "NaN,0", (3, "sales", "NaN", "the outcome is missing ('NaN').")),
        ("110,0", "110,", (3, "tv_cost", "", "the spend is missing.")),
        ("110,0", "110", (3, None, "4 fields", "the row has 4 fields, the header has 5.")),
        ("2024-03-11", "11.3.2024", (3, "week", "11.3.2024", "'11.3.2024' is not a date of the form YYYY-MM-DD.")),
        (
            "2024-03-11",
            "2024-03-04",
            (3, "week", "2024-03-04", "week 2024-03-04 of market US stands on line 2 already."),
        ),
        ("2024-03-11", "2024-03-12", (3, "week", "2024-03-12", "2024-03-12 is a tuesday, weeks start on monday.")),
    ],
)
def test_bad_cell_rejects_the_data_set_and_names_its_line(shop, before, after, expected):
    shop.put(CSV, WEEKS.replace(before, after))
    *problem, remedy = rejection(shop)
    assert tuple(problem) == expected
    assert remedy


def test_rejected_data_set_stays_as_it_was_loaded_before(shop):
    shop.land("weekly_csv")
    shop.put(CSV, WEEKS.replace("110,0", "oops,-1"))
    report = shop.land("weekly_csv")
    assert len(shop.quarantine()) == 2
    assert report.messages[0] == (
        f"{CSV} line 3 column 'sales': 'oops' is not a number. "
        "Write digits with a point, without thousands separators or units."
    )
    assert shop.rows("select sum(value) from raw_weekly_csv.observations where role = 'outcome'") == [(300.0,)]


def test_missing_weeks_are_named(shop):
    shop.put(CSV, WEEKS.replace("2024-03-18", "2024-04-01"))
    line, column, value, reason, remedy = rejection(shop)
    assert (line, column, value) == (None, "week", "2024-03-18, 2024-03-25")
    assert reason == "market US lacks 2 of its weeks between 2024-03-04 and 2024-04-01: 2024-03-18, 2024-03-25."
    assert remedy == "Add the missing weeks; a week without spend is a row with 0, not a missing row."


def test_whole_file_on_another_weekday_is_one_problem_with_the_setting_to_write(shop):
    shop.put(CSV, "week,sales,tv_cost\n2024-03-03,1,0\n2024-03-10,2,0\n")
    *_, reason, remedy = rejection(shop)
    assert reason == "all dates are sundays, the mapping says week_starts_on: monday."
    assert remedy == "Write week_starts_on: sunday in mapping.yaml."


def test_column_of_the_mapping_that_the_csv_lacks_is_suggested(shop):
    shop.put(CSV, WEEKS.replace("tv_cost", "tv_costs"))
    _, column, _, reason, _ = rejection(shop)
    assert column == "tv_cost"
    assert "spend.tv names column 'tv_cost'. Did you mean 'tv_costs'?" in reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty."),
        (HEADER, "the file has a header and no rows."),
        ("week,sales,sales,tv_cost\n", "twice"),
    ],
)
def test_unusable_csv_rejects_the_data_set(shop, content, reason):
    shop.put(CSV, content)
    assert reason in rejection(shop)[3]


def test_folder_without_mapping_without_csv_or_with_another_format_is_told(landing):
    landing.put("weekly_csv/a/weeks.csv", WEEKS)
    landing.put("weekly_csv/b/mapping.yaml", MAPPING)
    landing.put("weekly_csv/c/mapping.yaml", MAPPING)
    landing.put("weekly_csv/c/weeks.xlsx", b"PK")
    landing.put("weekly_csv/d/weeks.csv.gz", b"not gzip")
    report = landing.land("weekly_csv")
    assert report.rejected == ["weekly_csv/a", "weekly_csv/b", "weekly_csv/c", "weekly_csv/d"]
    assert [reason for *_, reason, _ in landing.quarantine()][:3] == [
        "mapping.yaml is missing.",
        "there is no CSV beside mapping.yaml.",
        "the format is not one that can be read.",
    ]


def test_data_set_waits_for_all_of_its_files(shop):
    shop.put("weekly_csv/shop/newer.csv.part", HEADER)
    report = shop.land("weekly_csv")
    assert (report.waiting, report.loaded) == (["weekly_csv/shop/newer.csv.part"], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date: [", "is not valid YAML"),
        ("just text", "must hold keys"),
        (MAPPING + "spends: {a: b}", "unknown key 'spends'. Did you mean 'spend'?"),
        (MAPPING + "dummies: {event: {colum: events}}", "unknown key 'dummies.event.colum'. Did you mean 'column'?"),
        (MAPPING.replace("date: week", ""), "key 'date' is missing."),
        (MAPPING.replace("USD", "USX"), "'USX' is not an ISO 4217 currency. Did you mean 'USD'?"),
        (MAPPING.replace("tv:", "TV spend:"), "key 'spend.TV spend': names are lower case letters"),
        (MAPPING + "week_starts_on: sonday", "key 'week_starts_on': Input should be 'monday'"),
        (
            MAPPING + "controls: {event: price}\ndummies: {event: {column: events}}",
            "event is named under controls and under dummies",
        ),
    ],
)
def test_mapping_with_a_mistake_says_which_and_suggests(text, message):
    with pytest.raises(MappingError) as error:
        WeeklyMapping.from_yaml(text)
    assert message in str(error.value)


def test_mistake_in_a_landed_mapping_rejects_the_data_set(shop):
    shop.put("weekly_csv/shop/mapping.yaml", MAPPING + "spends: {a: b}")
    assert "Did you mean 'spend'?" in rejection(shop)[3]


@pytest.mark.parametrize("example", ["robyn", "sibylhe"])
def test_example_mappings_are_valid(example):
    root = Path(__file__).parents[4]
    text = (root / "examples" / "weekly_csv" / example / "mapping.yaml").read_text()
    mapping = WeeklyMapping.from_yaml(text)
    assert set(mapping.spend.values()) == set(yaml.safe_load(text)["spend"].values())
    assert mapping.market == example
