"""Fit a spec with PyMC-Marketing and nutpie."""

from importlib.metadata import version
from typing import TYPE_CHECKING

import xarray as xr

from mmm_models.engines.cores import available_cores
from mmm_models.engines.finish import Started, finish
from mmm_models.engines.plain import check_plain
from mmm_models.engines.pymc_marketing.model import build_model
from mmm_models.engines.pymc_marketing.posterior import to_canonical
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, SpecError

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM

# Media coefficients, level and saturation lie along ridges. A mass matrix with the strongest correlations takes a tenth
# of the leapfrog steps of a diagonal one on a panel of two markets and six channels.
ADAPTATION = {"adaptation": "low_rank", "mass_matrix_eigval_cutoff": 5.0}


class PyMCMarketingEngine:
    """Normal likelihood, one kind of adstock and of saturation, NUTS by nutpie.

    Compiled functions are cached where PYTENSOR_FLAGS (base_compiledir) and NUMBA_CACHE_DIR say.
    """

    name = "pymc_marketing"

    def fit(self, panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None = None, *, progress: bool = False) -> Fit:
        """See `Engine.fit`."""
        _check_supported(spec)
        started = Started()
        scales = scales_of(panel, spec)
        model = build_model(panel, spec, scales, evidence)
        tree = sample(model, spec, progress=progress)
        posterior = to_canonical(tree["posterior"].to_dataset(), panel, spec, scales)
        statistics = tree["sample_stats"].to_dataset()
        return finish(
            self.name, version("pymc-marketing"), started, panel, spec, evidence, scales, posterior, statistics
        )


def _check_supported(spec: ModelSpec) -> None:
    check_plain(spec, PyMCMarketingEngine.name)
    if spec.sampler.ess_min is not None:
        raise SpecError(
            "sampler.ess_min: engine pymc_marketing draws a fixed number. Leave it out and set draws, or use "
            "engine: marginal"
        )


def sample(model: "MMM", spec: ModelSpec, *, progress: bool = False) -> xr.DataTree:
    """Draw the posterior of a built model: its free parameters, on scaled data, and the sampler's statistics."""
    sampler = spec.sampler
    return model.fit(
        model.xarray_dataset,
        draws=sampler.draws,
        tune=sampler.tune,
        chains=sampler.chains,
        cores=min(sampler.chains, available_cores()),
        random_seed=sampler.seed,
        progressbar=progress,
        nuts_sampler="nutpie",
        nuts={**ADAPTATION, "target_accept": sampler.target_accept},
        # A built model is fitted once, to one panel. As constants its data fold away: two thirds of the compile time.
        compile_kwargs={"freeze_model": True},
        var_names=[*(variable.name for variable in model.model.free_RVs), *derived_parameters(model)],
    )


def derived_parameters(model: "MMM") -> list[str]:
    """Parameters of saturation that the model derives from free ones."""
    free = {variable.name for variable in model.model.free_RVs}
    return [name for name in model.saturation.variable_mapping.values() if name not in free]
