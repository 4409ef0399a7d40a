"""Triangulation of MMM, experiments and platform attribution by a model of their biases."""

from mmm_models.evidence.triangulation.fuse import METHODS, Method, triangulate, verdict_of
from mmm_models.evidence.triangulation.priors import BiasPriors, Spreads
from mmm_models.evidence.triangulation.sources import (
    Sources,
    attribution_dataset,
    experiments_dataset,
    mmm_dataset,
)

__all__ = [
    "METHODS",
    "BiasPriors",
    "Method",
    "Sources",
    "Spreads",
    "attribution_dataset",
    "experiments_dataset",
    "mmm_dataset",
    "triangulate",
    "verdict_of",
]
