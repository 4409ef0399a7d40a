"""Fit every structure, let each forecast what it has not seen, and stack them."""

import math
from dataclasses import replace

import numpy as np

from mmm_models.engines import get_engine
from mmm_models.engines.finish import Started
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, Member, StackedFit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.tournament.progress import told_progress
from mmm_models.tournament.score import folds_of, log_scores
from mmm_models.tournament.stack import weights_of
from mmm_models.tournament.structures import structures_of

# A structure of less weight is left out of the draws: it would bring few, and hold up a run that it hardly changes. In
# a large grid, where weights are small throughout, half an equal share is the limit.
LEAST_WEIGHT = 0.05


def run_tournament(
    panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None, *, kept: int, progress: bool = False
) -> StackedFit:
    """Fit the structures of `spec.tournament` with the spec's engine, and stack them by their forecasts.

    Args:
        panel: the data.
        spec: the model.
        evidence: lift tests; a fold sees those that were over at its origin.
        kept: draws kept of each structure, and of the mixture.
        progress: show it.

    Raises:
        SpecError, EngineError: as the engine says; or too few weeks for the folds.
    """
    started, engine, settings = Started(), get_engine(spec.engine), spec.tournament
    structures, folds = structures_of(spec), folds_of(panel, settings)
    with told_progress(progress, len(structures) * (1 + len(folds))) as tell:
        fits = {}
        # All structures first: one that the engine cannot fit is told before the folds, which take most of the time.
        for number, (name, own) in enumerate(structures.items(), start=1):
            tell(f"structure {number} of {len(structures)}: {name}")
            fits[name] = engine.fit(panel, own, evidence).thin(kept)
        scores, r_hats = {}, {}
        for number, (name, own) in enumerate(structures.items(), start=1):
            of_folds = []
            for at, fold in enumerate(folds, start=1):
                tell(f"structure {number} of {len(structures)}: {name}, forecast {at} of {len(folds)}")
                fit = engine.fit(fold.known, _for_folds(own), fold.evidence(evidence))
                of_folds.append((log_scores(fit, fold.ahead).ravel(), fit.info.convergence.get("r_hat_max", math.nan)))
            scores[name] = np.concatenate([score for score, _ in of_folds])
            r_hats[name] = max(r_hat for _, r_hat in of_folds)
    least = min(LEAST_WEIGHT, 0.5 / len(structures))
    weights = weights_of(np.stack([scores[name] for name in structures]), least)
    members = tuple(
        Member(name, fits[name], float(weight), scores[name], float(r_hats[name]))
        for name, weight in zip(structures, weights, strict=True)
    )
    return stacked(spec, members, kept).with_info(
        started_at=started.at.isoformat(timespec="seconds"), wall_seconds=started.seconds()
    )


def stacked(spec: ModelSpec, members: tuple[Member, ...], kept: int) -> StackedFit:
    """The mixture of structures, with as many draws as there are, `kept` at most, and the worst convergence figures."""
    weighted = [member for member in members if member.weight > 0]
    samples = min(kept, *(math.floor(member.fit.samples / member.weight + 1e-9) for member in weighted))
    first = members[0].fit.info
    info = replace(first, spec_hash=spec.content_hash(), convergence=_worst([member.fit for member in weighted]))
    return StackedFit(spec, members, info, samples)


def _worst(fits: list[Fit]) -> dict[str, float]:
    found = [fit.info.convergence for fit in fits]
    worst = dict.fromkeys(("r_hat_max", "divergences"), max)
    return {name: worst.get(name, min)(figures[name] for figures in found) for name in found[0]}


def _for_folds(spec: ModelSpec) -> ModelSpec:
    """A score needs few draws, so that no more than one block is drawn."""
    return spec.model_copy(update={"sampler": spec.sampler.model_copy(update={"ess_min": None})})
