"""A market of regions whose effect is known: common season, own level, drift and noise."""

import numpy as np
import pandas as pd

from mmm_models.evidence.geo import GeoPanel, GeoTest

START = 56


def geo_world(
    seed: int, *, lift: float = 0.0, units: int = 16, treated: int = 2, days: int = 77, noise: float = 0.05
) -> tuple[pd.DataFrame, dict, float]:
    """Rows of the panel, the fields of the test, and the total effect that was added."""
    rng = np.random.default_rng(seed)
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 7) + 0.002 * np.arange(days)
    drift = np.cumsum(rng.normal(0, 0.004, (days, units)), axis=0)
    outcome = np.exp(rng.normal(7, 0.6, units)) * season[:, None] * (1 + drift + noise * rng.normal(size=(days, units)))
    names = [f"r{number:02d}" for number in range(units)]
    wide = pd.DataFrame(outcome, columns=names, index=pd.date_range("2025-01-06", periods=days))
    chosen = sorted(map(str, rng.choice(names, treated, replace=False)))
    truth = float(lift * wide[chosen].iloc[START:].to_numpy().sum())
    wide.loc[wide.index[START:], chosen] *= 1 + lift
    fields = {
        "test_id": "geo-1",
        "channel": "search",
        "market": "US",
        "outcome": "revenue",
        "arms": {"treated": tuple(chosen)},
        "start_date": wide.index[START].date(),
        "end_date": wide.index[-1].date(),
    }
    rows = wide.rename_axis("date").reset_index().melt("date", var_name="unit", value_name="value")
    return rows, fields, truth


def panel_and_test(seed: int, *, estimator: str = "synthetic_control", **options) -> tuple[GeoPanel, GeoTest, float]:
    """The same, ready to read out."""
    rows, fields, truth = geo_world(seed, **options)
    return GeoPanel.from_rows(rows), GeoTest(**fields, estimator=estimator), truth
