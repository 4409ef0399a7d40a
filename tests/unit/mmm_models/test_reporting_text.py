"""Figures for people: money, ratios, markdown."""

import pytest

from mmm_models.planning import plan_budget
from mmm_models.reporting.money import (
    certificate,
    format_axis_money,
    format_change,
    format_money,
    format_percent,
    format_ratio,
    outcome_currency,
)
from mmm_models.reporting.summary import plan_summary, returns_summary
from mmm_models.reporting.tables import channel_returns


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (1_234_567, "USD", "$1.23M"),
        (-850_400, "EUR", "-€850k"),
        (999_999, "USD", "$1.00M"),
        (12_000, "SEK", "SEK 12.0k"),
        (7.5, "USD", "$7.50"),
        (0, "USD", "$0"),
        (432, "GBP", "£432"),
        (2_500, None, "2.50k"),
        (3.2e9, "USD", "$3.20B"),
        (-2e-10, "USD", "$0"),
    ],
)
def test_money_reads_as_people_write_it(value, currency, text):
    assert format_money(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1_200_000, "$1.2M"), (500_000, "$500k"), (0, "$0"), (250, "$250"), (2e6, "$2M")]
)
def test_axis_labels_are_short(value, text):
    assert format_axis_money(value, "USD") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.97, "97 %"), (0.003, "0.3 %"), (0.998, ">99 %"), (1.0, "100 %"), (0.0002, "<0.1 %"), (0, "0 %")],
)
def test_percentages_claim_no_false_precision(share, text):
    assert format_percent(share) == text


@pytest.mark.parametrize(
    ("before", "after", "text"), [(100, 150, "+50 %"), (100, 50, "−50 %"), (100, 100.1, "="), (0, 5, "new"), (0, 0, "")]
)
def test_changes_of_spend(before, after, text):
    assert format_change(before, after) == text


def test_a_ratio_stands_with_its_interval():
    assert format_ratio(2.345, 1.2, 3.456) == "2.35 [1.20, 3.46]"


@pytest.mark.parametrize("outcome", ["new_customers", "orders", "leads", "deals_won"])
def test_counted_outcomes_carry_no_currency(outcome):
    assert outcome_currency(outcome, "USD") is None


@pytest.mark.parametrize("outcome", ["revenue", "won_revenue", "pipeline"])
def test_outcomes_in_money_carry_their_currency(outcome):
    assert outcome_currency(outcome, "EUR") == "EUR"


@pytest.mark.parametrize(
    ("gap", "text"),
    [(None, "no bound"), (1e-9, "no plan within the bounds is worth more"), (0.0123, "over 1.23 % more")],
)
def test_the_certificate_says_how_much_better_a_plan_could_be(gap, text):
    assert text in certificate(gap)


def test_returns_are_a_table_with_most_spend_first(known_fit):
    text = returns_summary(channel_returns(known_fit, "r"), outcome="revenue", currency="USD")
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    spend = known_fit.panel.dataset["spend"].isel(week=slice(-52, None)).sum(("week", "market"))
    assert rows[0].split("|")[1].strip() == str(spend.channel.values[spend.argmax()])
    assert len(rows) == 3
    assert "last 52 weeks" in text
    assert "$" in text


def test_an_unknown_window_names_the_known_ones(known_fit):
    with pytest.raises(ValueError, match=r"no returns for last_7_weeks in all.*last_13_weeks in US"):
        returns_summary(channel_returns(known_fit, "r"), outcome="revenue", currency="USD", window="last_7_weeks")


def test_the_plan_says_gain_chance_and_lines(known_fit):
    text = plan_summary(plan_budget(known_fit))
    assert "chance of a gain" in text
    assert "expected regret" in text
    assert text.count("| US ") == 3
    assert "budget minus 20" in text
