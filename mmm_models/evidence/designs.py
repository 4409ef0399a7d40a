"""What a model thinks of a test's design, and how far its reading may be off by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmm_models.evidence.evidence_set import Term
from mmm_models.spec import DesignSpec, ModelSpec

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest


def design_of(test: LiftTest, spec: ModelSpec) -> DesignSpec:
    """What the spec thinks of a test's design: its own word, or the default of the family."""
    return spec.evidence.design(test.family, randomised=test.randomised)


def unknown_variance(design: DesignSpec, term: Term) -> float:
    """Variance that factor, scatter and age add to a reading, as a share of the lift squared, where no test of the
    family has taught the factor: to first order those of independent factors add up."""
    return design.factor_sd**2 + design.scatter_sd**2 + term.drift_variance
