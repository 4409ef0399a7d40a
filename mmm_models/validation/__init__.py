"""Whether a fit may be believed: convergence of its sampler, and gates with advice."""

from mmm_models.validation.convergence import convergence_figures
from mmm_models.validation.gates import Gate, evaluate_gates

__all__ = ["Gate", "convergence_figures", "evaluate_gates"]
