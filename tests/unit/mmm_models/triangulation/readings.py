"""Readings of three channels that every test of this folder can take apart."""

import numpy as np
import pandas as pd

from mmm_models.evidence.triangulation import Sources, attribution_dataset, experiments_dataset, mmm_dataset

CHANNELS = ["search", "social", "tv"]
TESTS = pd.DataFrame(
    [
        {"test": "t1", "channel": "search", "estimate": 0.10, "standard_error": 0.20},
        {"test": "t2", "channel": "search", "estimate": 0.30, "standard_error": 0.25},
        {"test": "t3", "channel": "tv", "estimate": 0.60, "standard_error": 0.15},
    ]
)
MMM = np.array([0.6, 0.8, 0.9])
COVARIANCE = np.array([[0.040, 0.015, 0.000], [0.015, 0.060, 0.010], [0.000, 0.010, 0.030]])
PLATFORMS = pd.DataFrame(
    [
        {"channel": "search", "estimate": 1.2, "standard_error": 0.05},
        {"channel": "social", "estimate": 1.5, "standard_error": 0.05},
    ]
)


def readings(tests: pd.DataFrame | None = TESTS, **changes) -> Sources:
    """All sources, or with other tests or parts."""
    parts = {
        "experiments": None if tests is None else experiments_dataset(tests),
        "mmm": mmm_dataset(CHANNELS, MMM, COVARIANCE),
        "attribution": attribution_dataset(PLATFORMS),
    }
    return Sources(**(parts | changes))
