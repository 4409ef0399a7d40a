"""Our engines and our tournament, with specs of defaults."""

from __future__ import annotations

from typing import Any

from benchmarks.truth.estimate import Effort, Estimate, from_fit
from benchmarks.truth.participant import MODELS, Participant
from mmm_models.engines import get_engine
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.tournament import run_tournament


def by_engine(engine: str, **changes: Any) -> Participant:
    """An engine with all defaults, but for `changes`: keys of a model's YAML."""

    def estimate(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
        spec = default_spec(panel, effort, seed=seed, engine=engine, **changes)
        return from_fit(get_engine(engine).fit(panel, spec), ahead)

    made_of = (*MODELS, f"mmm_models/engines/{engine}", "benchmarks/truth/ours.py")
    return Participant(estimate, made_of, changes)


def tournament(**grid: Any) -> Participant:
    """The default engine in every structure of a grid (keys of `tournament` in a model's YAML), stacked."""

    def estimate(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
        spec = default_spec(panel, effort, seed=seed, tournament=grid)
        return from_fit(run_tournament(panel, spec, kept=effort.draws * effort.chains), ahead)

    by_default = by_engine("marginal").made_of
    return Participant(estimate, (*by_default, "mmm_models/tournament"), grid)


def default_spec(panel: Panel, effort: Effort, *, seed: int = 0, **changes: Any) -> ModelSpec:
    """All defaults, but for `changes`."""
    sampler = {"draws": effort.draws, "tune": effort.tune, "chains": effort.chains, "seed": seed}
    return ModelSpec.from_dict(
        {
            "model": "truth",
            "outcome": panel.outcome_name,
            "markets": panel.markets,
            "channels": panel.channels,
            "controls": panel.controls,
            "sampler": sampler,
            **changes,
        }
    )
