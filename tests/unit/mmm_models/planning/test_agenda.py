"""The agenda: who is first, which tests validate, what stands in a draft, and what an owner reads of it."""

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
import yaml

from mmm_models.evidence import LiftTest, read_lift_tests
from mmm_models.evidence.writing import record_text
from mmm_models.fit.stacked import Member, StackedFit
from mmm_models.planning.agenda import assign_roles, make_agenda
from mmm_models.planning.errors import PlanError
from mmm_models.planning.trials import TrialMenu
from mmm_models.reporting import plots
from mmm_models.reporting.agenda_tables import agenda_table, reason
from mmm_models.spec import ModelSpec
from tests.known_fit import SPEC, known_posterior, make_known_fit
from warehouse.results.registry import RESULT_TABLES

MENU = TrialMenu(changes=(-1.0, 1.0), shares=(0.5,), weeks=(4, 8))


def unsure_of(market, channel, *, spec=None, noise=1.0):
    """The known company, whose curves are known but for one line's height and bend; `noise` times its weekly noise."""
    posterior = known_posterior(spread=1e-4, draws=150)
    rng = np.random.default_rng(12)
    at = {"market": market, "channel": channel}
    for name in ("media_coefficient", "saturation_lam"):
        posterior[name].loc[at] *= np.exp(0.7 * rng.standard_normal((2, 150)))
    posterior["sigma"] *= noise
    return make_known_fit(spec, posterior)


@pytest.fixture(scope="module")
def fit():
    return unsure_of("US", "search")


@pytest.fixture(scope="module")
def agenda(fit):
    return make_agenda(fit, menu=MENU)


def test_the_line_that_nobody_knows_is_first_and_worth_all_that_there_is_to_know(agenda):
    first = agenda.items[0]
    assert (first.trial.market, first.trial.channel) == ("US", "search")
    assert first.evppi.value == pytest.approx(agenda.evpi.value, rel=0.05)
    assert first.evsi.is_positive
    assert first.evsi.value <= first.evppi.value + 2 * first.evsi.error
    assert [item.evsi.value for item in agenda.items] == sorted((i.evsi.value for i in agenda.items), reverse=True)


def test_lines_that_are_known_are_worth_nothing(agenda):
    assert len(agenda.items) == 6
    for item in agenda.items[1:]:
        assert abs(item.evppi.value) <= 2 * item.evppi.error + 0.01 * agenda.evpi.value
        assert abs(item.evsi.value) <= 2 * item.evsi.error + 0.01 * agenda.evpi.value


def test_a_draft_is_a_record_without_a_lift_that_can_be_delivered(agenda):
    item = agenda.items[0]
    draft = item.draft
    assert (draft.status, draft.lift, draft.lift_se) == ("draft", None, None)
    assert draft.family == item.trial.design
    assert draft.start_date > date(2024, 2, 25)  # the data end
    assert draft.spend_delta == pytest.approx(item.trial.change * draft.spend_baseline)
    assert draft.test_id == f"known-search-us-{draft.start_date:%Y%m%d}"
    now = datetime(2024, 3, 1, 9, 30)
    delivered = read_lift_tests([yaml.safe_load(record_text(draft.model_copy(update={"updated_at": now})))])
    assert delivered == [draft.model_copy(update={"updated_at": now})]


def test_channels_that_a_plan_may_not_move_are_not_on_the_agenda():
    spec = ModelSpec.from_yaml(SPEC.replace("search: {}", "search: {plannable: false}"))
    made = make_agenda(unsure_of("US", "search", spec=spec), menu=MENU)
    assert {item.trial.channel for item in made.items} == {"paid_social", "tv"}


def test_half_of_the_regions_tell_more_than_a_fifth():
    """The signal grows with the share u and the noise with sqrt(u / (1 - u)); where noise is large that shows."""
    noisy = unsure_of("US", "search", noise=100.0)
    worth = [
        make_agenda(noisy, menu=replace(MENU, shares=(share,)), most=1).items[0].evsi.value
        for share in (0.05, 0.2, 0.5)
    ]
    assert 1.2 * worth[0] < worth[1]
    assert worth[1] < worth[2]


def test_only_the_lines_with_most_doubt_are_looked_at(fit):
    made = make_agenda(fit, menu=MENU, most=1)
    assert [(item.trial.market, item.trial.channel) for item in made.items] == [("US", "search")]


def test_a_mixture_of_structures_has_an_agenda_too(fit):
    members = tuple(Member(name, fit, weight, np.zeros(1), 1.0) for name, weight in (("one", 0.6), ("other", 0.4)))
    made = make_agenda(StackedFit(fit.spec, members, fit.info, samples=200), menu=MENU, most=2)
    assert (made.items[0].trial.channel, made.items[0].evsi.is_positive) == ("search", True)


def test_too_few_draws_are_refused():
    with pytest.raises(PlanError, match="12 posterior samples"):
        make_agenda(make_known_fit(posterior=known_posterior(draws=6)))


@pytest.mark.parametrize(
    ("proposed", "known", "validating", "ranks"),
    [(6, 0, 0, [3, 6]), (5, 0, 0, [5]), (4, 1, 0, [4]), (5, 5, 2, []), (1, 9, 0, [1]), (0, 3, 0, [])],
)
def test_one_test_in_five_is_kept_to_validate(proposed, known, validating, ranks):
    roles = assign_roles(proposed, known, validating)
    assert [rank for rank, role in enumerate(roles, start=1) if role == "validate"] == ranks


def open_test(**changes):
    fields = {
        "test_id": "planned-1", "channel": "search", "market": "US", "design": "go-dark", "outcome": "revenue",
        "start_date": date(2024, 4, 1), "end_date": date(2024, 4, 28), "spend_baseline": 1000.0, "spend_delta": -1000.0,
    }  # fmt: skip
    return LiftTest(**fields | changes)


def test_a_test_that_is_planned_already_is_named(fit):
    known = [open_test(), open_test(test_id="gone", status="revoked", lift=1.0, lift_se=1.0)]
    item = make_agenda(fit, known, menu=MENU, most=1).items[0]
    assert item.open_tests == ("planned-1",)


def test_the_rows_are_those_of_the_result_table(agenda):
    table = agenda_table(agenda, "run-1")
    assert list(table.columns) == RESULT_TABLES["test_agenda"].column_names
    assert table["rank"].tolist() == list(range(1, 7))
    assert (table["net_value"] == table["evsi"] - table["cost"]).all()
    assert table["expected_lift_p05"].lt(table["expected_lift_mean"]).all()
    assert table["role"].value_counts()["validate"] == 2


def test_the_reason_says_what_the_test_is_worth_of_what_there_is_and_what_it_costs(agenda):
    first = agenda.items[0]
    costly = reason(agenda, replace(first, cost=3 * first.evsi.value))
    assert "Knowing the response of search in US exactly would add $" in costly
    assert "as much as it adds to 3.0 plans" in costly
    assert "It costs nothing" in reason(agenda, replace(first, cost=-1.0))
    assert "no test of the sizes considered" in reason(agenda, replace(first, evsi=replace(first.evsi, value=0.0)))
    assert "planned-1" in reason(agenda, replace(first, open_tests=("planned-1",)))


def test_the_figure_names_the_first_test_and_labels_each_with_its_design(agenda):
    figure = plots.agenda(agenda)
    assert "Test Search in US next: worth $" in figure.texts[0].get_text()
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert len(labels) == 6
    assert "of regions" in labels[0]
    assert plots.agenda(replace(agenda, items=())).texts[0].get_text().endswith("nothing to test")
