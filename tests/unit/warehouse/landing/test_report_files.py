"""Reports as people download them: labels for headers, and a footer that is neither data nor noise."""

import pytest

from warehouse.landing import check

FILE = "dv360/line_item_report/a.csv"
LABELS = (
    "Date,Advertiser ID,Line Item ID,Line Item Type,Advertiser Currency,Impressions,Clicks,Revenue (Adv Currency)\n"
)
NAMES = (
    "FILTER_DATE,FILTER_ADVERTISER,FILTER_LINE_ITEM,FILTER_LINE_ITEM_TYPE,FILTER_ADVERTISER_CURRENCY,"
    "METRIC_IMPRESSIONS,METRIC_CLICKS,METRIC_REVENUE_ADVERTISER\n"
)
ROWS = "2024/03/04,7,71,Display,EUR,1000,3,12.5\n2024/03/05,7,71,Display,EUR,500,1,7.5\n"
TOTAL = ",,,,,1500,4,20\n"
BLOCK = (
    "\nReport Time:,2024/03/06 03:34 GMT\nDate Range:,2024/03/04 to 2024/03/05\nGroup By:,Date\n"
    '"Reporting numbers from the previous month are final, says the report, on the first."\n'
)
SPEND = (
    "select filter_line_item, filter_date::varchar, metric_revenue_advertiser from raw_dv360.line_item_report "
    "order by filter_date"
)
LANDED = [("71", "2024-03-04", 12.5), ("71", "2024-03-05", 7.5)]


@pytest.mark.parametrize("header", [LABELS, NAMES], ids=["labels", "names of the API"])
@pytest.mark.parametrize("end", ["", "\n", BLOCK, TOTAL + BLOCK, TOTAL + "\n" + BLOCK], ids=repr)
def test_the_footer_is_neither_data_nor_noise(landing, header, end):
    landing.put(FILE, header + ROWS + end)
    report = landing.land("dv360")
    assert landing.rows(SPEND) == LANDED
    assert landing.quarantine() == []
    assert (report.rows_read, report.rows_merged) == (2, 2)


def test_lines_above_the_footer_keep_their_numbers_and_a_row_without_a_day_that_is_no_total_is_refused(landing):
    landing.put(FILE, LABELS + ROWS + ",7,72,Display,EUR,9,0,3\n2024/03/05,7,73,Display,EUR,9,0,-\n" + BLOCK)
    landing.land("dv360")
    assert [(line, column, value) for line, column, value, *_ in landing.quarantine()] == [
        (4, "filter_date", None),
        (5, "metric_revenue_advertiser", "-"),
    ]
    assert landing.rows(SPEND) == LANDED


def test_a_line_of_totals_without_a_footer_is_refused_with_a_reason(landing):
    landing.put(FILE, LABELS + ROWS + TOTAL)
    report = landing.land("dv360")
    assert {(line, reason) for line, _, _, reason, _ in landing.quarantine()} == {
        (4, f"{column} is missing.") for column in ("filter_date", "filter_advertiser", "filter_line_item")
    }
    assert report.rows_quarantined == 1


def test_a_report_without_rows_is_refused_whatever_its_footer_says(landing):
    landing.put(FILE, LABELS + BLOCK)
    landing.land("dv360")
    [(*_, reason, _)] = landing.quarantine()
    assert reason == "the export has a header and no rows."


def test_a_column_under_two_of_its_names_is_refused(landing):
    landing.put(FILE, LABELS.replace("Date,", "FILTER_DATE,Date,") + "2024/03/04," + ROWS)
    landing.land("dv360")
    [(*_, reason, _)] = landing.quarantine()
    assert reason == "the header names filter_date twice."


def test_a_download_with_labels_is_recognised(tmp_path):
    path = tmp_path / "Spring_20240306.csv"
    path.write_text(LABELS + ROWS + TOTAL + BLOCK)
    found = check.check_file(path)
    assert (found.contract.full_name, found.rows_good, found.is_clean) == ("dv360.line_item_report", 2, True)


def test_an_empty_segment_can_be_part_of_a_key_and_is_replaced_by_a_restatement(landing):
    segments = "device_os,device_type,network,ad_distribution,bid_match_type,delivered_match_type,top_vs_other"
    head = f"date,account_id,campaign_id,currency_code,{segments},budget_association_status,budget_name,spend"
    head += ",impressions,clicks,conversions\n"
    row = "2024-03-04,9,1,USD,Windows,Computer,Bing,Search,Exact,Exact,Top,Current,,{},100,1,0\n"
    for file, spend in (("a.csv", 5), ("b.csv", 6)):
        landing.put(f"microsoft_ads/campaign_performance_daily_report/{file}", head + row.format(spend))
        assert landing.land("microsoft_ads").is_clean
    assert landing.rows("select budget_name, spend from raw_microsoft_ads.campaign_performance_daily_report") == [
        ("none", 6.0)
    ]


def test_a_text_of_another_form_is_refused_with_the_form(landing):
    landing.put(
        "linkedin_ads/monthly_ad_analytics_by_member_country/a.csv",
        "campaign_id,month,member_country,cost_in_local_currency,impressions,clicks\n"
        "1,2024-01,101,9,1,1\n1,2024-13,101,9,1,1\n1,01/2024,101,9,1,1\n",
    )
    landing.land("linkedin_ads", "monthly_ad_analytics_by_member_country")
    assert [(line, reason) for line, _, _, reason, _ in landing.quarantine()] == [
        (3, "month '2024-13' is no month as YYYY-MM."),
        (4, "month '01/2024' is no month as YYYY-MM."),
    ]
