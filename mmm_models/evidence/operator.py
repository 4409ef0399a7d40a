"""The measurement operator: what a model says that an experiment should have measured.

    Delta(theta) = sum over channels, arms and weeks of  counted_t * share * [ mu_t(theta; x1) - mu_t(theta; x0) ]

with mu the model's mean, x1 what the treated units spent and x0 what they would have spent without the test, both as if
the whole market spent like them: saturation is met at their own level of spend. Spend before the window acts in both
paths, spend of the window in its own weeks and those after. Source: the definition of a causal contrast on the model's
own mean; for linear response and geometric adstock it gives the capture 1 - a (1 - a^D) / (D (1 - a)) of a window of D
weeks (sum of geometric series).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.evidence.paths import contrasts

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest
    from mmm_models.fit import Fit, StackedFit
    from mmm_models.panel import Panel
    from mmm_models.spec import ModelSpec


def is_predictable(test: LiftTest, spec: ModelSpec, panel: Panel) -> bool:
    """Does the model say anything about the test: its outcome, market and channels, and a window inside the data?"""
    first, last = panel.weeks[0].date(), panel.weeks[-1].date() + timedelta(days=6)
    return (
        test.outcome == spec.outcome
        and test.market in panel.markets
        and set(test.channels) <= set(panel.paid)
        and first <= test.start_date
        and test.end_date <= last
    )


def predicted_lift(fit: Fit | StackedFit, test: LiftTest) -> xr.DataArray:
    """What the fit expects a test to measure, draw by draw: (sample, readout), in units of the outcome.

    A test without readouts has one, its lift. Biases of designs are not in it.

    Raises:
        KeyError: the model lacks the test's market or a channel; see `is_predictable`.
    """
    from mmm_models.fit.stacked import draws_by_structure

    values = np.concatenate([_of_draws(own, draws, test) for own, draws in draws_by_structure(fit)])
    return xr.DataArray(values, {"sample": np.arange(len(values))}, ("sample", "readout"), "predicted_lift")


def measured_lift(test: LiftTest) -> tuple[np.ndarray, np.ndarray]:
    """What was measured (readout) and its covariance (readout, readout); a test without readouts has one, its lift.

    Raises:
        ValueError: the test has not been read out.
    """
    covariance = test.readout_covariance()
    if covariance is not None:
        return np.array([readout.lift for readout in test.readouts]), covariance
    if not test.is_read_out:
        raise ValueError(f"lift test {test.test_id} has no lift yet; it is a {test.status}")
    return np.array([test.lift], dtype=float), np.array([[test.lift_se**2]])


def _of_draws(fit: Fit, draws: xr.Dataset, test: LiftTest) -> np.ndarray:
    max_lags = {str(name): int(fit.scales["adstock_max_lag"].sel(channel=name)) for name in fit.panel.channels}
    total = 0.0
    for contrast in contrasts(test, fit.panel, max_lags):
        curve = fit.curve(draws, contrast.channel, [contrast.market])
        changed, usual = (
            curve.respond(curve.driver.volume_of(path[:, None], contrast.start), contrast.start)[:, :, 0]
            for path in (contrast.changed, contrast.usual)
        )
        total = total + contrast.share * (changed - usual) @ contrast.counted.T
    return np.asarray(total)
