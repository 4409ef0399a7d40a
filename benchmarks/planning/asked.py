"""What all planners are asked: the same fit of a company, the same money, the same bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.planning.peer import can_plan, optimizer_of, planned_by
from benchmarks.truth.estimate import Effort
from benchmarks.truth.ours import default_spec
from mmm_models.engines import get_engine
from mmm_models.fit import Fit
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.spec import PlanningSpec
from mmm_models.worlds.stress import StressWorld

# How far each channel may move: the planner's default, and from nothing to three times what it spends now.
BOUNDS = {
    "half": {"min_change": -0.5, "max_change": 0.5},
    "wide": {"min_change": -1.0, "max_change": 2.0},
}
# Draws of which the peer plans: as many as choose ours.
CHOOSING = 500

type Levels = dict[str, list[float]]  # of each line, by kind of bounds


def fitted(world: StressWorld, media: Mapping[str, Any], effort: Effort, seed: int) -> Fit:
    """The default model of a company's data, but for `media`: keys of a model's YAML."""
    spec = default_spec(world.panel, effort, seed=seed, engine="marginal", media=dict(media))
    return get_engine("marginal").fit(world.panel, spec)


def peer_levels(fit: Fit) -> Levels:
    """PyMC-Marketing's plans of a fit's draws, with the bounds and money that we get; none where it has no model."""
    if not can_plan(fit):
        return {}
    # Python in place of machine code: the same numbers, without a long compilation.
    weeks = fit.spec.planning.horizon_weeks
    optimizer, found = optimizer_of(fit.thin(CHOOSING), weeks, mode="FAST_COMPILE"), {}
    for kind in BOUNDS:
        bounds, budget = bounds_and_budget(within(fit, kind))
        lower, upper = bounds.lower.values[0], bounds.upper.values[0]
        found[kind] = planned_by(optimizer, fit, budget / weeks, lower, upper).tolist()
    return found


def within(fit: Fit, kind: str) -> Fit:
    """The fit with these bounds for its plans, and no what-ifs."""
    planning = PlanningSpec.model_validate({"bounds": {"default": BOUNDS[kind]}, "scenarios": []})
    return replace(fit, spec=fit.spec.model_copy(update={"planning": planning}))
