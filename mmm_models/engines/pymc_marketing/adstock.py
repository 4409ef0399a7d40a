"""Geometric adstock in which each channel has its own memory."""

import numpy as np
import pytensor.xtensor as ptx
import xarray as xr
from pymc_extras.prior import Prior
from pymc_marketing.mmm import AdstockTransformation
from pymc_marketing.mmm.transformers import batched_convolution
from pytensor.xtensor import as_xtensor
from pytensor.xtensor.type import XTensorVariable


class GeometricAdstockByChannel(AdstockTransformation):
    """Weights alpha^lag for lag < max_lag of the channel, sum 1.

    `GeometricAdstock` has one l_max for all channels. A long one, chosen for television, would let every other
    channel act for as long; here the weights beyond a channel's own memory are zero.
    """

    default_priors = {"alpha": Prior("Beta", alpha=1, beta=3)}  # noqa: RUF012 the library reads a class attribute

    def __init__(self, max_lag: xr.DataArray, alpha: Prior) -> None:
        """`max_lag` (channel): number of weights of each channel."""
        self.max_lag = max_lag
        super().__init__(l_max=int(max_lag.max()), normalize=True, priors={"alpha": alpha})

    def function(self, x: XTensorVariable, alpha: XTensorVariable, *, dim: str) -> XTensorVariable:
        """Carry `x` over along `dim`; `alpha` has the dim channel."""
        lag = f"{dim}_kernel"
        lags = np.arange(self.l_max, dtype=float)
        remembered = lags < self.max_lag.values[:, None]
        weights = ptx.math.power(alpha, as_xtensor(lags, dims=(lag,))) * as_xtensor(
            remembered.astype(float), dims=("channel", lag)
        )
        return batched_convolution(x, weights / weights.sum(dim=lag), dim=dim, kernel_dim=lag, mode=self.mode)
