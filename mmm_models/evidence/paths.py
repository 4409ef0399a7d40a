"""An experiment as a pair of spend paths: what its units spent, and what they would have spent without it.

Paths run over weeks that start with the test, not on Mondays. Adstock knows distances in weeks only, so the model may
be asked on any weeks; on the test's own a window of four weeks is four whole weeks, wherever in the week it starts. The
data's spend, known by calendar week, is taken as even within its week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mmm_models.evidence.parts import Arm
    from mmm_models.evidence.record import LiftTest
    from mmm_models.panel import Panel

# The data tell how money spreads over the window where they roughly agree with its total.
_AGREEMENT = (0.5, 2.0)


@dataclass(frozen=True)
class Contrast:
    """Two spend paths of one channel in treated units that share a change.

    Attributes:
        channel, market: where.
        share: the units' share of the market. Paths are as if the whole market spent like them.
        start: position of the paths' first week among those of the data; below 0 before them.
        usual, changed: money of each week, (week): without and with the test.
        counted: how much of each week each readout counts, (readout, week); negative where it is subtracted.
    """

    channel: str
    market: str
    share: float
    start: int
    usual: np.ndarray
    changed: np.ndarray
    counted: np.ndarray


def contrasts(test: LiftTest, panel: Panel, max_lags: Mapping[str, int]) -> list[Contrast]:
    """The contrasts of a test, one a channel and arm; a readout of the test is their sum.

    Each begins `max_lags[channel]` - 1 weeks before the window, with the spend of the data, so that what was spent
    before acts in both paths, and runs to the last day on which the outcome was counted.

    Raises:
        KeyError: the panel lacks a channel of the test, or its market.
    """
    arms = test.arms or [None]
    shares = _shares_of_channels(test, panel)
    found = []
    for channel, of_channel in shares.items():
        for arm in arms:
            found.append(_contrast(test, arm, panel, channel, of_channel, max_lags[channel]))
    return found


def _contrast(test: LiftTest, arm: Arm | None, panel: Panel, channel: str, of_channel: float, max_lag: int) -> Contrast:
    whole = arm or test
    after = -(-((test.counted_to - test.start_date).days + 1) // 7)
    before = max_lag - 1
    recorded = _recorded(test.start_date, panel, channel, test.market, before, after)
    window = np.concatenate([np.zeros(before), _days_inside(after, 0, test.days)])
    if test.spend_path:
        usual, changed = _along_path(test, recorded, before, whole.unit_share)
    else:
        baseline = whole.spend_baseline * of_channel / whole.unit_share
        delta = max(whole.spend_delta, -whole.spend_baseline) * of_channel / whole.unit_share
        spread = _spread(recorded, window, (baseline, baseline + delta))
        outside = recorded * (1 - window / 7)
        usual, changed = outside + spread * baseline, outside + spread * (baseline + delta)
    counted = np.concatenate([np.zeros((_readouts(test), before)), _counted(test, arm, after)], axis=1)
    start = _offset(test.start_date, panel)[0] - before
    return Contrast(channel, test.market, whole.unit_share, start, usual, changed, counted)


def _readouts(test: LiftTest) -> int:
    return max(1, len(test.readouts))


def _offset(start: date, panel: Panel) -> tuple[int, int]:
    """Week of the data in which the test starts, and its day of the week."""
    return divmod((start - panel.weeks[0].date()).days, 7)


def _recorded(start: date, panel: Panel, channel: str, market: str, before: int, after: int) -> np.ndarray:
    """The data's spend in the test's own weeks, `before` of them before its start; 0 beyond the data."""
    spend = panel.dataset["spend"].sel(market=market, channel=channel).values
    week, day = _offset(start, panel)
    at = np.arange(week - before, week + after + 1)
    known = np.where((at >= 0) & (at < len(spend)), spend[np.clip(at, 0, len(spend) - 1)], 0.0)
    return (known[:-1] * (7 - day) + known[1:] * day) / 7


def _shares_of_channels(test: LiftTest, panel: Panel) -> dict[str, float]:
    """How a test's money is shared by its channels: as the data do in its window; evenly where they spend none."""
    if len(test.channels) == 1:
        return {test.channel: 1.0}
    weeks = -(-test.days // 7)
    spent = [_recorded(test.start_date, panel, name, test.market, 0, weeks).sum() for name in test.channels]
    total = sum(spent)
    even = 1 / len(spent)
    return {name: own / total if total > 0 else even for name, own in zip(test.channels, spent, strict=True)}


def _spread(recorded: np.ndarray, window: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    """How money of the window is spread over its weeks, adding up to 1: as in the data where they hold about what was
    spent with or without the test, or else evenly by day."""
    weights = recorded * window
    in_data = weights.sum() / 7
    if any(level > 0 and _AGREEMENT[0] <= in_data / level <= _AGREEMENT[1] for level in levels):
        return weights / weights.sum()
    return window / window.sum()


def _along_path(test: LiftTest, recorded: np.ndarray, before: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The two paths where spend is known by periods; on days between them both are as the data say."""
    left = np.full(len(recorded), 7.0)
    usual, changed = np.zeros(len(recorded)), np.zeros(len(recorded))
    for period in test.spend_path:
        first = (period.start_date - test.start_date).days
        days = np.concatenate([np.zeros(before), _days_inside(len(recorded) - before, first, first + period.days)])
        left -= days
        usual += days / period.days * period.baseline / share
        changed += days / period.days * period.actual / share
    between = recorded * left / 7
    return usual + between, changed + between


def _counted(test: LiftTest, arm: Arm | None, weeks: int) -> np.ndarray:
    """How much of each of the test's own weeks each readout counts, (readout, week)."""
    if test.family == "switchback" and not test.readouts:
        return _blocks(test, weeks)[None]
    if not test.readouts:
        return _days_inside(weeks, 0, (test.counted_to - test.start_date).days + 1)[None] / 7
    rows = []
    for readout in test.readouts:
        first = (readout.start_date - test.start_date).days
        rows.append(_days_inside(weeks, first, first + readout.days) / 7 * (arm is None or readout.arm == arm.arm))
    return np.array(rows)


def _blocks(test: LiftTest, weeks: int) -> np.ndarray:
    """Weeks that are on count fully, those that are off as negative, brought to as many days; burn-in not at all."""
    on, off = np.zeros(weeks), np.zeros(weeks)
    for period in test.spend_path:
        first = (period.start_date - test.start_date).days
        days = _days_inside(weeks, first + test.burn_in_days, first + period.days)
        (on if period.actual != period.baseline else off)[:] += days
    return (on - off * on.sum() / off.sum()) / 7


def _days_inside(weeks: int, first: int, end: int) -> np.ndarray:
    """Days of each week (0, 1, ... of the test) from day `first` of the test up to, not with, day `end`."""
    monday = 7 * np.arange(weeks)
    return np.clip(np.minimum(monday + 7, end) - np.maximum(monday, first), 0, 7).astype(float)
