"""PyMC-Marketing's `MMM` as an engine."""

from mmm_models.engines.pymc_marketing.engine import PyMCMarketingEngine

__all__ = ["PyMCMarketingEngine"]
