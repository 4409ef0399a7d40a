"""What an engine is, and where to find one by the name that a spec gives."""

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from mmm_models.errors import EngineError, did_you_mean

if TYPE_CHECKING:
    from mmm_models.evidence import EvidenceSet
    from mmm_models.fit import Fit
    from mmm_models.panel import Panel
    from mmm_models.spec import ModelSpec

# Name in the spec -> module and class; loaded on demand, because a sampler takes seconds to import.
_ENGINES = {
    "marginal": ("mmm_models.engines.marginal", "MarginalEngine"),
    "quick_look": ("mmm_models.engines.marginal.quick_look", "QuickLookEngine"),
    "ridge": ("mmm_models.engines.ridge", "RidgeEngine"),
    "pymc_marketing": ("mmm_models.engines.pymc_marketing", "PyMCMarketingEngine"),
}


class Engine(Protocol):
    """Draws the posterior of a spec on a panel."""

    name: str

    def fit(
        self,
        panel: "Panel",
        spec: "ModelSpec",
        evidence: "EvidenceSet | None" = None,
        *,
        progress: bool = False,
    ) -> "Fit":
        """Fit `spec` to `panel`; the tests in `evidence.used` are measurements in the likelihood.

        The same panel, spec (with its seed) and evidence give the same posterior on the same machine.

        Raises:
            SpecError: the spec asks for what this engine cannot do.
            EngineError: the data cannot be fitted.
        """
        ...


def engine_names() -> list[str]:
    """Names that a spec's `engine` may have."""
    return list(_ENGINES)


def get_engine(name: str) -> Engine:
    """Return the engine of that name. Raises `EngineError` for an unknown one, with the nearest known."""
    if name not in _ENGINES:
        raise EngineError(f"unknown engine {name!r}{did_you_mean(name, _ENGINES)}; known are {', '.join(_ENGINES)}")
    module, attribute = _ENGINES[name]
    return getattr(import_module(module), attribute)()
