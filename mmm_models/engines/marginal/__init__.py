"""The fast engine, in JAX with double precision."""

import jax

# Before any array is made. Single precision cannot tell the curvature of a likelihood of thousands of weeks.
jax.config.update("jax_enable_x64", True)
# A density that compiles in a tenth of a second is compiled in each short step process; keep it, too.
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)

from mmm_models.engines.marginal.engine import MarginalEngine  # noqa: E402  (after the settings of JAX)

__all__ = ["MarginalEngine"]
