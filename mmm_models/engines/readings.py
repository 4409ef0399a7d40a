"""Lift tests as the engines' likelihoods take them: paths of what acts and readouts, on the scales of a fit.

The likelihood is that of `engines.marginal.measurements`, whatever the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.linalg import block_diag

from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.evidence.designs import design_of
from mmm_models.evidence.operator import measured_lift
from mmm_models.evidence.paths import Contrast, contrasts
from mmm_models.fit.driver import Driver
from mmm_models.panel import Panel
from mmm_models.spec import DesignSpec, ModelSpec
from mmm_models.spec.designs import FAMILIES, Family


@dataclass(frozen=True)
class Rows:
    """Weeks of contrasts, one a row: what acts with and without the test, and how much of it each readout counts.

    Attributes:
        lagged: volume / spend_scale of the row's week and of those before it, (changed or usual, row, lag).
        contacts: frequency / frequency_scale of the same weeks, (row, lag); 0 where volume alone acts.
        market, channel: positions among the panel's, (row).
        week: position among the panel's, the nearest for weeks beyond them, (row).
        counted: weeks of the market's response, (readout, row).
    """

    lagged: np.ndarray
    contacts: np.ndarray
    market: np.ndarray
    channel: np.ndarray
    week: np.ndarray
    counted: np.ndarray

    @classmethod
    def of_contrasts(cls, parts: Sequence[Rows]) -> Rows:
        """Rows of one test's contrasts, which its readouts count together."""
        return cls(*_stacked(parts), np.concatenate([part.counted for part in parts], axis=1))

    @classmethod
    def of_tests(cls, tests: Sequence[Rows]) -> Rows:
        """Rows of several tests, each counted by its own readouts alone."""
        return cls(*_stacked(tests), block_diag(*(test.counted for test in tests)))


@dataclass(frozen=True)
class Reading:
    """One test, on the scaled outcome of its market.

    Attributes:
        test_id, family: of the test.
        design: what the spec thinks of its design.
        rows: what the model is asked.
        value: what was measured, (readout).
        covariance: of `value`, divided by the test's quality, (readout, readout).
        level: the outcome that each readout counts, at the market's mean, (readout).
        variance: what the test's age adds, as a share of the lift squared.
    """

    test_id: str
    family: Family
    design: DesignSpec
    rows: Rows
    value: np.ndarray
    covariance: np.ndarray
    level: np.ndarray
    variance: float


def readings_of(evidence: EvidenceSet, panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> list[Reading]:
    """The used tests of an evidence set, in their order; `scales` as `scales_of` gives them."""
    return [_reading(test, evidence, panel, spec, scales) for test in evidence.used]


def unknown_families(evidence: EvidenceSet, spec: ModelSpec, name: str) -> tuple[Family, ...]:
    """Families of the used tests whose `name` ("factor", "scatter" or "offset") is not known, in their order."""
    unknown = {test.family for test in evidence.used if getattr(design_of(test, spec), f"{name}_sd") > 0}
    return tuple(family for family in FAMILIES if family in unknown)


def _reading(test: LiftTest, evidence: EvidenceSet, panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> Reading:
    max_lags = {name: spec.channel(name).adstock.max_lag for name in panel.channels}
    parts = contrasts(test, panel, max_lags)
    value, covariance = measured_lift(test)
    term, unit = evidence.term(test), float(scales["outcome_scale"].sel(market=test.market))
    usual = float(panel.dataset["outcome"].sel(market=test.market).mean())
    # Channels share the units and weeks of a test: the outcome is counted once.
    counted = sum(part.share * np.abs(part.counted).sum(axis=1) for part in parts if part.channel == test.channels[0])
    return Reading(
        test.test_id,
        test.family,
        design_of(test, spec),
        # A channel of a joint test that never ran in the market takes no part in it.
        Rows.of_contrasts(
            [_rows(part, panel, scales, max_lags) for part in parts if (part.changed != part.usual).any()]
        ),
        value / unit,
        covariance / term.quality / unit**2,
        usual / unit * counted,
        term.drift_variance,
    )


def _rows(contrast: Contrast, panel: Panel, scales: xr.Dataset, max_lags: Mapping[str, int]) -> Rows:
    market, channel = panel.markets.index(contrast.market), panel.channels.index(contrast.channel)
    driver = Driver.of(panel, scales, contrast.channel, [contrast.market])
    scale, longest = float(scales["spend_scale"].values[market, channel]), max(max_lags.values())
    max_lag, weeks = max_lags[contrast.channel], len(contrast.usual)
    at = np.arange(max_lag - 1, weeks)

    def lagged(path: np.ndarray) -> np.ndarray:
        return np.pad(path[at[:, None] - np.arange(max_lag)], [(0, 0), (0, longest - max_lag)])

    paths = [
        driver.volume_of(path[:, None], contrast.start)[:, 0] / scale for path in (contrast.changed, contrast.usual)
    ]
    contacts = np.zeros(weeks) if driver.frequency is None else driver.frequency.over(contrast.start, weeks)[:, 0]
    return Rows(
        np.stack([lagged(path) for path in paths]),
        lagged(contacts),
        np.full(len(at), market),
        np.full(len(at), channel),
        np.clip(contrast.start + at, 0, len(panel.weeks) - 1),
        contrast.share * contrast.counted[:, at],
    )


def _stacked(parts: Sequence[Rows]) -> list[np.ndarray]:
    """All of the rows but what counts them."""
    axes = {"lagged": 1, "contacts": 0, "market": 0, "channel": 0, "week": 0}
    return [np.concatenate([getattr(part, name) for part in parts], axis) for name, axis in axes.items()]
