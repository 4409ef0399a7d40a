"""Weeks far outside their own past: slips of a key, double bookings, and events that no control knows."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.record import DataCheck, judged, not_above
from mmm_models.validation.data_checks.words import figure, in_words, weeks_in_words

# A quarter around each week: long enough that a campaign does not hide itself, short enough to follow the season.
_NEIGHBOURS = 13


def modified_z(values: np.ndarray) -> np.ndarray:
    """Distance of each value (week,) from the median in robust standard deviations: 0.6745 (x - median) / MAD.

    Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers (ASQC). Where more than half of the values are alike
    the MAD is 0, and every other value is infinitely far away.
    """
    distance = values - np.median(values)
    spread = np.median(np.abs(distance))
    if spread > 0:
        return 0.6745 * distance / spread
    return np.where(distance == 0, 0.0, np.copysign(np.inf, distance))


def far_out(values: np.ndarray) -> np.ndarray:
    """How far each value (week,) lies outside its whole past and outside its quarter, in robust deviations, signed.

    The smaller of two modified z-scores: of the value, and of its distance to the running median of a quarter. The
    first alone would name each week of a high season or of a growing series, the second each step of a monthly
    figure.
    """
    level = modified_z(values)
    around = pd.Series(values).rolling(_NEIGHBOURS, center=True, min_periods=1).median().to_numpy()
    local = modified_z(values - around)
    nearer = np.minimum(np.abs(level), np.abs(local))
    return np.where(np.sign(level) == np.sign(local), np.sign(level) * nearer, 0.0)


def far_out_twice(values: np.ndarray, limit: float) -> np.ndarray:
    """`far_out` of the logarithms of positive values (week,), but `limit` at most where a value is not twice or half.

    A steady price or budget has so little scatter that a tenth more is far out; nobody should look at that.
    """
    logs = np.log(values)
    doublings = np.abs(logs - np.median(logs)) / np.log(2)
    distance = far_out(logs)
    return np.sign(distance) * np.minimum(np.abs(distance), limit * doublings)


def outliers(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """The outcome and each control either way; each channel's spend upwards, among the weeks in which it spends.

    A week of little spend harms nobody; one of too much sets the scale of the channel's whole curve. Series that are
    positive throughout are judged on the log scale: money is skewed, and on its own scale any busy channel has weeks
    that look far out.
    """

    def either_way(values: np.ndarray) -> np.ndarray:
        return np.abs(far_out(np.log(values) if values.min() > 0 else values))

    def upwards(values: np.ndarray) -> np.ndarray:
        return far_out_twice(values, limits.outlier_z_max)

    event = "if it was real, give the model a control for it."
    yield _judge(cut.market, f"outcome:{cut.outcome_name}", cut.outcome, either_way, event, limits)
    for spend in cut.spending.transpose("channel", "week"):
        active = spend.isel(week=np.flatnonzero(spend > 0))
        shown = "if it was real, see that it was shown in these weeks and not only paid."
        yield _judge(cut.market, str(spend["channel"].values), active, upwards, shown, limits)
    for control in cut.controls.transpose("control", "week"):
        meant = "if it is real, a capped or logged control may serve the model better."
        yield _judge(cut.market, f"control:{control['control'].values}", control, either_way, meant, limits)


def _judge(
    market: str,
    series: str,
    values: xr.DataArray,
    measure: Callable[[np.ndarray], np.ndarray],
    otherwise: str,
    limits: DataChecksSpec,
) -> DataCheck:
    """Judge values (week) by a measure of how far out each of them is, larger for further."""
    limit, name = limits.outlier_z_max, in_words(series)
    if values.sizes["week"] < limits.active_weeks_min or np.median(np.abs(values - values.median())) == 0:
        return judged(
            "outliers",
            market,
            series,
            f"{name} has too few weeks that differ for one of them to be called far out",
            "Nothing to do.",
            value=np.nan,
            threshold=limit,
            verdict="info",
        )
    distance = measure(values.values)
    far, largest = values["week"].values[distance > limit], int(distance.argmax())
    value = max(float(distance[largest]), 0.0)
    return judged(
        "outliers",
        market,
        series,
        f"{name} lies far outside its own past in {weeks_in_words(pd.DatetimeIndex(far))}; furthest is the week of "
        f"{str(values['week'].values[largest])[:10]} with {figure(float(values[largest]))}, {value:.1f} robust "
        f"standard deviations (at most {limit:g})"
        if len(far)
        else f"no week of {name} is further than {value:.1f} robust standard deviations outside its past "
        f"(at most {limit:g})",
        f"If it was booked twice or in another unit, correct the export; {otherwise}",
        value=value,
        threshold=limit,
        verdict=not_above(value, limit),
    )
