"""The fast engine: a marginalised model, compiled in about a second and sampled in less."""

from __future__ import annotations

from contextlib import closing
from importlib.metadata import version

import xarray as xr

from mmm_models.engines.cores import available_cores
from mmm_models.engines.finish import Started, finish
from mmm_models.engines.marginal.posterior import to_canonical, total_contributions
from mmm_models.engines.marginal.problem import Problem, build
from mmm_models.engines.marginal.progress import told_progress
from mmm_models.engines.marginal.sampler import Draws, sample
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.validation.convergence import smallest_bulk_ess


class MarginalEngine:
    """Normal likelihood; level, trend, season and controls integrated out; media effects sampled by NUTS in JAX.

    Each channel has its own kind of adstock and saturation, and its prior on coefficient, contribution or returns.
    Compiled functions are kept where JAX_COMPILATION_CACHE_DIR says.
    """

    name = "marginal"

    def fit(self, panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None, *, progress: bool = False) -> Fit:
        """See `Engine.fit`."""
        started = Started()
        scales = scales_of(panel, spec)
        problem = build(panel, spec, scales, evidence)
        draws = _sample(problem, spec, progress=progress)
        posterior = to_canonical(draws.kept, problem, panel, spec, scales)
        reported = {"total_contribution": total_contributions(draws.kept, problem, scales)}
        dims = ("chain", "draw")
        statistics = xr.Dataset({"diverging": (dims, draws.diverging), "energy": (dims, draws.energy)})
        return finish(self.name, _version(), started, panel, spec, evidence, scales, posterior, statistics, reported)


def _version() -> str:
    return f"blackjax {version('blackjax')}, jax {version('jax')}"


def _sample(problem: Problem, spec: ModelSpec, *, progress: bool) -> Draws:
    """Blocks of draws until all that is kept has as many effective ones as the spec wants, or the most allowed."""
    settings = spec.sampler
    blocks = sample(
        problem.structure,
        problem.data,
        problem.start,
        tune=settings.tune,
        draws=settings.draws,
        chains=settings.chains,
        target_accept=settings.target_accept,
        seed=settings.seed,
        cores=available_cores(),
    )
    with told_progress(progress, settings) as tell, closing(blocks):
        drawn = next(blocks)
        while settings.ess_min is not None:
            ess = smallest_bulk_ess({name: values for name, values in drawn.kept.items() if name != "inside"})
            size = drawn.energy.shape[1]
            tell(size, ess)
            if ess >= settings.ess_min or size + settings.draws > settings.draws_max:
                break
            drawn = drawn.then(next(blocks))
    return drawn
