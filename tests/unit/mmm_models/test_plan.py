"""Budget plans from a fit whose parameters are known."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import PlanError, PlanRequest, plan_budget
from mmm_models.spec import ModelSpec, PlanningSpec, SpecError


def with_planning(fit, *, plannable=(), **planning):
    """The fit with another `planning:` section; channels in `plannable` may (True) or may not (False) move."""
    data = fit.spec.to_dict()
    data["planning"] = {"horizon_weeks": 8, **planning}
    for channel, free in dict(plannable).items():
        data["channels"][channel]["plannable"] = free
    return replace(fit, spec=ModelSpec.from_dict(data))


@pytest.fixture(scope="module")
def plan(known_fit):
    return plan_budget(known_fit)


def test_the_plan_spends_the_status_quo_budget_unless_told_otherwise(known_fit, plan):
    recent = float(known_fit.panel.dataset["spend"].isel(week=slice(-8, None)).sum())
    assert plan.budget == pytest.approx(recent)
    assert float(plan.spend.sum()) == pytest.approx(recent)
    assert float(plan.status_quo.sum()) == pytest.approx(recent)


def test_the_horizon_follows_the_data(known_fit, plan):
    assert (plan.horizon_start - known_fit.panel.weeks[-1]).days == 7
    assert plan.spend.sizes == {"week": 8, "market": 2, "channel": 3}
    assert plan.horizon_end == plan.spend.week.values[-1]


def test_every_line_stays_inside_its_bounds(plan):
    level, room = plan.lines.level, 1e-6 * plan.lines.status_quo
    assert bool((level >= plan.lines.lower - room).all())
    assert bool((level <= plan.lines.upper + room).all())


def test_the_plan_gains_on_draws_that_did_not_choose_it(plan):
    assert plan.gain.mean > 0
    assert plan.gain.p05 <= plan.gain.p50 <= plan.gain.p95
    assert plan.prob_gain_positive > 0.9
    assert plan.value.mean - plan.status_quo_value.mean == pytest.approx(plan.gain.mean)


def test_the_plan_is_reported_on_the_chains_that_did_not_choose_it(plan):
    assert set(plan.lines.sample.values // 50) == {1}


def test_the_bound_certifies_that_no_plan_is_worth_more(plan):
    assert plan.allocation.bound >= plan.allocation.value
    assert 0 <= plan.gap < 1e-3


def test_optimism_is_what_the_choosing_draws_promised_beyond_the_others(plan):
    assert plan.optimism == pytest.approx(plan.allocation.claimed_gain - plan.gain.mean)


def test_regret_is_small_when_the_draws_agree_and_never_negative(known_fit, plan):
    assert 0 <= plan.expected_regret < 0.01 * plan.value.mean
    certain = replace(known_fit, posterior=known_fit.posterior * 0 + known_fit.posterior.mean(("chain", "draw")))
    assert plan_budget(certain).expected_regret == pytest.approx(0, abs=1e-4 * plan.value.mean)


def test_marginal_returns_of_free_lines_agree_at_the_optimum(known_fit):
    free = plan_budget(with_planning(known_fit, bounds={"default": {}}))
    inside = (free.lines.level > 1.0).values
    mroas = free.lines.mroas.mean("sample").values[inside]
    # The draws that report differ from those that chose, hence not exactly.
    np.testing.assert_allclose(mroas, mroas.mean(), rtol=0.03)


def test_identical_channels_get_the_same_money(known_fit):
    def copy_search(array):
        out = array.copy(deep=True)
        for other in ("paid_social", "tv"):
            out.loc[{"channel": other}] = array.sel(channel="search")
        return out

    data = known_fit.spec.to_dict()
    data["channels"]["tv"] = data["channels"]["search"]
    data["planning"] = {"horizon_weeks": 8, "bounds": {"default": {}}}
    data["markets"] = ["US"]
    posterior = known_fit.posterior.sel(market=["US"])
    media = [name for name in posterior if "channel" in posterior[name].dims]
    panel = known_fit.panel.dataset.sel(market=["US"])
    scales = known_fit.scales.sel(market=["US"])
    same = replace(
        known_fit,
        spec=ModelSpec.from_dict(data),
        posterior=posterior.assign({name: copy_search(posterior[name]) for name in media}),
        panel=replace(known_fit.panel, dataset=panel.assign(spend=copy_search(panel["spend"]))),
        scales=scales.assign(
            spend_scale=copy_search(scales["spend_scale"]), adstock_max_lag=("channel", np.array([4, 4, 4]))
        ),
    )
    level = plan_budget(same).lines.level.values.ravel()
    np.testing.assert_allclose(level, level.mean(), rtol=1e-3)


def test_a_channel_that_is_not_plannable_keeps_its_spend(known_fit):
    plan = plan_budget(with_planning(known_fit, plannable={"tv": False}))
    tv = plan.lines.sel(channel="tv")
    np.testing.assert_allclose(tv.level, tv.status_quo)
    assert float(np.abs(plan.lines.level - plan.lines.status_quo).sum()) > 0


def test_an_impossible_budget_names_the_lines_that_stand_in_its_way(known_fit):
    with pytest.raises(PlanError, match=r"budget of 1,000 for 8 weeks.*US/tv.*planning\.bounds"):
        plan_budget(with_planning(known_fit, budget=1000.0))


def test_scenarios_stand_beside_the_plan(plan):
    by_name = {scenario.name: scenario for scenario in plan.scenarios}
    assert list(by_name) == ["status_quo", "plan", "budget_minus_20", "budget_plus_20"]
    assert by_name["status_quo"].gain.mean == 0
    assert by_name["plan"].value.mean == pytest.approx(plan.value.mean)
    assert by_name["budget_minus_20"].value.mean < plan.value.mean < by_name["budget_plus_20"].value.mean
    assert by_name["budget_plus_20"].budget == pytest.approx(1.2 * plan.budget)


def test_a_scenario_that_the_bounds_forbid_plans_the_nearest_budget_and_says_so(known_fit):
    tight = plan_budget(with_planning(known_fit, bounds={"default": {"min_change": -0.1, "max_change": 0.1}}))
    more = tight.scenarios[-1]
    assert more.budget == pytest.approx(1.1 * tight.budget)
    assert "bounds allow" in more.note


def test_the_request_defaults_to_the_spec_and_can_be_changed(known_fit):
    assert PlanRequest.from_spec(known_fit.spec).weeks == 8
    plan = plan_budget(known_fit, PlanRequest(PlanningSpec(horizon_weeks=4, scenarios=[])))
    assert plan.spend.sizes["week"] == 4
    assert [scenario.name for scenario in plan.scenarios] == ["status_quo", "plan"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"horizon_weeks": 0}, r"planning\.horizon_weeks"),
        ({"budget": -5.0}, r"planning\.budget"),
        ({"start": "2024-01-02"}, "no Monday"),
        ({"objective": {"goal": "target"}}, "needs a target"),
        ({"groups": [{"name": "online", "channels": ["serach"], "max": 1}]}, "serach.*search"),
        ({"market_budgets": {"FR": 1.0}}, "unknown name 'FR' in planning.market_budgets"),
    ],
)
def test_a_planning_section_that_makes_no_sense_is_refused(known_fit, change, message):
    with pytest.raises(SpecError, match=message):
        with_planning(known_fit, **change)


def test_a_plan_needs_draws_to_choose_and_to_report():
    with pytest.raises(PlanError, match="at least 2 draws"):
        PlanRequest(choosing_draws=1)


def test_a_fit_with_too_few_draws_cannot_plan(known_fit):
    with pytest.raises(PlanError, match="2 posterior samples"):
        plan_budget(known_fit.thin(3))


def test_the_same_fit_gives_the_same_plan(known_fit, plan):
    np.testing.assert_array_equal(plan_budget(known_fit).spend, plan.spend)


def test_a_market_that_never_used_a_channel_gets_none_of_it(known_fit):
    spend = known_fit.panel.dataset["spend"].copy(deep=True)
    spend.loc[{"market": "DE", "channel": "tv"}] = 0.0
    dark = replace(known_fit, panel=replace(known_fit.panel, dataset=known_fit.panel.dataset.assign(spend=spend)))
    plan = plan_budget(dark)
    assert float(plan.spend.sel(market="DE", channel="tv").sum()) == 0
    assert plan.gain.mean > 0
