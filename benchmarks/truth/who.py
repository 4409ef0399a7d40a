"""Who takes part. To add one: a function of (data, weeks ahead, effort, seed) that returns an `Estimate`."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.truth import linear, peer
from benchmarks.truth.estimate import Effort, Estimate, from_fit
from mmm_models.engines import get_engine
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

type Contestant = Callable[[Panel, Panel, Effort, int], Estimate]


def default_spec(panel: Panel, effort: Effort, seed: int, engine: str) -> ModelSpec:
    """All defaults."""
    sampler = {"draws": effort.draws, "tune": effort.tune, "chains": effort.chains, "seed": seed}
    return ModelSpec.from_dict(
        {
            "model": "truth",
            "outcome": panel.outcome_name,
            "markets": panel.markets,
            "channels": panel.channels,
            "controls": panel.controls,
            "engine": engine,
            "sampler": sampler,
        }
    )


def by_engine(engine: str) -> Contestant:
    """One of our engines with its defaults."""

    def estimate(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
        return from_fit(get_engine(engine).fit(panel, default_spec(panel, effort, seed, engine)), ahead)

    return estimate


WHO: dict[str, Contestant] = {
    "marginal": by_engine("marginal"),
    "pymc_marketing_defaults": peer.estimate,
    "ridge": by_engine("ridge"),
    "ols": linear.ols,
    "spend_share": linear.spend_share,
}
