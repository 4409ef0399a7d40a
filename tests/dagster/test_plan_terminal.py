"""A plan in words: what stands in its rows is said, what does not is left out, and what to do follows from it."""

import datetime as dt
import io

import pandas as pd
import pytest
from rich.console import Console

from dagster_project.plan_terminal import binding_rows, by_line, next_steps, print_plan_tables, pulsed_rows, verdict

PLAN = {
    "model": "retail", "horizon_weeks": 2, "horizon_start": dt.date(2024, 1, 1), "budget": 100_000.0,
    "objective": "expected revenue caused by horizon spend", "solver": "auto", "value_mean": 500_000.0,
    "gain_mean": 10_000.0, "gain_p05": 2_000.0, "gain_p95": 18_000.0, "prob_gain_positive": 0.97,
    "expected_regret": 3_000.0, "optimism": 1_500.0, "gap": 0.0,
}  # fmt: skip
HONEST = {
    "profit_gain_mean": 4_000.0, "profit_gain_p05": 1_000.0, "profit_gain_p95": 7_000.0, "curse_estimate": 900.0,
    "curse_se": 200.0, "shadow_price_mean": 1.4, "shadow_price_p05": 0.8, "shadow_price_p95": 2.4, "unspent": 12_000.0,
    "outside_support_share": 0.25, "indifferent_share": 0.4,
}  # fmt: skip


def lines(**changes) -> pd.DataFrame:
    """Two weeks of search, held at its most, and of TV, which runs in one of them."""
    common = {"market": "US", "mroas_p05": 1.0, "mroas_p95": 3.0}
    search = {**common, "channel": "search", "mroas_mean": 2.5, "lower_bound": 5.0, "upper_bound": 30_000.0,
              "spend_status_quo": 20_000.0, "binds": True} | changes  # fmt: skip
    tv = {**common, "channel": "tv", "mroas_mean": 1.5, "lower_bound": 10_000.0, "upper_bound": float("nan"),
          "spend_status_quo": 30_000.0, "binds": False, "mroas_p95": 9.0}  # fmt: skip
    rows = [search | {"spend": 30_000.0}, search | {"spend": 30_000.0}, tv | {"spend": 40_000.0}, tv | {"spend": 0.0}]
    weeks = [dt.date(2024, 1, 1), dt.date(2024, 1, 8)] * 2
    return pd.DataFrame(rows).assign(plan_id="p", week_start=weeks)


def test_lines_are_means_of_their_weeks_and_say_when_they_run():
    found = by_line(lines()).set_index("channel")
    assert found["spend"].to_dict() == {"search": 30_000.0, "tv": 20_000.0}
    assert found["laydown"].to_dict() == {"search": "even", "tv": "1 of 2 weeks"}


def test_a_plan_of_an_older_file_is_told_without_what_it_lacks():
    told = " ".join(verdict(pd.Series(PLAN), "USD", "USD"))
    assert "Gain over the status quo: $10.0k [$2.00k, $18.0k], P(gain > 0) = 97 %" in told
    assert "no plan within the bounds is worth more" in told
    assert "nan" not in told.lower()
    assert "None" not in told


def test_all_that_is_known_of_a_plan_is_told():
    told = " ".join(verdict(pd.Series(PLAN | HONEST), "USD", "USD"))
    for part in (
        "Gain in profit over the status quo: $4.00k [$1.00k, $7.00k], P(gain > 0) = 97 %. Gain in outcome: $10.0k",
        "Expected regret $3.00k",
        "put its gain $1.50k higher than those above do; on average $900 ± $200",
        "One more USD would add 1.40 [0.80, 2.40]",
        "$12.0k of the budget stay unspent",
        "25 % of the money lies where the data have not been",
        "up to 40 % of the money on other lines",
    ):
        assert part in told, part


def test_a_plan_without_a_bound_or_regret_says_so():
    told = " ".join(verdict(pd.Series(PLAN | {"gap": None, "expected_regret": None}), "USD", None))
    assert "no bound on better plans known" in told
    assert "regret" not in told


def test_a_curse_that_is_nothing_is_not_told_in_cents():
    told = " ".join(verdict(pd.Series(PLAN | {"curse_estimate": -1e-9, "curse_se": 1e-9}), "USD", "USD"))
    assert "; on average nothing." in told


def test_a_limit_is_worth_no_word_where_money_does_more_elsewhere():
    assert next_steps(pd.Series(PLAN), by_line(lines(mroas_mean=1.2)), "USD", "ROAS") == []


def test_limits_of_several_lines_are_told_with_their_price():
    rows = pd.DataFrame(
        {
            "constraint_name": ["budget: exactly 100,000", "group video", "US/tv at most", "target: 5,000,000"],
            "kind": ["budget", "group", "most", "target"],
            "limit_value": [100_000.0, 40_000.0, 9.0, 5e6],
            "unit": ["money over the horizon", "money over the horizon", "money a week", "outcome"],
            "binds": [True, False, True, True],
            "shadow_price": [1.7, 0.0, 2.0, None],
        }
    )
    assert binding_rows(rows, "USD") == [
        "Held by budget: exactly 100,000; easing it by 1 USD adds 1.7.",
        "Held by target: 5,000,000.",
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "search in US would take more money: it is held at $30.0k a week, where the next USD returns 2.50."),
        ({}, "--max US/search=60000"),
        ({"prob_gain_positive": 0.6}, "is not sure: test tv in US first"),
        ({"reallocation_gain_p05": -1.0}, "is not sure: test tv in US first"),
        ({"indifferent_share": 0.4}, "spend_least_change"),
        ({"outside_support_share": 0.3}, "leaves the data"),
        ({"gap": 0.05}, "by up to 5 %"),
    ],
)
def test_what_to_do_follows_from_the_plan(changed, said):
    assert said in " ".join(next_steps(pd.Series(PLAN | changed), by_line(lines()), "USD", "ROAS"))


def test_a_plan_that_is_sure_and_held_by_nothing_needs_nothing():
    assert next_steps(pd.Series(PLAN), by_line(lines(binds=False)), "USD", "ROAS") == []


def test_a_plan_for_less_money_is_sure_where_moving_it_is():
    less = {"prob_gain_positive": 0.0, "gain_mean": -9_000.0, "reallocation_gain_mean": 5_000.0}
    less |= {"reallocation_gain_p05": 1_000.0, "reallocation_gain_p95": 8_000.0}
    row = pd.Series(PLAN | less)
    assert not any("not sure" in step for step in next_steps(row, by_line(lines(binds=False)), "USD", "ROAS"))
    assert any("moving money brings $5.00k [$1.00k, $8.00k]" in told for told in verdict(row, "USD", "USD"))


def test_pulses_that_are_planned_are_called_a_finding_or_a_habit():
    row = {
        "market": "US",
        "level": 5.0,
        "pulsing_gain_mean": 900.0,
        "pulsing_gain_p05": 100.0,
        "pulsing_gain_p95": 2_000.0,
    }
    pulsed = {"channel": "tv", "laydown": "2 on, 2 off", "pulses": "2 on, 2 off", "prob_s_shaped": 0.93}
    even = {"channel": "search", "laydown": "continuous", "pulses": "1 on, 1 off", "prob_s_shaped": 0.0}
    rows = pd.DataFrame([row | pulsed | {"pulsing_verdict": "finding"}, row | even | {"pulsing_verdict": "habit"}])
    assert pulsed_rows(rows, "USD") == [
        "Pulses of tv in US (2 on, 2 off) are a finding: $900 [$100, $2.00k] above even spend; S-shaped with "
        "probability 93 %."
    ]
    assert pulsed_rows(rows.drop(columns="pulsing_verdict"), "USD") == []
    assert pulsed_rows(rows.assign(laydown="continuous", pulses="continuous"), "USD") == []


def printed(**tables: pd.DataFrame) -> str:
    console = Console(file=io.StringIO(), width=200)
    tables = {"plans": pd.DataFrame([PLAN]), "plan_lines": lines(), "plan_scenarios": pd.DataFrame(), **tables}
    print_plan_tables(console, tables, currency="USD", unit="USD", ratio="ROAS")
    return console.file.getvalue()


def test_the_chance_of_a_scenario_stands_beside_the_gain_that_it_is_of():
    row = {"scenario": "plan", "budget": 9.0, "value_mean": 8.0, "gain_mean": -7_000.0, "gain_p05": -9_000.0,
           "gain_p95": -5_000.0, "prob_gain_positive": 1.0}  # fmt: skip
    profit = {"profit_gain_mean": 4_000.0, "profit_gain_p05": 1_000.0, "profit_gain_p95": 7_000.0}
    text = printed(plan_scenarios=pd.DataFrame([row | profit]))
    assert "profit gain [90 %]" in text
    assert "$4.00k [$1.00k, $7.00k]" in text
    assert "-$7.00k" in printed(plan_scenarios=pd.DataFrame([row | dict.fromkeys(profit)]))


def test_money_that_limits_do_not_take_is_not_said_not_to_pay():
    told = " ".join(verdict(pd.Series(PLAN | HONEST | {"shadow_price_mean": None}), "USD", "USD"))
    assert "stay unspent: they would not pay, or limits take no more." in told


def test_a_plan_that_spends_nothing_has_no_laydown():
    assert "laydown" not in printed(plan_lines=lines().assign(spend=0.0))


def test_an_outcome_that_is_counted_is_printed_without_a_currency():
    scenarios = pd.DataFrame(
        [{"scenario": "dark_tv", "budget": 100.0, "value_mean": None, "value_p05": None, "value_p95": None,
          "gain_mean": None, "gain_p05": None, "gain_p95": None, "note": "[no] plan"}]
    )  # fmt: skip
    console = Console(file=io.StringIO(), width=200)
    tables = {"plans": pd.DataFrame([PLAN]), "plan_lines": lines(), "plan_scenarios": scenarios}
    print_plan_tables(console, tables, currency="EUR", unit=None, ratio="orders per EUR")
    text = console.file.getvalue()
    assert "orders per EUR [90 %]" in text
    assert "1 of 2 weeks" in text
    assert "the plan brings 500k in all" in text
    assert "max" in text
    assert "[no] plan" in text
