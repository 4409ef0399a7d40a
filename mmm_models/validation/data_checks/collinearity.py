"""Series that move together: what a model cannot tell apart, whatever its fit says."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import xarray as xr

from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.record import DataCheck, judged, not_above
from mmm_models.validation.data_checks.words import in_words

# Eigenvalues of a correlation matrix add up to the number of series; one this small is an exact dependence.
_ZERO = 1e-10


def correlations(values: xr.DataArray) -> xr.DataArray:
    """Pearson correlations (series, other_series) of values (week, series), none of them constant."""
    standard = (values - values.mean("week")) / values.std("week")
    matrix = xr.dot(standard, standard.rename(series="other_series"), dim="week") / values.sizes["week"]
    return matrix.clip(-1.0, 1.0)


def variance_inflation(matrix: xr.DataArray) -> xr.DataArray:
    """Variance inflation factors (series) of a correlation matrix (series, other_series).

    The diagonal of the inverse, which is 1 / (1 - R²) of a regression of each series on all others (Marquardt 1970,
    Technometrics 12:591; Belsley, Kuh & Welsch 1980, Regression Diagnostics). Infinite where a series is an exact
    sum of others; series that have no part in that keep their own figure.
    """
    eigenvalues, vectors = np.linalg.eigh(matrix.transpose("series", "other_series").values)
    loads = vectors**2
    dependent = eigenvalues < _ZERO
    finite = (loads[:, ~dependent] / eigenvalues[~dependent]).sum(axis=1)
    exact = loads[:, dependent].sum(axis=1) > _ZERO
    return xr.DataArray(np.where(exact, np.inf, finite), {"series": matrix["series"].values}, "series")


def vif(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """How much of each channel and control all the others together explain."""
    for factor in variance_inflation(correlations(cut.moving)):
        series, value = str(factor["series"].values), float(factor)
        yield judged(
            "vif",
            cut.market,
            series,
            f"variance inflation of {in_words(series)} is {'infinite' if np.isinf(value) else f'{value:.1f}'} "
            f"(at most {limits.vif_max:g})",
            "The other series together nearly say what it will be, so that its effect cannot be told from theirs. Drop "
            "or merge one of those that move together, narrow its prior, or run a lift test.",
            value=value,
            threshold=limits.vif_max,
            verdict=not_above(value, limits.vif_max, limits.vif_severe),
        )


def correlation(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Each pair of channels, and each channel with each control."""
    matrix = correlations(cut.moving)
    names = [str(name) for name in matrix["series"].values]
    for (i, first), (k, second) in combinations(enumerate(names), 2):
        if first.startswith("control:"):
            continue
        value = float(matrix.values[i, k])
        yield judged(
            "correlation",
            cut.market,
            first,
            f"{in_words(first)} and {in_words(second)} have a correlation of {value:.2f} "
            f"(at most {limits.correlation_max:g} either way)",
            "The channel is bought when the control moves, so that one may be paid for the other's effect. Spend some "
            "weeks against it, or run a lift test on the channel."
            if second.startswith("control:")
            else "What one does is easily counted for the other. Merge them, move their budgets apart for some weeks, "
            "or run a lift test on one of them.",
            value=value,
            threshold=limits.correlation_max,
            verdict=not_above(abs(value), limits.correlation_max, limits.correlation_severe),
            other_series=second,
        )
