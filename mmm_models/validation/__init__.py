"""Whether a fit may be believed: convergence of its sampler, and gates with advice."""

from mmm_models.validation.convergence import convergence_figures
from mmm_models.validation.gates import SAMPLER_GATES, Gate, evaluate_gates

__all__ = ["SAMPLER_GATES", "Gate", "convergence_figures", "evaluate_gates"]
