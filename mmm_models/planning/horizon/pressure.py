"""Adstock over a plan and the weeks after it in which its carryover still acts, for all draws at once."""

import numpy as np


def adstocked(series: np.ndarray, weights: np.ndarray, *, moving: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Adstock of several series, in every distinct week in which any of those from number `moving` on acts.

    Weeks whose whole memory is the same have the same pressure; each such kind of week is worked out once. In a year
    of even spend these are the first weeks, one in the middle and the last ones.

    Args:
        series: (series, max_lag − 1 + week, path), the first max_lag − 1 weeks being those before the plan.
        weights: of each lag (sample, path, max_lag).
        moving: weeks in which only series before this number act are left out.

    Returns:
        Adstock (series, kind of week, path, sample), and how many weeks are of each kind (kind of week).
    """
    windows = np.lib.stride_tricks.sliding_window_view(series, weights.shape[-1], axis=1)
    acting = (windows[moving:] != 0).any(axis=(0, 2, 3))
    first: dict[bytes, int] = {}
    count: dict[bytes, int] = {}
    for week in np.flatnonzero(acting):
        key = windows[:, week].tobytes()
        first.setdefault(key, int(week))
        count[key] = count.get(key, 0) + 1
    windows = windows[:, list(first.values())]
    kinds, weeks, paths, lags = windows.shape
    lagged = np.ascontiguousarray(windows.transpose(2, 3, 0, 1)).reshape(paths, lags, kinds * weeks)
    carried = weights[:, :, ::-1].transpose(1, 0, 2) @ lagged
    by_week = carried.reshape(paths, -1, kinds, weeks).transpose(2, 3, 0, 1)
    return np.ascontiguousarray(by_week), np.array(list(count.values()))
