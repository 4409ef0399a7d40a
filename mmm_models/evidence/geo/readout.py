"""What a geo test showed: effect by day, its error by placebos, and the sums that people ask for."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import t as student_t

from mmm_models.evidence.geo.treatment import GeoTest

Span = tuple[date, date]


@dataclass(frozen=True)
class GeoReadout:
    """The estimate of one test.

    Attributes:
        observed, expected: (arm, date), totals of the arm's regions in units of the outcome.
        placebos: (placebo, arm, date), gaps of untreated groups at the size and noise of the arms.
        in_time: (window), total effects found in earlier windows, at the noise of the arms.
        weights: (arm, unit), what each region counts in the comparison.
        unit_share: (arm), share of the panel's outcome before the test.
        pre_fit_error: root mean square error before the test as a share of the level; the worst arm's.
        error_from: 'placebos in space' or 'placebos in time'.
    """

    test: GeoTest
    period_days: int
    periods_before: int
    observed: xr.DataArray
    expected: xr.DataArray
    placebos: xr.DataArray
    in_time: np.ndarray
    weights: xr.DataArray
    unit_share: xr.DataArray
    pre_fit_error: float
    error_from: str
    estimator_version: str
    data_hash: str

    @property
    def effect(self) -> xr.DataArray:
        """Observed less expected, (arm, date), in units of the outcome a period."""
        return self.observed - self.expected

    @property
    def counted_to(self) -> date:
        """Last day that was counted: of a weekly panel the end of the week that holds the test's last day."""
        last = pd.Timestamp(self.observed.date.values[-1]).date()
        return last + timedelta(days=self.period_days - 1)

    @property
    def point(self) -> float:
        """Total effect over window and follow-up, all arms."""
        return float(self._counted(self.effect).sum())

    @property
    def during(self) -> float:
        """Total effect of the periods that begin by `end_date`, all arms."""
        counted = self._counted(self.effect)
        return float(counted.isel(date=pd.DatetimeIndex(counted.date.values) <= pd.Timestamp(self.test.end_date)).sum())

    @property
    def relative(self) -> float:
        """Total effect as a share of what was expected."""
        return self.point / float(self._counted(self.expected).sum())

    @property
    def placebo_totals(self) -> np.ndarray:
        """Total effects (placebo) that were found where nothing was changed, from the source of the error."""
        if self.error_from == "placebos in time":
            return self.in_time
        return self._counted(self.placebos).sum(("arm", "date")).values

    @property
    def se(self) -> float:
        """Standard error of the total: root mean square of the placebos' totals, whose true mean is zero."""
        return _root_mean_square(self.placebo_totals)

    @property
    def se_in_time(self) -> float | None:
        """The same from earlier windows of the treated group; None where there is none."""
        return _root_mean_square(self.in_time) if self.in_time.size else None

    @property
    def placebo_p(self) -> float:
        """Share of placebos, the test among them, whose total is at least as large (Abadie et al. 2010)."""
        return _rank(self.point, self.placebo_totals)

    @property
    def degrees(self) -> int:
        """Independent placebos: regions to compare with, or earlier windows."""
        return self.in_time.size if self.error_from == "placebos in time" else self.weights.sizes["unit"] - 1

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval of the total, by Student's t: an error from few placebos is itself uncertain."""
        half = float(student_t.ppf(0.5 + level / 2, self.degrees)) * self.se
        return self.point - half, self.point + half

    def spans(self) -> list[Span]:
        """Weeks from the test's first day to the last that was counted; of a weekly panel, its weeks."""
        first = pd.Timestamp(self.observed.date.values[self.periods_before]).date()
        return self.test.blocks(first, self.counted_to)

    def by_span(self, values: xr.DataArray) -> xr.DataArray:
        """Sums of (..., date) over the spans, as (..., span); a span is named by its first day."""
        counted, spans = self._counted(values), self.spans()
        starts = pd.DatetimeIndex([first for first, _ in spans])
        number = starts.searchsorted(pd.DatetimeIndex(counted.date.values), side="right") - 1
        return counted.assign_coords(span=("date", starts[number])).groupby("span").sum("date")

    def _counted(self, values: xr.DataArray) -> xr.DataArray:
        return values.isel(date=slice(self.periods_before, None))


def _root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _rank(point: float, placebos: np.ndarray) -> float:
    return float((1 + np.sum(np.abs(placebos) >= abs(point))) / (1 + placebos.size))
