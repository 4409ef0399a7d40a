"""A first look at the posterior of the fast engine, without a sampler."""

from mmm_models.engines.marginal.quick_look.engine import QuickLookEngine

__all__ = ["QuickLookEngine"]
