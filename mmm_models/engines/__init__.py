"""Ways to fit a model. Each takes a panel and a spec and returns a `Fit`."""

from mmm_models.engines.base import Engine, engine_names, get_engine

__all__ = ["Engine", "engine_names", "get_engine"]
