"""A lift test as a step on a saturation curve: spend a week, its change, and the change of the outcome a week.

That is what PyMC-Marketing's lift-test likelihood takes: f(x + delta_x) - f(x) ~ Normal(delta_y, sigma), with f the
saturation curve. It does not know carryover (pymc-marketing issue 2433), so a test is brought to the steady state: with
normalised adstock, spend that is kept up acts in full, and a lift counted to the end of its tail, divided by the weeks
of spend, is the lift a week of spend that is kept up.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mmm_models.evidence.record import LiftTest
from mmm_models.spec import ModelSpec
from mmm_models.transforms import adstock_weights


def capture_share(weights: np.ndarray, weeks: float) -> float:
    """Share of the effect of D weeks of equal spend that falls within these weeks.

    Spend of the week that is k weeks before the window's last has had F(k) = w_0 + ... + w_k of its effect by then; the
    share is the mean of F over the window. For geometric weights without end that is
    1 - alpha (1 - alpha^D) / (D (1 - alpha)). A window that is no whole number of weeks is interpolated.

    Args:
        weights: adstock weights, which sum to 1; shape (lag).
        weeks: D, above 0.
    """
    if weeks <= 0 or weights.ndim != 1 or len(weights) < 1:
        raise ValueError(f"capture needs weeks > 0 and weights of one dimension; got {weeks} and {weights.shape}")
    reached = np.minimum(np.arange(int(np.ceil(weeks))), len(weights) - 1)
    follow_through = np.cumsum(weights)[reached]
    whole = int(weeks)
    total = follow_through[:whole].sum() + (weeks - whole) * (follow_through[whole] if whole < weeks else 0.0)
    return float(total / weeks)


def expected_weights(spec: ModelSpec, channel: str) -> np.ndarray:
    """A channel's adstock weights (lag) at the prior means of its parameters."""
    adstock = spec.channel(channel).adstock
    means = {name: np.array(prior.mean) for name, prior in adstock.priors.items()}
    return adstock_weights(adstock.kind, means, adstock.max_lag)


def captured(test: LiftTest, spec: ModelSpec) -> float:
    """Share of the effect that the test's lift counts: 1 for 'during+tail', the capture of the window for 'during'."""
    if test.estimand == "during+tail":
        return 1.0
    return capture_share(expected_weights(spec, test.channel), test.weeks)


def steady_state_rows(tests: Iterable[LiftTest], spec: ModelSpec) -> pd.DataFrame:
    """Return one row a test: test_id, market, channel, x, delta_x, delta_y, sigma; money and outcome a week.

    The lift of estimand 'during' is divided by the share that the window captures, at the prior mean of the channel's
    adstock; 'during+tail' is taken as complete. Signs are kept: going dark has a negative delta_x and, as a rule, a
    negative delta_y.
    """
    columns = ["test_id", "market", "channel", "x", "delta_x", "delta_y", "sigma"]
    rows = []
    for test in tests:
        weeks_in_full = test.weeks * captured(test, spec)
        rows.append(
            {
                "test_id": test.test_id,
                "market": test.market,
                "channel": test.channel,
                "x": test.spend_baseline / test.weeks,
                # Rounding in the sheet must not take spend below zero, where the curve is not defined.
                "delta_x": max(test.spend_delta, -test.spend_baseline) / test.weeks,
                "delta_y": test.lift / weeks_in_full,
                "sigma": test.lift_se / weeks_in_full,
            }
        )
    return pd.DataFrame(rows, columns=columns)
