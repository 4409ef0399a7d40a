"""Does a test stand in the data as well? What is counted twice makes a model too sure.

Where the test's own weeks and units are part of the outcome that a model explains, its readout and these weeks say the
same thing. Three ways out: leave the weeks out of the likelihood, leave the readout out, or keep both where the test
moves little of what the weeks scatter by anyway: (lift a week / noise of a week)^2 is the share of a week's variance
that the two have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mmm_models.evidence.record import LiftTest
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import adstock_weights, carry_over, fourier_basis, trend_index

# Engines that can leave single weeks out of their likelihood.
_MASKING = ("marginal", "quick_look")


@dataclass(frozen=True)
class InData:
    """How a test stands to the outcome of the data.

    Attributes:
        rule: 'apart' (not in it), 'both' (so small a share that both stay), 'masked' (its weeks are left out), or
            'data' (its readout is left out, because the engine cannot leave weeks out).
        words: why, for people.
    """

    rule: Literal["apart", "both", "masked", "data"]
    words: str


def stands_in_data(test: LiftTest, spec: ModelSpec, panel: Panel) -> InData:
    """Which rule holds for a read-out test of a market and channels of the panel."""
    inside, why = _is_in_outcome(test, panel)
    if not inside:
        return InData("apart", f"not part of the outcome ({why})")
    share = common_share(test, spec, panel)
    if share <= spec.evidence.small_share_max:
        return InData("both", f"part of the outcome ({why}), with {share:.1%} of its weekly noise variance: both stay")
    said = f"part of the outcome ({why}), with {share:.0%} of its weekly noise variance"
    if spec.engine in _MASKING or spec.tournament is not None:
        return InData("masked", f"{said}: its weeks are left out")
    return InData("data", f"{said}, and engine {spec.engine} cannot leave its weeks out; engine: marginal can")


def common_share(test: LiftTest, spec: ModelSpec, panel: Panel) -> float:
    """(mean lift a week counted / standard deviation of a week's noise in the market)^2."""
    weeks = ((test.counted_to - test.start_date).days + 1) / 7
    return (float(test.lift or 0.0) / weeks / _noise(test.market, spec, panel)) ** 2


def _is_in_outcome(test: LiftTest, panel: Panel) -> tuple[bool, str]:
    if test.in_outcome is not None:
        return test.in_outcome, "as its record says"
    if test.unit_share < 1:
        return True, f"its units are {test.unit_share:.0%} of the market; `in_outcome: false` if they are not counted"
    # Whole calendar weeks of the window only; at its edges a week is mixed.
    week, day = divmod((test.start_date - panel.weeks[0].date()).days, 7)
    first, last = week + bool(day), (test.end_date - panel.weeks[0].date()).days // 7
    spend = panel.dataset["spend"].sel(market=test.market, channel=test.channels).transpose("week", "channel").values
    recorded = spend[max(first, 0) : max(last, first + 1)].mean(axis=0)
    usual = test.spend_baseline / test.weeks / len(test.channels)
    change = test.spend_delta / test.weeks / len(test.channels)
    if abs(recorded - usual - change).sum() < abs(recorded - usual).sum():
        return True, "the data spent in its window what the test did"
    return False, "the data spent in its window as without the test"


def _noise(market: str, spec: ModelSpec, panel: Panel) -> float:
    """What a market's weeks scatter by, before any model is fitted: the standard deviation of what a linear regression
    on trend, season, controls and adstocked volume leaves."""
    data = panel.dataset.sel(market=market)
    weeks = panel.weeks
    weights = np.stack(
        [
            np.pad(_usual_weights(spec, name), (0, _longest(spec, panel) - spec.channel(name).adstock.max_lag))
            for name in panel.channels
        ]
    )
    media = carry_over(panel.volume.sel(market=market).transpose("week", "channel").values, weights[None])[0]
    trend = trend_index(weeks, weeks[0], max(len(weeks) - 1, 1))
    controls = data["controls"].transpose("week", "control").values
    season = fourier_basis(weeks, spec.seasonality.yearly_fourier)
    design = np.column_stack([np.ones(len(weeks)), trend, season, media, controls])
    design = design / np.maximum(np.abs(design).max(axis=0), 1e-300)
    outcome = data["outcome"].values
    residual = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    freedom = max(len(weeks) - np.linalg.matrix_rank(design), 1)
    return float(np.sqrt((residual**2).sum() / freedom))


def _usual_weights(spec: ModelSpec, name: str) -> np.ndarray:
    adstock = spec.channel(name).adstock
    usual = {parameter: np.array(prior.usual) for parameter, prior in adstock.priors.items()}
    return adstock_weights(adstock.kind, usual, adstock.max_lag)


def _longest(spec: ModelSpec, panel: Panel) -> int:
    return max(spec.channel(name).adstock.max_lag for name in panel.channels)
