"""Plans of a fit under each measure of risk, from YAML keys to levels."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import PlanRequest, plan_budget
from mmm_models.planning.draws import split_draws
from mmm_models.planning.errors import PlanError
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.risk import Cvar, Entropic, margin_draws
from mmm_models.spec import PlanningSpec
from tests.known_fit import known_posterior, make_known_fit


@pytest.fixture(scope="module")
def uncertain_fit():
    posterior = known_posterior(draws=100)
    luck = np.random.default_rng(2).lognormal(0.0, 0.4, posterior.media_coefficient.shape)
    return make_known_fit(posterior=posterior.assign(media_coefficient=posterior.media_coefficient * luck))


def planned(fit, **objective):
    others = {"unspent": objective.pop("unspent")} if "unspent" in objective else {}
    spec = PlanningSpec.model_validate({"horizon_weeks": 8, "objective": objective, "scenarios": [], **others})
    return plan_budget(fit, PlanRequest(spec, choosing_draws=100))


@pytest.mark.parametrize("risk", ["cvar", "entropic", "mean_variance", "prob_gain"])
def test_every_measure_plans_and_has_a_bound(uncertain_fit, risk):
    plan = planned(uncertain_fit, risk=risk)
    assert plan.allocation.bound >= plan.allocation.value
    assert float(plan.lines.level.sum()) == pytest.approx(float(plan.lines.status_quo.sum()), rel=1e-6)
    share = 1.0 if risk == "prob_gain" else float(plan.status_quo_draws.mean())
    excess = plan.allocation.bound - plan.allocation.value
    assert plan.gap == pytest.approx(excess / share, rel=0.1, abs=1e-6)
    if risk != "prob_gain":
        assert plan.allocation.bound <= planned(uncertain_fit).allocation.claimed_gain * 1.01


def test_its_own_measure_is_no_better_under_the_mean_plan(uncertain_fit):
    mean, safe = planned(uncertain_fit), planned(uncertain_fit, risk="cvar")
    assert safe.allocation.claimed_gain < mean.allocation.claimed_gain
    # On draws that chose neither, too: they differ enough.
    assert Cvar(0.9)(safe.gain_draws.values)[0] > Cvar(0.9)(mean.gain_draws.values)[0]


def test_a_measure_speaks_of_the_draws_that_chose(uncertain_fit):
    plan = planned(uncertain_fit, risk="entropic", risk_aversion=20)
    spec = uncertain_fit.spec.model_copy(update={"planning": plan.request.planning})
    choosing, _ = split_draws(uncertain_fit, 100, 1000)
    chooser = HorizonObjective.from_fit(replace(uncertain_fit, spec=spec), 8, choosing)
    before = chooser.evenly.values(plan.lines.status_quo)
    gains = chooser.values(plan.lines.level) - before
    assert plan.allocation.value == pytest.approx(Entropic(20, float(before.mean()))(gains.values)[0], rel=1e-5)


def test_profit_with_an_uncertain_margin_is_planned_on_its_draws(uncertain_fit):
    sure = planned(uncertain_fit, goal="profit", margin=0.5, risk="cvar")
    unsure = planned(uncertain_fit, goal="profit", margin=0.5, margin_sd=0.25, risk="cvar")
    assert np.abs(sure.lines.level - unsure.lines.level).sum() > 0
    assert unsure.allocation.value < sure.allocation.value
    assert margin_draws(0.5, 0.25, 100).min() > 0


def test_a_least_cvar_costs_some_of_the_mean(uncertain_fit):
    mean, safe = planned(uncertain_fit), planned(uncertain_fit, risk="cvar")
    at_mean = safe.allocation.value * 0.5
    held = planned(uncertain_fit, cvar_min=at_mean)
    assert safe.allocation.claimed_gain <= held.allocation.claimed_gain <= mean.allocation.claimed_gain * 1.001
    with pytest.raises(PlanError, match="cvar_min"):
        planned(uncertain_fit, cvar_min=10 * mean.allocation.claimed_gain)
