"""What it is worth to know more before a plan is made: perfectly, about one line, or from a test with an error.

With b a plan, Π_s(b) its value in draw s and b₀ the plan of what is known today,

    EVPI      E[max_b Π_s(b)]            − E[Π_s(b₀)]      everything known
    EVPPI     E[max_b E[Π(b) | φ]]       − E[Π_s(b₀)]      the response φ of one line known
    EVSI      E[max_b E[Π(b) | y]]       − E[Π_s(b₀)]      the reading y = Δ_s + σ·z of one test known

(Raiffa & Schlaifer, "Applied Statistical Decision Theory", 1961; EVPPI by regression: Strong, Oakley & Brennan 2014, see
`conditional`; EVSI: Strong, Oakley, Brennan & Breeze, "Estimating the expected value of sample information using the
probabilistic sensitivity analysis sample", Medical Decision Making 35, 2015, 570-583). A test tells of its line no more
than the line's response does, and no more than everything: EVSI ≤ EVPPI ≤ EVPI.

Every figure is held out. Regressions and plans are made on one half of the draws; what the plans bring is read in the
other half; then the halves change places. Chosen and valued on the same draws, information would always seem to pay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from mmm_models.planning.conditional import conditional, curve_scores
from mmm_models.planning.solvers.dynamic import best_steps, value_of
from mmm_models.planning.tables import JointTable

# Readings of a test for which a plan is made; a reading between two takes the plan of the nearer one.
_READINGS = 41
# Readings drawn for each draw, in pairs z and −z.
_PAIRS = 2


@dataclass(frozen=True)
class InformationValue:
    """`value`: outcome that the information adds to a plan, on average; `error`: Monte Carlo standard error of it.

    Held-out estimates scatter around the truth, also below zero where there is nothing to gain.
    """

    value: float
    error: float


@dataclass(frozen=True)
class Information:
    """A table cut in halves, each with the plan that it would make today."""

    table: JointTable
    seed: int = 0
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
        return _average(
            value_of(cut.report, best_steps(cut.report, self.table.grid)) - cut.today for cut in self._cuts
        )

    def of_line(self, line: int) -> InformationValue:
        """Expected value of knowing the response of one line, and what it says about the others."""
        return _average(self._with_line_known(line))

    def of_reading(self, lift: np.ndarray, standard_error: float) -> InformationValue:
        """Expected value of a test that reads each draw's `lift` (sample) with a normal error.

        The errors of all tests are the same standard normals, scaled: differences between tests are not luck.
        """
        return _average(self._with_reading(lift, standard_error))

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

    def _with_reading(self, lift: np.ndarray, standard_error: float) -> Iterator[np.ndarray]:
        noise = np.random.default_rng(self.seed).standard_normal((_PAIRS, self.table.samples))
        readings = lift + standard_error * np.concatenate([noise, -noise])
        for cut in self._cuts:
            seen = readings[:, cut.choosing].reshape(-1, 1)
            expected = conditional(seen, cut.choose, repeats=len(readings))
            nodes = np.unique(np.quantile(seen, (np.arange(_READINGS) + 0.5) / _READINGS))
            plans = best_steps(expected.at(nodes[:, None]), self.table.grid)
            nearest = np.searchsorted(0.5 * (nodes[1:] + nodes[:-1]), readings[:, cut.reporting])
            yield np.mean([value_of(cut.report, plans[chosen]) for chosen in nearest], axis=0) - cut.today


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


def _average(gains: Iterator[np.ndarray]) -> InformationValue:
    """Mean gain over both halves' reporting draws, and its standard error."""
    gained = np.concatenate(list(gains))
    return InformationValue(float(gained.mean()), float(gained.std(ddof=1) / np.sqrt(gained.size)))
