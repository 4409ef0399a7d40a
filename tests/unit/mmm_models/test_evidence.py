from datetime import date, timedelta

import pytest

from mmm_models.evidence import (
    EvidenceError,
    EvidenceSet,
    read_lift_tests,
    select_evidence,
    standings,
)

# Four weeks without search in the US, inside the 60 weeks of `known_fit` (2023-01-02 to 2024-02-25).
GO_DARK = {
    "test_id": "lt-1",
    "channel": "search",
    "market": "US",
    "design": "go-dark",
    "start_date": "2023-06-05",
    "end_date": "2023-07-02",
    "followup_end": "2023-07-16",
    "outcome": "revenue",
    "spend_baseline": 160_000.0,
    "spend_delta": -160_000.0,
    "lift": -400_000.0,
    "lift_se": 60_000.0,
    "estimand": "during+tail",
    "status": "approved",
    "role": "calibrate",
    "owner": "team:marketing-science",
    "reviewer": "team:finance",
    "updated_at": "2023-07-20T09:00:00",
}


def lift_test(**changes):
    return read_lift_tests([{**GO_DARK, **changes}])[0]


def decide(known_fit, *tests, as_of=None, spec=None):
    return select_evidence(tests, spec or known_fit.spec, known_fit.panel, as_of=as_of)


def refusal(known_fit, as_of=None, **changes):
    (decision,) = decide(known_fit, lift_test(**changes), as_of=as_of).decisions
    assert not decision.used
    return decision.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lift_se": 0.0}, "lift test lt-1: lift_se is 0.0; should be greater than 0"),
        ({"lift_se": -5.0}, "lift_se is -5.0"),
        ({"lift": float("nan")}, "lift is nan"),
        ({"lift": "a lot"}, "lift is 'a lot'"),
        ({"start_date": "2023-07-10"}, "end_date 2023-07-02 is before start_date 2023-07-10"),
        ({"followup_end": "2023-06-20"}, "followup_end 2023-06-20 is before end_date"),
        ({"spend_delta": 0.0}, "moved no money"),
        ({"spend_delta": -170_000.0}, "takes away more than spend_baseline"),
        ({"status": "aproved"}, "status is 'aproved'"),
        ({"lift_sd": 1.0}, "unknown column 'lift_sd' (did you mean 'lift_se'?)"),
    ],
)
def test_a_row_that_is_no_test_names_column_value_and_remedy(changes, said):
    with pytest.raises(EvidenceError) as error:
        lift_test(**changes)
    assert said in str(error.value)


def test_a_missing_column_is_named():
    row = {name: value for name, value in GO_DARK.items() if name != "outcome"}
    with pytest.raises(EvidenceError, match="lift test lt-1: column 'outcome' is missing"):
        read_lift_tests([row])


def test_blank_cells_of_the_sheet_mean_not_given():
    test = lift_test(followup_end=None, design=None, owner=None, reviewer=None, updated_at=None)
    assert test.counted_to == test.end_date == date(2023, 7, 2)
    assert (test.design, test.owner) == ("", None)


def test_a_negative_lift_of_a_heavy_up_test_is_kept():
    assert lift_test(spend_delta=80_000.0, lift=-20_000.0).lift == -20_000.0


def test_an_approved_test_inside_the_data_is_used(known_fit):
    selected = decide(known_fit, lift_test())
    assert [test.test_id for test in selected.used] == ["lt-1"]
    assert selected.decisions[0].reason == (
        "used: revenue -400,000 ± 60,000 for a change of -160,000 in spend, 2023-06-05 to 2023-07-02; "
        "not part of the outcome (the data spent in its window as without the test)"
    )


@pytest.mark.parametrize("status", ["draft", "submitted", "revoked"])
def test_only_approved_tests_are_used(known_fit, status):
    assert refusal(known_fit, status=status).startswith(f"{status}: ")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reviewer": None}, "no reviewer is named"),
        ({"reviewer": "Team:Marketing-Science "}, "who owns it; somebody else must"),
        ({"owner": None}, "no owner is named"),
    ],
)
def test_an_approval_by_nobody_else_is_none(known_fit, changes, said):
    reason = refusal(known_fit, **changes)
    assert reason.startswith("submitted: ")
    assert said in reason


def test_a_test_is_used_until_the_last_day_that_its_record_gives(known_fit):
    assert decide(known_fit, lift_test(expires="2024-02-01"), as_of=date(2024, 2, 1)).used
    assert "expired after 2024-02-01" in refusal(known_fit, as_of=date(2024, 2, 2), expires="2024-02-01")


def test_one_measurement_under_two_names_is_counted_once(known_fit):
    selected = decide(known_fit, lift_test(), lift_test(test_id="lt-2"), lift_test(test_id="lt-3", lift=-1.0))
    assert [test.test_id for test in selected.used] == ["lt-1", "lt-3"]
    assert "the same measurement as lt-1" in selected.decisions[1].reason


def test_a_test_kept_for_validation_never_reaches_the_likelihood(known_fit):
    assert "role is 'validate'" in refusal(known_fit, role="validate")


def test_evidence_can_be_switched_off(known_fit):
    off = type(known_fit.spec).from_dict({**known_fit.spec.to_dict(), "evidence": {"use": "none"}})
    selected = decide(known_fit, lift_test(), spec=off)
    assert not selected.used
    assert "{use: none}" in selected.decisions[0].reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channel": "serch"}, "unknown channel 'serch' (did you mean 'search'?)"),
        ({"market": "UK"}, "unknown market 'UK'"),
        ({"outcome": "orders"}, "measures 'orders'; model known explains 'revenue'"),
        ({"end_date": "2024-03-01", "followup_end": None}, "lies outside the data, which run from 2023-01-02 to"),
        ({"start_date": "2022-12-26"}, "window 2022-12-26 to 2023-07-02 lies outside the data"),
        ({"spend_baseline": 16_000_000.0, "spend_delta": -16_000_000.0}, "more than ten times the most"),
    ],
)  # fmt: skip
def test_a_test_that_does_not_fit_the_model_is_refused_with_value_and_remedy(known_fit, changes, said):
    assert said in refusal(known_fit, **changes)


def test_old_tests_expire_by_the_policy_of_the_spec(known_fit):
    ended = date(2023, 7, 2)
    assert decide(known_fit, lift_test(), as_of=ended + timedelta(weeks=104)).used
    reason = refusal(known_fit, as_of=ended + timedelta(weeks=110))
    assert "110 weeks before" in reason
    assert "evidence.max_age_weeks" in reason


def test_a_channel_that_never_spent_in_the_market_cannot_be_calibrated_there(known_fit):
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "US", "channel": "search"}] = 0.0
    panel = type(known_fit.panel)(dataset)
    (decision,) = select_evidence([lift_test()], known_fit.spec, panel).decisions
    assert "the data hold no spend of search in US" in decision.reason


def test_one_refused_test_does_not_stop_the_others(known_fit):
    selected = decide(known_fit, lift_test(), lift_test(test_id="lt-2", channel="radio"))
    assert [(d.test_id, d.used) for d in selected.decisions] == [("lt-1", True), ("lt-2", False)]


def test_a_test_given_twice_is_an_error(known_fit):
    with pytest.raises(EvidenceError, match="lift test lt-1 stands 2 times"):
        decide(known_fit, lift_test(), lift_test(lift=-1.0))


def test_the_hash_of_the_evidence_follows_measurements_only(known_fit):
    first, other = lift_test(), lift_test(test_id="lt-0", channel="tv")
    one = decide(known_fit, first, other).content_hash()
    assert decide(known_fit, other, first, lift_test(test_id="lt-9", status="draft")).content_hash() == one
    assert decide(known_fit, lift_test(owner="someone.else"), other).content_hash() == one
    assert decide(known_fit, lift_test(lift=-390_000.0), other).content_hash() != one


def test_the_hash_of_the_evidence_follows_the_quality_that_was_frozen(known_fit):
    test = lift_test()
    standing = standings([test], on=date(2024, 2, 1))["lt-1"]
    sets = [
        select_evidence([test], known_fit.spec, known_fit.panel, standing={"lt-1": as_it_stands})
        for as_it_stands in (standing, standing.model_copy(update={"quality": 0.5}))
    ]
    assert [found.term(test).quality for found in sets] == [standing.quality, 0.5]
    assert sets[0].content_hash() != sets[1].content_hash()


def test_an_evidence_set_survives_json(known_fit):
    selected = decide(known_fit, lift_test())
    assert EvidenceSet.model_validate(selected.model_dump(mode="json")) == selected
