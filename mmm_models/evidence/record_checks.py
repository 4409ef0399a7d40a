"""What a record may not say: contradictions between its fields, each with the remedy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest

# Totals that a person adds up by hand differ by roundings.
_ROUNDING = 0.01


def check_record(test: LiftTest) -> None:
    """Raise ValueError with one sentence on the first contradiction."""
    _check_dates(test)
    _check_spend(test)
    _check_path(test)
    _check_arms(test)
    _check_lift(test)
    _check_readouts(test)
    if test.family == "switchback":
        _check_switchback(test)


def _check_dates(test: LiftTest) -> None:
    if test.end_date < test.start_date:
        raise ValueError(f"end_date {test.end_date} is before start_date {test.start_date}; correct the dates")
    if test.followup_end is not None and test.followup_end < test.end_date:
        raise ValueError(
            f"followup_end {test.followup_end} is before end_date {test.end_date}; leave it empty when the outcome "
            "was counted to the end of the window only"
        )
    if len(set(test.channels)) < len(test.channels) or not all(test.channels):
        raise ValueError(f"channel {test.channel!r} names a channel twice or none; join the channels tested by '+'")


def _check_spend(test: LiftTest) -> None:
    moves = any(period.actual != period.baseline for period in test.spend_path) or any(
        arm.spend_delta for arm in test.arms
    )
    if test.spend_delta == 0 and not moves:
        raise ValueError("spend_delta is 0; a test that moved no money measures nothing. Give the signed change")
    parts = [(test.spend_baseline, test.spend_delta), *((arm.spend_baseline, arm.spend_delta) for arm in test.arms)]
    for baseline, delta in parts:
        if baseline + delta < -1e-6 * max(1.0, baseline):
            raise ValueError(
                f"spend_delta {delta:g} takes away more than spend_baseline {baseline:g}; both "
                "are totals over the window, and the spend of the test is their sum"
            )
    if len(test.channels) > 1 and (test.spend_path or test.arms):
        raise ValueError("spend_path and arms are of one channel; a test of several channels has totals only")


def _check_path(test: LiftTest) -> None:
    if not test.spend_path:
        return
    if test.arms:
        raise ValueError("spend_path and arms are both given; one spend path is that of all treated units. Keep one")
    periods = sorted(test.spend_path, key=lambda period: period.start_date)
    if periods[0].start_date < test.start_date or periods[-1].end_date > test.end_date:
        raise ValueError(
            f"spend_path runs from {periods[0].start_date} to {periods[-1].end_date}, beyond the window "
            f"{test.start_date} to {test.end_date}; correct the dates"
        )
    for one, other in pairwise(periods):
        if other.start_date <= one.end_date:
            raise ValueError(f"spend_path counts {other.start_date} twice; periods must not overlap")
    sums = {
        "spend_baseline": sum(period.baseline for period in periods),
        "spend_delta": sum(period.actual - period.baseline for period in periods),
    }
    size = max(abs(sums["spend_baseline"]), abs(sums["spend_delta"]))
    for name, total in sums.items():
        if abs(getattr(test, name) - total) > _ROUNDING * size:
            raise ValueError(
                f"{name} is {getattr(test, name):g}, but spend_path adds up to {total:g}; correct one, or leave "
                f"{name} out"
            )


def _check_arms(test: LiftTest) -> None:
    if not test.arms:
        return
    names = [arm.arm for arm in test.arms]
    if len(set(names)) < len(names):
        raise ValueError(f"arms are named {', '.join(names)}; give each a name of its own")
    if not test.readouts or any(readout.arm is None for readout in test.readouts):
        raise ValueError("arms need readouts, each with its arm; give a lift for every arm")
    if sum(arm.unit_share for arm in test.arms) > 1 + _ROUNDING:
        raise ValueError("the unit_share of the arms adds up to more than 1; they are shares of one market")


def _check_lift(test: LiftTest) -> None:
    given = [test.lift_low is not None, test.lift_high is not None]
    if any(given) and not all(given):
        raise ValueError("an interval needs both lift_low and lift_high; give the other end")
    if all(given) and not test.lift_low < test.lift_high:
        raise ValueError(f"lift_low {test.lift_low:g} is not below lift_high {test.lift_high:g}; exchange them")


def _check_readouts(test: LiftTest) -> None:
    arms = {arm.arm for arm in test.arms}
    for readout in test.readouts:
        if readout.start_date < test.start_date:
            raise ValueError(f"a readout starts {readout.start_date}, before the test does; correct its dates")
        if (readout.arm is not None or arms) and readout.arm not in arms:
            raise ValueError(f"a readout names the arm {readout.arm!r}; arms are {', '.join(sorted(arms)) or 'none'}")
        if readout.lift_se is None and not test.covariance:
            raise ValueError(
                f"the readout of {readout.start_date} has no lift_se, and there is no covariance; give either"
            )
    if not test.covariance:
        return
    size = len(test.readouts)
    if [len(row) for row in test.covariance] != [size] * size or size == 0:
        raise ValueError(f"covariance must be a square of the {size} readouts, in their order")
    matrix = np.array(test.covariance)
    if not np.allclose(matrix, matrix.T) or np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError("covariance is not symmetric and positive definite; give the covariance of the readouts")


def _check_switchback(test: LiftTest) -> None:
    on = [period for period in test.spend_path if period.actual != period.baseline]
    if not on or len(on) == len(test.spend_path):
        raise ValueError("a switchback needs a spend_path with blocks that are on and blocks that are off")
    for period in test.spend_path:
        if period.days % 7 or (period.start_date - test.start_date).days % 7:
            raise ValueError(
                f"the block {period.start_date} to {period.end_date} is no whole weeks of the test; models are weekly, "
                "so add shorter blocks up to whole weeks"
            )
        if period.days <= test.burn_in_days:
            raise ValueError(
                f"burn_in_days is {test.burn_in_days}, but a block has {period.days} days; nothing of it is left"
            )
