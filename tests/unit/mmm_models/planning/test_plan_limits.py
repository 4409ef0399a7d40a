"""Limits from a model's `planning:` to the plan of a fit, and what is said where no plan keeps them."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.planning import PlanRequest, plan_budget
from mmm_models.planning.constraints import compile_rows
from mmm_models.planning.errors import PlanError
from mmm_models.spec import ModelSpec, PlanningSpec

MARKETS, CHANNELS = ("US", "DE"), ("search", "paid_social", "tv")


def plan(fit, **planning):
    return plan_budget(fit, PlanRequest(PlanningSpec(horizon_weeks=8, scenarios=[], **planning)))


def test_groups_market_budgets_and_lots_of_a_fit_are_kept(known_fit):
    now = plan(known_fit).lines.status_quo
    us = float(now.sel(market="US").sum()) * 8
    found = plan(
        known_fit,
        market_budgets={"US": 0.9 * us},
        groups=[{"name": "online", "channels": ["search", "paid_social"], "share_min": 0.6}],
        bounds={"channels": {"tv": {"max_change": 0.5, "lot": 2_500}}},
    )
    level = found.lines.level
    assert float(level.sel(market="US").sum()) * 8 == pytest.approx(0.9 * us, rel=1e-5)
    assert float(level.sel(channel=["search", "paid_social"]).sum() / level.sum()) >= 0.6 - 1e-6
    np.testing.assert_allclose(level.sel(channel="tv") / 2_500, np.rint(level.sel(channel="tv") / 2_500), atol=1e-9)
    assert found.gap < 1e-3
    assert {row.name for row in found.allocation.rows} == set(found.allocation.prices)


def test_a_clash_is_told_in_the_bounds_as_they_were_asked(known_fit):
    # The budget narrows what single lines can spend; the message speaks of what stands in the spec.
    now = plan(known_fit).lines.status_quo
    total = float(now.sum()) * 8
    with pytest.raises(PlanError) as raised:
        plan(
            known_fit,
            budget=total,
            groups=[{"name": "online", "channels": ["search", "paid_social"], "share_max": 0.2}],
            bounds={"default": {"min_change": -0.1, "max_change": 1.0}},
        )
    told = str(raised.value)
    online = float(now.sel(channel=["search", "paid_social"]).sum() / now.sum())
    assert "'group online: at most 20% of all spend' (planning.groups (online).share_max; " in told
    least = float(told.split("share_max; ")[1].split("%")[0]) / 100
    assert 0.9 * online <= least <= 0.9 * online + 1.1e-3
    assert f"bounds of US/search: at least {0.9 * float(now.sel(market='US', channel='search')):,.0f} a week" in told
    assert "(planning.bounds.default; " in told
    assert "at most" not in told.replace("at most 20%", "")


def test_the_plan_of_a_target_spends_what_its_objective_says(known_fit):
    found = plan(known_fit, objective={"goal": "target", "target": 400_000.0})
    assert found.budget == pytest.approx(-found.allocation.value, rel=1e-6)
    assert found.allocation.gap < 1e-3


@pytest.mark.parametrize(
    ("planning", "figure"),
    [
        ({"budget": 800}, 900),
        ({"groups": [{"name": "g", "channels": ["tv"], "min": 80}]}, 120),
        ({"groups": [{"name": "g", "channels": ["tv"], "share_max": 0.2}]}, 0.35),
        ({"groups": [{"name": "g", "channels": ["tv"], "return_min": 2.0}]}, 1.5),
        ({"ratios": [{"channel": "tv", "of": "search", "min": 2.0}]}, 0.5),
        ({"objective": {"cost_max": 2.0}}, 3.0),
        ({"objective": {"goal": "target", "target": 10.0}}, 8.0),
    ],
)
def test_a_row_with_another_figure_is_the_row_of_a_spec_that_says_so(planning, figure):
    spec = PlanningSpec(horizon_weeks=8, **planning)
    row = compile_rows(spec, MARKETS, CHANNELS, spec.budget)[0]
    key, value = next(iter(planning.items()))
    asked = figure if key == "budget" else value
    if key in ("groups", "ratios"):
        name = next(reversed(value[0]))
        asked = [value[0] | {name: figure}]
    elif key == "objective":
        name = next(reversed(value))
        asked = value | {name: figure}
    other = PlanningSpec(horizon_weeks=8, **{key: asked})
    wanted, found = compile_rows(other, MARKETS, CHANNELS, other.budget)[0], row.restated(figure)
    for part in ("spend", "outcome", "low", "high", "stated"):
        np.testing.assert_allclose(getattr(found, part), getattr(wanted, part), atol=1e-12)


def test_a_profit_that_may_leave_no_money_spends_as_much_as_now(known_fit):
    found = plan(known_fit, objective={"goal": "profit", "margin": 0.4}, unspent=False)
    assert float(found.spend.sum()) == pytest.approx(float(found.status_quo.sum()), rel=1e-6)
    assert found.budget == pytest.approx(float(found.status_quo.sum()), rel=1e-9)


def test_a_weekly_maximum_of_all_channels_leaves_those_alone_that_are_not_planned(known_fit):
    spec = known_fit.spec.to_dict()
    spec["channels"]["tv"]["plannable"] = False
    fit = replace(known_fit, spec=ModelSpec.from_dict(spec))
    found = plan(fit, bounds={"default": {"max_change": 0.5, "week_max": 30_000}}, budget=780_000)
    np.testing.assert_allclose(found.lines.level.sel(channel="tv"), found.lines.status_quo.sel(channel="tv"))
    assert float(found.spend.sel(channel=["search", "paid_social"]).max()) <= 30_000 * (1 + 1e-6)
