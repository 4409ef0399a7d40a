"""The last step of every engine: posterior and sampler's statistics become a `Fit` that knows where it comes from."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import xarray as xr

from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, FitInfo
from mmm_models.fit.info import DrawsKind
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.validation.convergence import convergence_figures, reported_quantities


@dataclass(frozen=True)
class Started:
    """When a fit began."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.perf_counter)

    def seconds(self) -> float:
        """Time since then, to the millisecond."""
        return round(time.perf_counter() - self.clock, 3)


def finish(
    engine: str,
    engine_version: str,
    started: Started,
    panel: Panel,
    spec: ModelSpec,
    evidence: EvidenceSet | None,
    scales: xr.Dataset,
    posterior: xr.Dataset,
    statistics: xr.Dataset | None = None,
    reported: Mapping[str, xr.DataArray] | None = None,
    *,
    draws: DrawsKind = "posterior",
    figures: Mapping[str, float] | None = None,
) -> Fit:
    """Return the fit, with convergence of its parameters and of what is reported from them.

    Args:
        engine, engine_version, started: who drew it, and since when.
        panel, spec, evidence, scales: what was fitted.
        posterior: canonical, as `Fit` documents it.
        statistics: `diverging` and `energy` (chain, draw), where a sampler drew.
        reported: what is reported from the parameters, where the engine has it at hand; else worked out from the fit.
        draws: what the draws are.
        figures: how well those that no sampler drew did, by name.
    """
    info = FitInfo(
        engine=engine,
        engine_version=engine_version,
        seed=spec.sampler.seed,
        started_at=started.at.isoformat(timespec="seconds"),
        evidence=[decision.model_dump() for decision in evidence.decisions] if evidence else [],
        data_hash=panel.content_hash(),
        spec_hash=spec.content_hash(),
        evidence_hash=evidence.content_hash() if evidence and evidence.used else "",
        draws=draws,
    )
    fit = Fit(spec, panel, posterior, scales, info)
    told = {"n_chains": float(posterior.sizes["chain"]), "n_draws": float(posterior.sizes["draw"]), **(figures or {})}
    if statistics is not None:
        told |= convergence_figures(fit.posterior, statistics, reported or reported_quantities(fit))
    return fit.with_info(convergence=told, wall_seconds=started.seconds())
