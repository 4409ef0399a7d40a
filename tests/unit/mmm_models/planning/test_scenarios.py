"""What-ifs beside the plan: each answer is known by hand or is a plan that could be asked for by itself."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import PlanRequest, line_bounds, plan_budget, status_quo_spend
from mmm_models.planning.darkness import without_channels
from mmm_models.planning.objective import HorizonObjective
from mmm_models.reporting.summary import plan_summary
from mmm_models.reporting.tables import plan_tables
from mmm_models.spec import PlanningSpec


def planned(fit, *scenarios: dict, **planning):
    """Plan and its scenarios by name."""
    plan = plan_budget(fit, PlanRequest(PlanningSpec(horizon_weeks=8, scenarios=list(scenarios), **planning)))
    return plan, {scenario.name: scenario for scenario in plan.scenarios}


def test_a_dark_channels_scenario_is_the_plan_of_the_same_money_without_it(known_fit):
    free = {"default": {}}
    _, found = planned(known_fit, {"name": "no_tv", "dark": ["tv"]}, bounds=free)
    without, _ = planned(known_fit, bounds={**free, "channels": {"tv": {"fixed": 0}}})
    dark = found["no_tv"]
    assert float(dark.levels.sel(channel="tv").sum()) == 0
    assert dark.spend == pytest.approx(without.budget)
    np.testing.assert_allclose(dark.levels, without.lines.level, rtol=1e-6)
    assert dark.value.mean == pytest.approx(without.value.mean)
    assert dark.gain.mean == pytest.approx(without.gain.mean)
    assert dark.note == ""


def test_what_asks_a_dark_channel_for_money_falls_away_and_the_notes_say_so(known_fit):
    planning = PlanningSpec(
        horizon_weeks=8,
        bounds={"channels": {"tv": {"min": 1000.0, "lot": 500.0}}},
        groups=[
            {"name": "offline", "channels": ["tv"], "min": 20000.0},
            {"name": "capped", "channels": ["tv"], "min": 10.0, "max": 90.0},
            {"name": "awareness", "channels": ["tv", "paid_social"], "share_min": 0.2},
        ],
        ratios=[
            {"channel": "tv", "of": "search", "min": 0.01},
            {"channel": "search", "of": "tv", "max": 2.0},
        ],
        commitments=[{"channel": "tv", "market": "DE", "week_start": "2024-03-04", "spend": 700.0}],
    )
    asked = replace(known_fit, spec=known_fit.spec.model_copy(update={"planning": planning}))
    now = status_quo_spend(known_fit.panel.dataset["spend"], 8)
    eased, bounds, notes = without_channels(planning, line_bounds(asked.spec, now), ["tv"])
    for name in ("lower", "upper", "lot", "committed"):
        assert float(getattr(bounds, name).sel(channel="tv").sum()) == 0, name
    assert float(bounds.upper.sel(channel="search").min()) > 0
    assert [(group.name, group.min, group.max) for group in eased.groups] == [
        ("capped", None, 90.0),
        ("awareness", None, None),
    ]
    assert eased.ratios == [planning.ratios[1]]
    assert eased.commitments == []
    assert notes == [
        "US/tv has a least spend of 1,000 a week",
        "DE/tv has a least spend of 1,000 a week",
        "DE/tv is committed to 700 in the week of 2024-03-04",
        "the least of group offline, all of which is dark, falls away",
        "the least of group capped, all of which is dark, falls away",
        "tv at least 0.01 times search falls away",
    ]


def test_a_scenario_that_is_not_planned_anew_keeps_the_levels(known_fit):
    plan, found = planned(
        known_fit,
        {"name": "no_tv_no_plan", "dark": ["tv"], "replan": False},
        {"name": "cut", "budget_change": -0.3, "replan": False},
    )
    others = plan.lines.level.sel(channel=["search", "paid_social"])
    np.testing.assert_allclose(found["no_tv_no_plan"].levels.sel(channel=others.channel), others)
    # Lines add up: what is lost is what the dark lines brought.
    lost = plan.value.mean - found["no_tv_no_plan"].value.mean
    assert lost == pytest.approx(float(plan.lines.response.sel(channel="tv").mean("sample").sum()))
    np.testing.assert_allclose(found["cut"].levels, 0.7 * plan.lines.level)
    assert found["cut"].budget == pytest.approx(0.7 * plan.budget) == found["cut"].spend


def test_planning_anew_is_worth_more_than_cutting_all_alike(known_fit):
    _, found = planned(
        known_fit,
        {"name": "alike", "budget_change": -0.2, "replan": False},
        {"name": "anew", "budget_change": -0.2},
        bounds={"default": {}},
    )
    assert found["anew"].spend == pytest.approx(found["alike"].spend)
    assert found["anew"].value.mean > found["alike"].value.mean


def test_a_budget_that_the_bounds_cannot_take_is_moved_and_the_note_says_so(known_fit):
    plan, found = planned(
        known_fit,
        {"name": "nothing_runs", "dark": ["search", "paid_social", "tv"]},
        {"name": "less", "budget_change": -0.5},
        bounds={"default": {"min_change": -0.1, "max_change": 0.1}},
    )
    assert found["less"].budget == pytest.approx(0.9 * plan.budget)
    assert found["less"].note == f"bounds allow {0.9 * plan.budget:,.0f}, not {0.5 * plan.budget:,.0f}"
    assert found["nothing_runs"].spend == found["nothing_runs"].value.mean == 0
    assert "bounds allow 0" in found["nothing_runs"].note


def test_limits_that_clash_make_a_scenario_without_levels_and_no_failed_plan(known_fit):
    """Without tv, paid social alone would have to take half of all money, and its bounds do not let it."""
    awareness = {"name": "awareness", "channels": ["tv", "paid_social"], "share_min": 0.5}
    plan, found = planned(known_fit, {"name": "no_tv", "dark": ["tv"]}, groups=[awareness])
    assert plan.gain.mean > 0
    assert not found["no_tv"].is_feasible
    assert "no plan: " in found["no_tv"].note
    assert "group awareness" in found["no_tv"].note
    rows = plan_tables(plan, "p", "r")
    row = rows["plan_scenarios"].set_index("scenario").loc["no_tv"]
    assert row[["spend", "value_mean", "gain_p50", "prob_gain_positive", "gain_cvar"]].isna().all()
    assert rows["plan_scenario_lines"].query("scenario == 'no_tv'")[["spend", "response_mean"]].isna().all(axis=None)
    assert "group awareness" in plan_summary(plan)


def test_dearer_media_buy_so_much_less_for_the_same_money(known_fit):
    plan, found = planned(
        known_fit,
        {"name": "dear_search", "prices": {"search": 1.25}, "replan": False},
        {"name": "dear_search_anew", "prices": {"search": 1.25}},
        bounds={"default": {}},
        flighting={"default": "continuous"},
    )
    samples = plan.lines["sample"].values
    even = known_fit.spec.model_copy(update={"planning": plan.request.planning})
    usual = HorizonObjective.from_fit(replace(known_fit, spec=even), 8, samples)
    less = plan.lines.level.where(plan.lines.channel != "search", plan.lines.level / 1.25)
    kept, anew = found["dear_search"], found["dear_search_anew"]
    np.testing.assert_allclose(kept.value_draws, usual.values(less))
    assert kept.spend == pytest.approx(plan.budget) == anew.spend
    assert kept.value.mean < anew.value.mean < plan.value.mean
    # Gains are above the status quo at today's prices.
    np.testing.assert_allclose(kept.gain_draws, kept.value_draws - plan.status_quo_draws)
    search = kept.weekly.sel(channel="search")
    np.testing.assert_allclose(kept.bought.sel(channel="search"), search / 1.25)


def test_media_that_are_committed_run_however_little_is_spent_and_not_in_the_dark(known_fit):
    _, found = planned(
        known_fit,
        {"name": "little", "budget_change": -0.9, "replan": False},
        {"name": "no_tv", "dark": ["tv"], "replan": False},
        commitments=[{"channel": "tv", "market": "US", "week_start": "2024-03-04", "spend": 100_000.0}],
    )
    here = {"market": "US", "channel": "tv", "week": np.datetime64("2024-03-04")}
    assert float(found["little"].weekly.sel(here)) == pytest.approx(100_000)
    assert float(found["no_tv"].weekly.sel(channel="tv").sum()) == 0
    assert "US/tv is committed to 100,000 in the week of 2024-03-04" in found["no_tv"].note


def test_scenarios_of_a_profit_goal_are_judged_in_profit(known_fit):
    goal = {"goal": "profit", "margin": 0.5}
    plan, found = planned(known_fit, {"name": "less", "budget_change": -0.3, "replan": False}, objective=goal)
    less = found["less"]
    extra = less.spend - float(plan.status_quo.sum())
    np.testing.assert_allclose(less.profit_draws, 0.5 * less.gain_draws - extra)
    assert less.prob_gain_positive == float((less.profit_draws > 0).mean())
    assert found["plan"].profit_gain == plan.profit_gain
    assert found["plan"].prob_gain_positive == plan.prob_gain_positive


def test_scenarios_laid_side_by_side_add_up_to_their_money(known_fit):
    plan, _ = planned(known_fit, {"name": "more", "budget_change": 0.2})
    rows = plan_tables(plan, "p", "r")
    by_scenario = rows["plan_scenario_lines"].groupby("scenario", sort=False)[["spend", "response_mean"]].sum()
    figures = rows["plan_scenarios"].set_index("scenario")
    np.testing.assert_allclose(by_scenario["spend"], figures["spend"].reindex(by_scenario.index))
    np.testing.assert_allclose(by_scenario["response_mean"], figures["value_mean"].reindex(by_scenario.index))
    assert figures.loc["more", "gain_cvar"] < figures.loc["more", "gain_mean"]
    assert list(figures.index) == ["status_quo", "plan", "more"]


def test_controls_change_no_value_of_spend(known_fit):
    plan, found = planned(known_fit, {"name": "no_promotion", "controls": {"promotion": 0.0}})
    assert found["no_promotion"].gain == plan.gain
    assert found["no_promotion"].controls == {"promotion": 0.0}


def test_the_tail_of_a_scenarios_gains_is_the_mean_of_its_worst_tenth(known_fit):
    _, found = planned(known_fit, {"name": "less", "budget_change": -0.1})
    gains = np.sort(found["less"].gain_draws.values)
    assert gains.size == 50
    assert found["less"].gain_cvar == pytest.approx(gains[:5].mean())
    assert found["less"].prob_gain_positive == pytest.approx((gains > 0).mean())


def test_what_moving_money_brings_is_told_apart_from_what_more_money_brings(known_fit):
    same = plan_budget(known_fit)
    assert [scenario.name for scenario in same.scenarios][:3] == ["status_quo", "plan", "budget_minus_20"]
    assert same.reallocation_gain == same.gain
    more = plan_budget(known_fit, PlanRequest(PlanningSpec(horizon_weeks=8, budget=1.3 * same.budget, scenarios=[])))
    split = more.scenarios[-1]
    assert split.name == "same_split"
    np.testing.assert_allclose(split.levels, 1.3 * more.lines.status_quo)
    expected = float((more.value_draws - split.value_draws).mean())
    assert more.reallocation_gain.mean == pytest.approx(expected)
    assert 0 < more.reallocation_gain.mean < more.gain.mean
