"""The record of an experiment: what follows from what, and what it may not say."""

import json

import numpy as np
import pytest

from mmm_models.evidence import EvidenceError, read_lift_tests
from mmm_models.spec.designs import FAMILIES, family_of

HEAVY_UP = {
    "test_id": "lt-9",
    "channel": "search",
    "market": "US",
    "design": "geo lift",
    "start_date": "2023-06-05",
    "end_date": "2023-06-18",
    "outcome": "revenue",
    "spend_baseline": 1000.0,
    "spend_delta": 500.0,
    "lift": 1500.0,
    "lift_se": 300.0,
    "status": "approved",
    "owner": "a",
    "reviewer": "b",
}
PATH = [
    {"start_date": "2023-06-05", "end_date": "2023-06-11", "baseline": 400, "actual": 700},
    {"start_date": "2023-06-12", "end_date": "2023-06-18", "baseline": 600, "actual": 800},
]
WEEKS = [
    {"start_date": "2023-06-05", "end_date": "2023-06-11", "lift": 500, "lift_se": 200},
    {"start_date": "2023-06-12", "end_date": "2023-06-18", "lift": 700, "lift_se": 150},
]


def record(without=(), **changes):
    row = {name: value for name, value in {**HEAVY_UP, **changes}.items() if name not in without}
    return read_lift_tests([row])[0]


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("geo-holdout", "go_dark"),
        ("go-dark", "go_dark"),
        ("Heavy up", "heavy_up"),
        ("conversion_lift", "conversion_lift"),
        ("User holdout", "conversion_lift"),
        ("switchback", "switchback"),
        ("matched markets", "geo_lift"),
        *((family, family) for family in FAMILIES),
    ],
)
def test_the_words_of_a_design_name_its_family(text, family):
    assert family_of(text) == family


def test_an_interval_gives_lift_and_standard_error():
    test = record(without=("lift", "lift_se"), lift_low=1000.0, lift_high=2000.0)
    assert test.lift == 1500.0
    # Half the width of a 90 % interval of a normal distribution is 1.645 standard errors.
    assert test.lift_se == pytest.approx(500 / 1.6448536, rel=1e-6)


def test_readouts_add_up_to_the_lift_with_their_covariance():
    test = record(without=("lift", "lift_se"), readouts=WEEKS, covariance=[[40_000.0, 10_000.0], [10_000.0, 22_500.0]])
    assert test.lift == 1200.0
    assert test.lift_se == pytest.approx(np.sqrt(40_000 + 22_500 + 20_000))


def test_a_spend_path_gives_the_totals():
    test = record(without=("spend_baseline", "spend_delta"), spend_path=PATH)
    assert (test.spend_baseline, test.spend_delta) == (1000.0, 500.0)


def test_lists_of_a_sheet_are_json():
    test = record(spend_path=json.dumps(PATH), readouts=json.dumps(WEEKS), covariance="", arms=None)
    assert test == record(spend_path=PATH, readouts=WEEKS)


def test_a_draft_has_no_lift_yet_and_an_approved_test_has():
    draft = record(without=("lift", "lift_se"), status="draft")
    assert not draft.is_read_out
    with pytest.raises(EvidenceError, match="no lift with its standard error"):
        record(without=("lift",))


def test_the_hash_is_of_what_was_measured_not_of_who_holds_it():
    assert record().record_hash() == record(status="revoked", owner="c", updated_at="2024-01-01").record_hash()
    assert record().record_hash() != record(lift=1501.0).record_hash()
    assert record().record_hash() != record(role="validate").record_hash()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spend_path": PATH, "spend_delta": 900.0}, "spend_delta is 900, but spend_path adds up to 500"),
        ({"spend_path": [PATH[0], PATH[0]]}, "counts 2023-06-05 twice"),
        ({"spend_path": [{**PATH[0], "start_date": "2023-05-01"}, PATH[1]]}, "beyond the window"),
        ({"spend_path": "[1, 2"}, "spend_path is no JSON"),
        ({"readouts": [{**WEEKS[0], "lift_se": None}]}, "no lift_se, and there is no covariance"),
        ({"readouts": WEEKS, "covariance": [[1.0]]}, "a square of the 2 readouts"),
        ({"readouts": WEEKS, "covariance": [[1.0, 2.0], [2.0, 1.0]]}, "not symmetric and positive definite"),
        ({"readouts": [{**WEEKS[0], "arm": "high"}]}, "names the arm 'high'; arms are none"),
        ({"lift_low": 3.0}, "needs both lift_low and lift_high"),
        ({"channel": "search+search"}, "names a channel twice"),
        ({"design": "switchback"}, "a switchback needs a spend_path"),
        ({"unit_share": 1.5}, "unit_share is 1.5"),
    ],
)
def test_a_contradiction_is_said_with_its_remedy(changes, said):
    with pytest.raises(EvidenceError) as error:
        record(**changes)
    assert said in str(error.value)


def test_blocks_of_a_switchback_are_whole_weeks():
    off = {**PATH[1], "actual": 600}
    assert record(design="switchback", spend_path=[PATH[0], off], spend_delta=300.0).family == "switchback"
    short = [{**PATH[0], "end_date": "2023-06-08"}, off]
    with pytest.raises(EvidenceError, match="is no whole weeks of the test"):
        record(design="switchback", spend_path=short, spend_delta=300.0)
    with pytest.raises(EvidenceError, match="nothing of it is left"):
        record(design="switchback", spend_path=[PATH[0], off], spend_delta=300.0, burn_in_days=7)
