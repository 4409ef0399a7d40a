"""What stands in the data twice, what age adds, and what the model thinks of designs."""

from datetime import date

import pytest

from mmm_models.evidence import read_lift_tests, select_evidence
from mmm_models.evidence.in_data import common_share, stands_in_data
from mmm_models.spec import ModelSpec

GO_DARK = {
    "test_id": "t", "channel": "search", "market": "US", "design": "go-dark", "start_date": "2023-06-05",
    "end_date": "2023-07-02", "outcome": "revenue", "spend_baseline": 160_000.0, "spend_delta": -160_000.0,
    "lift": -400_000.0, "lift_se": 60_000.0, "status": "approved", "owner": "a", "reviewer": "b", "randomised": True,
}  # fmt: skip


def lift_test(**changes):
    return read_lift_tests([{**GO_DARK, **changes}])[0]


def selected(known_fit, test, panel=None, **policy):
    data = {**known_fit.spec.to_dict(), **policy}
    return select_evidence([test], ModelSpec.from_dict(data), panel or known_fit.panel)


def dark_panel(known_fit):
    """The data went dark in the window themselves."""
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "US", "channel": "search", "week": slice("2023-06-05", "2023-06-26")}] = 0.0
    return type(known_fit.panel)(dataset)


def test_spend_of_the_data_tells_whether_they_hold_a_test_of_the_whole_market(known_fit):
    spec = known_fit.spec
    assert stands_in_data(lift_test(), spec, known_fit.panel).rule == "apart"
    found = stands_in_data(lift_test(), spec, dark_panel(known_fit))
    assert found.rule == "masked"
    assert "the data spent in its window what the test did" in found.words


def test_the_record_knows_better(known_fit):
    assert stands_in_data(lift_test(in_outcome=False), known_fit.spec, dark_panel(known_fit)).rule == "apart"
    assert stands_in_data(lift_test(in_outcome=True), known_fit.spec, known_fit.panel).rule == "masked"


def test_units_of_the_market_are_part_of_its_outcome_and_may_be_too_few_to_matter(known_fit):
    few = lift_test(unit_share=0.02, spend_baseline=3_200.0, spend_delta=-3_200.0, lift=-2_000.0, lift_se=1_000.0)
    found = stands_in_data(few, known_fit.spec, known_fit.panel)
    assert found.rule == "both"
    assert common_share(few, known_fit.spec, known_fit.panel) < 0.05
    many = few.model_copy(update={"lift": -400_000.0})
    # Four weeks' mean against a week's noise, squared.
    ratio = common_share(many, known_fit.spec, known_fit.panel) / common_share(few, known_fit.spec, known_fit.panel)
    assert ratio == pytest.approx(200.0**2)
    assert stands_in_data(many, known_fit.spec, known_fit.panel).rule == "masked"


def test_an_engine_that_cannot_leave_weeks_out_leaves_the_test_out(known_fit):
    evidence = selected(known_fit, lift_test(in_outcome=True), engine="pymc_marketing")
    assert evidence.used == []
    assert "cannot leave its weeks out; engine: marginal can" in evidence.decisions[0].reason


def test_masked_weeks_are_those_in_which_the_outcome_was_counted(known_fit):
    evidence = selected(known_fit, lift_test(in_outcome=True, followup_end="2023-07-16"), engine="marginal")
    assert evidence.masked_weeks(known_fit.panel) == [(0, week) for week in range(22, 28)]
    assert evidence.only([]).masked_weeks(known_fit.panel) == []


def test_age_adds_variance_unless_the_effect_may_wander(known_fit):
    test = lift_test(in_outcome=False)
    (term,) = selected(known_fit, test).terms.values()
    last = date(2024, 2, 25)
    assert term.drift_variance == pytest.approx(0.05**2 * (last - date(2023, 7, 2)).days / 365.25)
    data = known_fit.spec.to_dict()
    data["channels"]["search"]["time_varying"] = True
    (term,) = select_evidence([test], ModelSpec.from_dict(data), known_fit.panel).terms.values()
    assert term.drift_variance == 0.0


def test_what_is_thought_of_designs_is_part_of_the_hash(known_fit):
    test = lift_test(in_outcome=False)
    plain = selected(known_fit, test).content_hash()
    for policy in (
        {"designs": {"go_dark": {"factor": 1.2}}},
        {"degrees_of_freedom": 4},
        {"drift": 0.3},
    ):
        assert selected(known_fit, test, evidence=policy).content_hash() != plain
    assert selected(known_fit, test, evidence={"designs": {"switchback": {"factor": 2}}}).content_hash() == plain


def test_designs_have_defaults_by_family_and_by_chance():
    policy = ModelSpec.from_dict({"model": "m", "outcome": "revenue", "markets": ["US"], "channels": ["tv"]}).evidence
    assert policy.design("geo_lift", randomised=True).factor_sd == 0.0
    assert policy.design("geo_lift", randomised=None).factor_sd > 0.0
    assert policy.design("conversion_lift", randomised=True).factor == 1.1
