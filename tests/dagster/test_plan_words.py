"""Words that a plan is asked with: amounts, goals and risks, margins."""

import pytest

from dagster_project import plan_words as words
from mmm_models.errors import SpecError


@pytest.mark.parametrize(
    ("text", "value"), [("1.2M", 1.2e6), ("850k", 8.5e5), ("1_200_000", 1.2e6), ("1200000.5", 1_200_000.5), ("2b", 2e9)]
)
def test_money_is_read_as_people_write_it(text, value):
    assert words.money(text, "--budget", "USD") == value


@pytest.mark.parametrize("text", ["1,2M", "1.2 million", "$5", "-3", "", "1.2.3", "1e6"])
def test_what_could_mean_another_amount_is_refused_with_the_unit(text):
    with pytest.raises(SpecError, match=r"is no amount of money. Write 1.2M, 850k or 1200000: EUR a week"):
        words.money(text, "--min", "EUR a week")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("revenue", {"goal": "outcome"}),
        ("profit,cvar=0.95", {"goal": "profit", "risk": "cvar", "risk_level": 0.95}),
        ("entropic=4", {"risk": "entropic", "risk_aversion": 4.0}),
        ("marginal_return=1.5", {"goal": "marginal_return", "target": 1.5}),
        ("target=5M", {"goal": "target", "target": 5e6}),
        ("outcome, cvar_min=-10k", {"goal": "outcome", "cvar_min": -10_000.0}),
        ("prob_gain", {"risk": "prob_gain"}),
    ],
)
def test_goals_and_risks_become_keys_of_the_objective(text, keys):
    assert words.objective(text, "revenue", "USD") == keys


@pytest.mark.parametrize("text", ["0.4+-0.05", "0.4+/-0.05", "0.4 ± 0.05"])
def test_a_margin_may_be_uncertain(text):
    assert words.margin(text) == {"margin": 0.4, "margin_sd": 0.05}
