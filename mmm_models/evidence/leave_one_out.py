"""Each used test beside the model without it: by weighing the draws of the fit that has it, or by another fit.

Draws of the fit with a test, weighted by 1 / p(test | draw), are draws of the fit without it (Gelfand, Dey and Chang
1992, Model determination using predictive distributions). The largest weights are smoothed, and the shape k of their
tail says whether they can be trusted: from 0.7 on they cannot (Vehtari, Simpson, Gelman, Yao and Gabry 2024, Pareto
smoothed importance sampling), and the model is fitted again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from mmm_models.evidence.designs import design_of, unknown_variance
from mmm_models.evidence.evidence_set import EvidenceSet
from mmm_models.evidence.operator import measured_lift, predicted_lift
from mmm_models.evidence.tension import Tension, tension

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest
    from mmm_models.fit import Fit, StackedFit

K_HAT_MAX = 0.7


@dataclass(frozen=True)
class LeftOut:
    """A used test beside the model without it.

    Attributes:
        tension: of the test with that model; with weights of the draws where they were weighed.
        fit: whose draws these are: the fit with the test, weighed, or one without it.
        k_hat: shape of the weights' tail.
    """

    tension: Tension
    fit: Fit | StackedFit
    k_hat: float

    @property
    def method(self) -> str:
        """'reweighted', 'refitted', or 'unreliable': weights that cannot be trusted, and no other fit."""
        if self.tension.weights is None:
            return "refitted"
        return "reweighted" if self.k_hat < K_HAT_MAX else "unreliable"


def leave_one_out(
    fit: Fit | StackedFit,
    evidence: EvidenceSet,
    test: LiftTest,
    refit: Callable[[EvidenceSet], Fit | StackedFit] | None = None,
) -> LeftOut:
    """A test of `evidence.used` beside the model without it.

    Args:
        fit: with all of `evidence.used` in its likelihood.
        evidence: what it used.
        test: the one to leave out.
        refit: fits the same model to other evidence; asked only where weights cannot be trusted.
    """
    from arviz_stats.base import array_stats

    # The library takes the log likelihood that is left out.
    smoothed, k_hat = array_stats.psislw(_log_density(fit, evidence, test))
    term = evidence.term(test)
    if not k_hat < K_HAT_MAX and refit is not None:
        without = refit(evidence.only([other for other in evidence.used if other != test]))
        return LeftOut(tension(without, test, term), without, float(k_hat))
    weights = np.exp(smoothed - smoothed.max())
    return LeftOut(replace(tension(fit, test, term), weights=weights / weights.sum()), fit, float(k_hat))


def _log_density(fit: Fit | StackedFit, evidence: EvidenceSet, test: LiftTest) -> np.ndarray:
    """Log density of a test's readouts given each draw (sample), the biases of its design integrated roughly.

    As in the likelihood, with the family's factor and offset at what the spec expects of them and their variance added:
    weights need the right direction, and the importance sampling corrects what is left.
    """
    design = design_of(test, fit.spec)
    term, value = evidence.term(test), measured_lift(test)
    expected = design.factor * predicted_lift(fit, test).values
    shape = value[1] / term.quality + unknown_variance(design, term) * np.outer(value[0], value[0])
    return np.atleast_1d(
        stats.multivariate_t.logpdf(value[0] - expected, shape=shape, df=fit.spec.evidence.degrees_of_freedom)
    )
