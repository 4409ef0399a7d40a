"""What it is worth to know more before a plan is made: perfectly, about one line, or from a test with an error.

With b a plan, Π_s(b) its value in draw s and b₀ the plan of what is known today,

    EVPI      E[max_b Π_s(b)]            − E[Π_s(b₀)]      everything known
    EVPPI     E[max_b E[Π(b) | φ]]       − E[Π_s(b₀)]      the response φ of one line known
    EVSI      E[max_b E[Π(b) | y]]       − E[Π_s(b₀)]      the reading y = Δ_s + σ·z of one test known

(Raiffa & Schlaifer, "Applied Statistical Decision Theory", 1961; EVPPI by regression: Strong, Oakley & Brennan 2014,
see `conditional`). A test tells of its line no more than the line's response does, and no more than everything:
EVSI ≤ EVPPI ≤ EVPI.

A reading speaks of the plan only through its lift, E[Π | y] = E[ E[Π | Δ] | y ]: the tables are regressed on Δ once,
and what is expected after a reading is the mean of that regression over the draws, weighed by their likelihood
(Menzies, "An efficient estimator for the expected value of sample information", Medical Decision Making 36, 2016,
308-320; Strong, Oakley, Brennan & Breeze, same journal 35, 2015, 570-583, regress on y itself, which is noisier). The
chance of each reading given a draw is a normal integral, so that no reading is drawn at random.

Every figure is held out. Regressions and plans are made on one half of the draws; what the plans bring is read in the
other half; then the halves change places. Chosen and valued on the same draws, information would always seem to pay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr, ndtri

from mmm_models.planning.conditional import conditional, curve_scores
from mmm_models.planning.knapsack import best_steps, value_of
from mmm_models.planning.tables import JointTable

# Readings of a test for which a plan is made; a reading between two takes the plan of the nearer one.
_READINGS = 31
# Points of the normal error that the distribution of readings is made of.
_ERRORS = 21
# Errors below this share of the spread of the lift are as good as none.
_EXACT = 1e-3


@dataclass(frozen=True)
class InformationValue:
    """`value`: outcome that the information adds to a plan, on average; `error`: Monte Carlo standard error of it.

    Held-out estimates scatter around the truth, also below zero where there is nothing to gain.
    """

    value: float
    error: float

    @property
    def is_positive(self) -> bool:
        """Is it more than two of its errors above nothing?"""
        return self.value > 2 * self.error


@dataclass(frozen=True)
class Information:
    """A table cut in halves, each with the plan that it would make today."""

    table: JointTable
    _cuts: tuple["_Cut", ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Every other draw, as plans do; a draw's neighbours in a chain resemble it.
        even, odd = np.arange(0, self.table.samples, 2), np.arange(1, self.table.samples, 2)
        object.__setattr__(self, "_cuts", tuple(_Cut.of(self.table, *pair) for pair in ((even, odd), (odd, even))))

    @property
    def plan(self) -> np.ndarray:
        """Steps (line) of the plan that all draws together would make today."""
        return best_steps(self.table.values.mean(axis=0, dtype=float), self.table.grid)

    def of_everything(self) -> InformationValue:
        """Expected value of perfect information."""
        return _average(value_of(cut.report, best_steps(cut.report, self.table.grid)) - cut.today for cut in self._cuts)

    def of_line(self, line: int) -> InformationValue:
        """Expected value of knowing the response of one line, and what it says about the others."""
        return _average(self._with_line_known(line))

    def of_reading(self, lift: np.ndarray, standard_errors: Iterable[float]) -> list[InformationValue]:
        """Expected value of tests that read each draw's `lift` (sample) with a normal error, one value an error."""
        errors = list(standard_errors)
        by_cut = [self._with_reading(cut, lift, errors) for cut in self._cuts]
        return [_average(gains) for gains in zip(*by_cut, strict=True)]

    def _with_line_known(self, line: int) -> Iterator[np.ndarray]:
        inside = slice(0, int(self.table.grid.most[line]) + 1)
        for cut in self._cuts:
            own = cut.report[:, line, inside]
            scores, known = curve_scores(cut.choose[:, line, inside], own)
            if scores.shape[1] == 0:
                yield np.zeros(len(own))
                continue
            expected = conditional(scores, cut.choose).at(known)
            expected[:, line] = cut.report[:, line]
            yield value_of(cut.report, best_steps(expected, self.table.grid)) - cut.today

    def _with_reading(self, cut: "_Cut", lift: np.ndarray, errors: list[float]) -> list[np.ndarray]:
        """Gain (sample) of the reporting draws for each error."""
        known, true = lift[cut.choosing], lift[cut.reporting]
        spread = float(known.std())
        if spread == 0:
            return [np.zeros(len(true))] * len(errors)
        expected = conditional(known[:, None], cut.choose)
        gains = []
        for error in errors:
            error = max(error, _EXACT * spread)
            readings = known + error * ndtri((np.arange(_ERRORS) + 0.5) / _ERRORS)[:, None]
            nodes = np.unique(np.quantile(readings, (np.arange(_READINGS) + 0.5) / _READINGS))
            fit = -0.5 * ((nodes[:, None] - known) / error) ** 2
            likelihood = np.exp(fit - fit.max(axis=1, keepdims=True))
            believed = likelihood / likelihood.sum(axis=1, keepdims=True)
            plans = best_steps(expected.averaged(known[:, None], believed), self.table.grid)
            below = ndtr((0.5 * (nodes[1:] + nodes[:-1]) - true[:, None]) / error)
            chances = np.diff(below, axis=1, prepend=0.0, append=1.0)
            gains.append((chances * (_worth(cut.report, plans) - cut.today[:, None])).sum(axis=1))
        return gains


@dataclass(frozen=True)
class _Cut:
    """One half chooses, the other reports; `today` (sample): what today's plan of the choosing half brings there."""

    choosing: np.ndarray
    reporting: np.ndarray
    choose: np.ndarray
    report: np.ndarray
    today: np.ndarray

    @classmethod
    def of(cls, table: JointTable, choosing: np.ndarray, reporting: np.ndarray) -> "_Cut":
        choose, report = table.values[choosing], table.values[reporting]
        plan = best_steps(choose.mean(axis=0, dtype=float), table.grid)
        return cls(choosing, reporting, choose, report, value_of(report, plan))


def _worth(report: np.ndarray, plans: np.ndarray) -> np.ndarray:
    """What each of the plans (plan, line) brings in each draw: (sample, plan)."""
    different, which = np.unique(plans, axis=0, return_inverse=True)
    return value_of(report[:, None], different)[:, which.ravel()]


def _average(gains: Iterable[np.ndarray]) -> InformationValue:
    """Mean gain over both halves' reporting draws, and its standard error."""
    gained = np.concatenate(list(gains))
    return InformationValue(float(gained.mean()), float(gained.std(ddof=1) / np.sqrt(gained.size)))
