"""A figure with its uncertainty: mean and 90 % interval of posterior draws."""

from dataclasses import asdict, dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Interval:
    """Mean, 5 %, 50 % and 95 % quantile."""

    mean: float
    p05: float
    p50: float
    p95: float

    @classmethod
    def of(cls, draws: xr.DataArray | np.ndarray) -> "Interval":
        """Summarise draws of one figure (any shape)."""
        values = np.asarray(draws, dtype=float).ravel()
        return cls(float(values.mean()), *map(float, np.quantile(values, [0.05, 0.5, 0.95])))

    def columns(self, prefix: str, *, median: bool = True) -> dict[str, float]:
        """The figures as `<prefix>_mean`, `_p05`, `_p50` (unless without `median`), `_p95`."""
        return {f"{prefix}_{name}": value for name, value in asdict(self).items() if median or name != "p50"}
