"""The engine of a first look: an approximation that is told apart from a result everywhere."""

from __future__ import annotations

import functools
from importlib.metadata import version

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from mmm_models.engines.finish import Started, finish
from mmm_models.engines.marginal.density import kept_of_draw, log_posterior
from mmm_models.engines.marginal.posterior import to_canonical
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.marginal.quick_look.approximation import Density, approximate
from mmm_models.engines.marginal.sampler import Shape
from mmm_models.engines.marginal.structure import Structure
from mmm_models.engines.scales import scales_of
from mmm_models.errors import EngineError
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

# From here on, weights are not to be trusted however many draws there are (Vehtari et al. 2024, JMLR 25:72).
K_HAT_MAX = 0.7


class QuickLookEngine:
    """The model of the fast engine, approximated by a multivariate t with importance weights.

    The fit has one chain of `sampler.draws` draws, picked by their weights. `info.draws` is "approximation", so that
    its gates fail whatever its figures are: it never plans, and is never published as a champion.
    """

    name = "quick_look"

    def fit(self, panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None, *, progress: bool = False) -> Fit:
        """See `Engine.fit`; no bar of progress is drawn.

        Raises:
            SpecError: as the fast engine's.
            EngineError: the weights are not to be trusted.
        """
        started = Started()
        scales = scales_of(panel, spec)
        problem = build(panel, spec, scales, evidence)
        generator = np.random.default_rng(spec.sampler.seed)
        shape, data = Shape.of(problem.start), jax.tree.map(jnp.asarray, problem.data)
        start = np.asarray(ravel_pytree(problem.start)[0])
        found = approximate(density_of(problem.structure, shape), data, start, generator)
        if not found.k_hat < K_HAT_MAX:
            raise EngineError(
                f"engine quick_look cannot approximate this posterior: its weights have a Pareto k-hat of "
                f"{found.k_hat:.2f}, and from {K_HAT_MAX} on they say nothing. Use engine: marginal"
            )
        picked = found.resampled(spec.sampler.draws, generator)
        kept = _kept(problem.structure, shape, data, picked)
        one_chain = {name: np.asarray(values)[None] for name, values in kept.items()}
        posterior = to_canonical(one_chain, problem, panel, spec, scales)
        figures = {"k_hat": found.k_hat, "ess_weights": found.effective}
        return finish(
            self.name,
            f"jax {version('jax')}",
            started,
            panel,
            spec,
            evidence,
            scales,
            posterior,
            draws="approximation",
            figures=figures,
        )


@functools.lru_cache(maxsize=32)
def density_of(structure: Structure, shape: Shape) -> Density:
    """The log density of a structure as a function of data and a flat position; one object a structure."""
    return lambda data, flat: log_posterior(structure, data, shape.position(flat))


@functools.partial(jax.jit, static_argnums=(0, 1))
def _kept(structure: Structure, shape: Shape, data: dict, positions: jax.Array) -> dict[str, jax.Array]:
    return jax.lax.map(lambda flat: kept_of_draw(structure, data, shape.position(flat)), positions)
