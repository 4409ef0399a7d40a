"""Time as the trend sees it."""

import numpy as np
import pandas as pd


def trend_index(weeks: pd.DatetimeIndex, origin: pd.Timestamp | str, span_weeks: float = 1.0) -> np.ndarray:
    """Return (weeks since `origin`) / `span_weeks`, shape (week,).

    With `origin` the first week of a panel and `span_weeks` its number of weeks less one, the index runs from 0 to 1
    over the panel and on beyond it.
    """
    days = (weeks - pd.Timestamp(origin)).days.to_numpy(dtype=np.float64)
    return days / (7.0 * span_weeks)
