"""Lift tests as the density takes them: steps on the curve of a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.evidence import LiftTest, steady_state_rows
from mmm_models.fit.driver import Driver
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

_YEAR = 52


def lift_test_arrays(
    tests: Sequence[LiftTest], spec: ModelSpec, panel: Panel, scales: xr.Dataset, cells: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    """Lift tests a week of spend that is kept up, on the scales of their cell.

    Returns:
        `cell`, `x`, `delta_x` (volume / scale, by what money usually buys), `delta_y`, `sigma` (outcome / scale) and
        `contacts` (usual frequency), all (test), and `tested` (test, week): the share of each week of the data, filled
        up to whole years, in the test.
    """
    rows = steady_state_rows(tests, spec)
    found: dict[str, list] = {name: [] for name in ("cell", "x", "delta_x", "delta_y", "sigma", "contacts", "tested")}
    for test, row in zip(tests, rows.itertuples(), strict=True):
        cell = (panel.markets.index(row.market), panel.channels.index(row.channel))
        driver = Driver.of(panel, scales, row.channel, [row.market])
        volume = float(np.squeeze(driver.usual_rate)) / float(scales["spend_scale"].values[cell])
        outcome = float(scales["outcome_scale"].values[cell[0]])
        found["cell"].append(cells.index(cell))
        found["x"].append(row.x * volume)
        found["delta_x"].append(row.delta_x * volume)
        found["delta_y"].append(row.delta_y / outcome)
        found["sigma"].append(row.sigma / outcome)
        found["contacts"].append(0.0 if driver.frequency is None else float(driver.frequency.usual[0]))
        found["tested"].append(_tested(test, panel.weeks))
    return {name: np.array(values, dtype=int if name == "cell" else float) for name, values in found.items()}


def _tested(test: LiftTest, weeks: pd.DatetimeIndex) -> np.ndarray:
    """How the test's days spread over the weeks of the data, filled up to whole years."""
    day = np.timedelta64(1, "D")
    mondays = weeks.to_numpy().astype("datetime64[D]")
    start, end = np.datetime64(test.start_date), np.datetime64(test.end_date) + day
    inside = np.minimum(mondays + 7 * day, end) - np.maximum(mondays, start)
    days = np.maximum(inside / day, 0.0)
    return np.pad(days / days.sum(), (0, -len(weeks) % _YEAR))
