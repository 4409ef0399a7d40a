"""Tests that could be run on one line of a plan: what would change where and when, and what it would read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.media import ChannelCurve
from mmm_models.fit.stacked import draws_by_structure
from mmm_models.planning.noise import WeeklyNoise, power_of

# Follow-up runs until this share of the carryover of the window's last week has arrived.
_COUNTED = 0.95


@dataclass(frozen=True)
class TrialMenu:
    """What may be proposed: changes of spend as shares, shares of a market, lengths in weeks.

    `lead_weeks`: weeks between the end of the data and the first day, to prepare the test.
    """

    changes: tuple[float, ...] = (-1.0, 0.5, 1.0)
    shares: tuple[float, ...] = (0.2, 0.35, 0.5)
    weeks: tuple[int, ...] = (4, 6, 8)
    lead_weeks: int = 4


@dataclass(frozen=True)
class Trial:
    """A possible test of one channel in part of one market, at the spend of today.

    `change` of spend as a share (−1 is dark), for `weeks` from the Monday `start`, in units with `unit_share` of the
    market; the outcome is counted for `followup_weeks` more. `spend_baseline` is money of the treated units over the
    window; `lift` (sample) what the draws expect to be read, in outcome units; `standard_error` its expected error.
    """

    market: str
    channel: str
    change: float
    unit_share: float
    start: pd.Timestamp
    weeks: int
    followup_weeks: int
    spend_baseline: float
    lift: np.ndarray
    standard_error: float

    @property
    def design(self) -> str:
        """Family of the design, as in the record of lift tests."""
        return "go_dark" if self.change <= -1 else "heavy_up" if self.change > 0 else "geo_lift"

    @property
    def spend_delta(self) -> float:
        """Change of the treated units' money over the window, signed."""
        return self.change * self.spend_baseline

    @property
    def end(self) -> pd.Timestamp:
        """Last day of the window, a Sunday."""
        return self.start + pd.Timedelta(days=7 * self.weeks - 1)

    @property
    def followup_end(self) -> pd.Timestamp:
        """Last day on which the outcome is counted, a Sunday."""
        return self.end + pd.Timedelta(weeks=self.followup_weeks)

    @property
    def power(self) -> float:
        """Chance that the lift will be told from nothing, over the posterior."""
        return power_of(self.lift, self.standard_error)

    def cost(self, price: float) -> float:
        """Outcome given up by running the test instead of spending its money where the plan would.

        `price` is what a unit of money brings at the margin of the plan. Going dark gives up the lift and frees money
        that brings the price elsewhere; a heavy-up takes money from there. Below 0 the test pays by itself.
        """
        return price * self.spend_delta - float(self.lift.mean())


def trials(
    fit: Fit | StackedFit, market: str, channel: str, level: float, noise: WeeklyNoise, menu: TrialMenu
) -> Iterator[Trial]:
    """Every test of the menu on one line that spends `level` a week; none where it spends nothing."""
    if level <= 0:
        return
    curves = _curves(fit, market, channel)
    followup = _followup_weeks(curves)
    start = fit.panel.weeks[-1] + pd.Timedelta(weeks=1 + menu.lead_weeks)
    steady = np.full(menu.lead_weeks + max(menu.weeks) + followup, level)
    usual = _response(curves, steady)
    for change, weeks in product(menu.changes, menu.weeks):
        window = slice(menu.lead_weeks, menu.lead_weeks + weeks)
        changed = steady.copy()
        changed[window] = max(0.0, level * (1 + change))
        difference = _response(curves, changed) - usual
        whole = difference[:, window.start : window.stop + followup].sum(axis=1)
        for share in menu.shares:
            yield Trial(
                market=market,
                channel=channel,
                change=change,
                unit_share=share,
                start=start,
                weeks=weeks,
                followup_weeks=followup,
                spend_baseline=share * level * weeks,
                # The units are like the market: their share of its spend brings their share of its outcome.
                lift=share * whole,
                standard_error=noise.error(share, weeks + followup),
            )


def followup_weeks(fit: Fit | StackedFit, market: str, channel: str) -> int:
    """Weeks after a window until 95 % of the carryover of its last week has arrived, by the posterior mean weights."""
    return _followup_weeks(_curves(fit, market, channel))


def _followup_weeks(curves: list[ChannelCurve]) -> int:
    arrived = np.concatenate([curve.weights[:, 0] for curve in curves]).mean(axis=0).cumsum()
    return int(np.searchsorted(arrived, _COUNTED * (1 - 1e-9)))


def _curves(fit: Fit | StackedFit, market: str, channel: str) -> list[ChannelCurve]:
    """The line's curve in each structure, over all draws of the fit in their order."""
    return [own.curve(draws, channel, [market]) for own, draws in draws_by_structure(fit)]


def _response(curves: list[ChannelCurve], spend: np.ndarray) -> np.ndarray:
    """Outcome (sample, week) of a path of spend (week) in the whole market from the week after the data."""
    answers = []
    for curve in curves:
        known = curve.driver.volume
        past = known[len(known) - min(len(known), curve.max_lag - 1) :]
        path = np.concatenate([past, curve.driver.volume_of(spend[:, None], len(known))])
        answers.append(curve.respond(path, len(known) - len(past))[:, len(past) :, 0])
    return np.concatenate(answers)
