"""The yearly season as a Fourier series in the day of the year."""

import numpy as np
import pandas as pd

DAYS_IN_YEAR = 365.25


def fourier_names(order: int) -> list[str]:
    """Names of the basis functions in the order of their columns: sin_1 .. sin_order, cos_1 .. cos_order."""
    return [f"{function}_{n}" for function in ("sin", "cos") for n in range(1, order + 1)]


def fourier_basis(weeks: pd.DatetimeIndex, order: int) -> np.ndarray:
    """Return sin(2 pi n d / 365.25), then cos(...), for n = 1 .. order; d is the day of the year of the week's start.

    Shape (week, 2 * order), columns as `fourier_names`. Equals PyMC-Marketing's `YearlyFourier`.
    """
    phase = 2 * np.pi * weeks.dayofyear.to_numpy(dtype=np.float64)[:, None] / DAYS_IN_YEAR * np.arange(1, order + 1)
    return np.concatenate([np.sin(phase), np.cos(phase)], axis=1)
