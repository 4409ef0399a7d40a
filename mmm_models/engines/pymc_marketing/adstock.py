"""Geometric adstock in which each channel has its own memory."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm.components.adstock import AdstockTransformation
    from pytensor.xtensor.type import XTensorVariable


def geometric_adstock_by_channel(max_lag: Mapping[str, int], alpha: "Prior") -> "AdstockTransformation":
    """Return an adstock with weights alpha^lag for lag < max_lag of the channel, sum 1.

    PyMC-Marketing's `GeometricAdstock` has one l_max for all channels. A long one, chosen for television, would let
    every other channel act for as long; here the weights beyond a channel's own memory are zero.

    Args:
        max_lag: number of weights of each channel, in the order of the model's channels.
        alpha: prior over the dim channel.
    """
    return _component()(max_lag, alpha)


@cache
def _component() -> type:
    """The component's class, made on first use: its base takes seconds to import."""
    import pytensor.xtensor as ptx
    from pymc_extras.deserialize import deserialize
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import AdstockTransformation
    from pymc_marketing.mmm.transformers import batched_convolution
    from pymc_marketing.serialization import serialization
    from pytensor.xtensor import as_xtensor

    @serialization.register
    class GeometricAdstockByChannel(AdstockTransformation):
        default_priors = {"alpha": Prior("Beta", alpha=1, beta=3)}  # noqa: RUF012 read from the class by the library

        def __init__(self, max_lag: Mapping[str, int], alpha: Prior) -> None:
            self.max_lag = dict(max_lag)
            super().__init__(l_max=max(self.max_lag.values()), normalize=True, priors={"alpha": alpha})

        def function(self, x: "XTensorVariable", alpha: "XTensorVariable", *, dim: str) -> "XTensorVariable":
            lag = f"{dim}_kernel"
            lags = np.arange(self.l_max, dtype=float)
            remembered = lags < np.array(list(self.max_lag.values()))[:, None]
            powers = ptx.math.power(alpha, as_xtensor(lags, dims=(lag,)))
            weights = powers * as_xtensor(remembered.astype(float), dims=("channel", lag))
            return batched_convolution(x, weights / weights.sum(dim=lag), dim=dim, kernel_dim=lag, mode=self.mode)

        # The library writes its components into every trace, and so needs both directions.
        def to_dict(self) -> dict[str, Any]:
            return {"max_lag": self.max_lag, "alpha": self.function_priors["alpha"].to_dict()}

        @classmethod
        def from_dict(cls, data: dict[str, Any]) -> "AdstockTransformation":
            return cls(data["max_lag"], deserialize(data["alpha"]))

    return GeometricAdstockByChannel
