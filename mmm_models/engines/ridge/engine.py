"""The ridge engine: a challenger that costs less than a second."""

from __future__ import annotations

import numpy as np

from mmm_models.engines.finish import Started, finish
from mmm_models.engines.plain import check_plain
from mmm_models.engines.ridge.bootstrap import bootstrap
from mmm_models.engines.ridge.estimate import estimate
from mmm_models.engines.ridge.posterior import to_canonical
from mmm_models.engines.ridge.problem import build
from mmm_models.engines.scales import scales_of
from mmm_models.errors import SpecError
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


class RidgeEngine:
    """Curves by search within the priors' quantiles, effects of 0 or more by ridge regression, a block bootstrap.

    The draws of the fit are replicates of the bootstrap, `sampler.draws` of them. Priors say where curves are looked
    for, and nothing else: those of effects, baseline and noise are not read. Markets share a channel's curve and have
    effects of their own.
    """

    name = "ridge"

    def fit(self, panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None, *, progress: bool = False) -> Fit:
        """See `Engine.fit`; no bar of progress is drawn.

        Raises:
            SpecError: the spec asks for what `check_plain` refuses, or for lift tests.
            EngineError: the data cannot be fitted.
        """
        started = Started()
        _check(spec, evidence)
        scales = scales_of(panel, spec)
        problem = build(panel, spec, scales)
        generator = np.random.default_rng(spec.sampler.seed)
        made = estimate(problem, generator)
        replicates = bootstrap(problem, made, spec.sampler.draws, generator)
        posterior = to_canonical(replicates, problem, made.library, panel, spec, scales)
        return finish(
            self.name, f"numpy {np.__version__}", started, panel, spec, evidence, scales, posterior, draws="bootstrap"
        )


def _check(spec: ModelSpec, evidence: EvidenceSet | None) -> None:
    if evidence and evidence.used:
        raise SpecError(
            f"engine ridge cannot use lift tests ({', '.join(test.test_id for test in evidence.used)}): it has no "
            "likelihood for them. Set evidence.use: none to leave them out, or engine: marginal"
        )
    check_plain(spec, RidgeEngine.name)
