"""The point estimate of many teams: curves by search, effects by ridge regression, intervals by a bootstrap."""

from mmm_models.engines.ridge.engine import RidgeEngine

__all__ = ["RidgeEngine"]
