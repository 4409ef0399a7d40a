"""From panel and treatment to a read-out: the comparison, the placebos, nothing else."""

from collections.abc import Iterable
from importlib.metadata import version

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import EvidenceError
from mmm_models.evidence.geo.counterfactual import Comparison, compare
from mmm_models.evidence.geo.panel import GeoPanel
from mmm_models.evidence.geo.placebo import FEWEST_DONORS, MOST_PLACEBOS, placebo_groups, placebo_starts, refuse_too_few
from mmm_models.evidence.geo.readout import GeoReadout
from mmm_models.evidence.geo.treatment import Estimator, GeoTest


def read_out(
    panel: GeoPanel, test: GeoTest, others: Iterable[GeoTest] = (), *, placebos: int = MOST_PLACEBOS, seed: int = 1
) -> GeoReadout:
    """Estimate a test's effect and how far chance alone moves such an estimate.

    The standard error is that of the placebos, never of a model's posterior, which knows nothing of regions drifting
    apart. A placebo's gaps are divided by its own error before the test and multiplied by the treated group's: the
    ratio to the error before the test is what Abadie, Diamond & Hainmueller (2010) compare, since regions differ in
    noise. With fewer than five regions to compare with, earlier windows of the treated group take their place.

    Args:
        panel: all regions of the market, with some time before the test.
        test: what was treated and when.
        others: tests of the same market; regions that one of them treated in the same days are no comparison.
        placebos: groups of untreated regions at most.
        seed: of their draw.

    Raises:
        EvidenceError: a treated region is not in the panel, the panel ends before the test was counted, there is no
            time before it, nothing to compare with, dates are missing, or a region had no outcome before the test.
    """
    try:
        return _read_out(panel, test, others, placebos, seed)
    except EvidenceError as error:
        raise EvidenceError(f"geo test {test.test_id}: {error}") from None


def _read_out(panel: GeoPanel, test: GeoTest, others: Iterable[GeoTest], placebos: int, seed: int) -> GeoReadout:
    if panel.last_day < test.counted_to:
        raise EvidenceError(
            f"the panel ends {panel.last_day}, and the outcome is counted to {test.counted_to}; deliver the rest"
        )
    donors = _donors(panel, test, others)
    market = panel.between(test.pre_start_date, test.counted_to)
    used = market.complete([*test.treated, *donors])
    before = _periods_before(used, test)
    _refuse_silent(used.outcome.isel(date=slice(0, before)))
    counted = used.outcome.sizes["date"] - before
    groups = placebo_groups(donors, [len(units) for units in test.arms.values()], placebos, seed)
    starts = placebo_starts(before, counted)
    refuse_too_few(len(donors) if groups else 0, len(starts))
    arms = [_compare(used, units, donors, before, test.estimator) for units in test.arms.values()]
    in_space = [_placebo(used, groups_of_one, donors, before, arms, test.estimator) for groups_of_one in groups]
    in_time = [_earlier(used, test, donors, start, counted, arms) for start in starts]
    names = xr.Variable("arm", list(test.arms))
    observed = xr.concat([used.outcome.sel(unit=list(units)).sum("unit") for units in test.arms.values()], names)
    total = market.outcome.isel(date=slice(0, before)).sum()
    return GeoReadout(
        test=test,
        period_days=panel.period_days,
        periods_before=before,
        observed=observed,
        expected=observed - xr.concat([arm.gap * arm.scale for arm in arms], names),
        placebos=_stack(in_space, used.outcome.date, names),
        in_time=np.array(in_time),
        weights=xr.concat([arm.weights for arm in arms], names),
        unit_share=xr.concat([arm.scale * before / total for arm in arms], names),
        pre_fit_error=max(arm.pre_fit_error for arm in arms),
        error_from="placebos in space" if len(donors) >= FEWEST_DONORS and groups else "placebos in time",
        estimator_version=f"causalpy {version('causalpy')}",
        data_hash=used.content_hash(),
    )


def _donors(panel: GeoPanel, test: GeoTest, others: Iterable[GeoTest]) -> list[str]:
    busy = {
        unit
        for other in others
        if other.test_id != test.test_id and other.market == test.market and test.overlaps(other)
        for unit in other.treated
    }
    if both := sorted(busy & set(test.treated)):
        raise EvidenceError(
            f"{both[0]} was treated by another test in the same days, so its effect is that of both; give it the arm "
            "'excluded'"
        )
    known = test.control or tuple(panel.units)
    donors = [unit for unit in known if unit not in {*test.treated, *test.excluded, *busy}]
    if len(donors) < 2:
        raise EvidenceError(
            f"there are {len(donors)} regions to compare with ({', '.join(donors) or 'all are treated or excluded'}); "
            "deliver the outcome of regions that were not treated"
        )
    return donors


def _periods_before(used: GeoPanel, test: GeoTest) -> int:
    ends = pd.DatetimeIndex(used.outcome.date.values) + pd.Timedelta(days=used.period_days - 1)
    before = int((ends < pd.Timestamp(test.start_date)).sum())
    if before < 2:
        raise EvidenceError(
            f"the panel has {before} periods before the test starts on {test.start_date}; deliver the outcome of the "
            "time before, best several times as long as the test"
        )
    return before


def _refuse_silent(before: xr.DataArray) -> None:
    mean = before.mean("date")
    for unit, value in zip(before.unit.values, mean.values, strict=True):
        if value <= 0:
            raise EvidenceError(
                f"{unit} had an outcome of {value:g} a period before the test; a region needs some to be compared by. "
                "Give it the arm 'excluded'"
            )


def _compare(
    panel: GeoPanel,
    units: Iterable[str],
    donors: Iterable[str],
    before: int,
    estimator: Estimator,
    *,
    is_placebo: bool = False,
) -> Comparison:
    group, rest = panel.outcome.sel(unit=list(units)).sum("unit"), panel.outcome.sel(unit=list(donors))
    return compare(group, rest, before, estimator, is_placebo=is_placebo)


def _placebo(
    panel: GeoPanel,
    groups: list[list[str]],
    donors: list[str],
    before: int,
    arms: list[Comparison],
    estimator: Estimator,
) -> np.ndarray:
    """Gaps (arm, date) of one placebo in units of the outcome, at the size and noise of the treated arms."""
    taken = {unit for group in groups for unit in group}
    rest = [donor for donor in donors if donor not in taken]
    gaps = []
    for group, arm in zip(groups, arms, strict=True):
        placebo = _compare(panel, group, rest, before, estimator, is_placebo=True)
        gaps.append(placebo.gap.values * arm.scale * _ratio(arm, placebo))
    return np.array(gaps)


def _earlier(
    panel: GeoPanel, test: GeoTest, donors: list[str], start: int, counted: int, arms: list[Comparison]
) -> float:
    """Total effect that the same estimate finds in an earlier window, where there is none."""
    earlier = GeoPanel(panel.outcome.isel(date=slice(0, start + counted)), panel.period_days)
    total = 0.0
    for units, arm in zip(test.arms.values(), arms, strict=True):
        placebo = _compare(earlier, units, donors, start, test.estimator, is_placebo=True)
        total += float(placebo.gap.isel(date=slice(start, None)).sum()) * arm.scale * _ratio(arm, placebo)
    return total


def _ratio(arm: Comparison, placebo: Comparison) -> float:
    return arm.pre_fit_error / placebo.pre_fit_error if placebo.pre_fit_error > 0 else 1.0


def _stack(gaps: list[np.ndarray], dates: xr.DataArray, names: xr.Variable) -> xr.DataArray:
    values = np.array(gaps) if gaps else np.empty((0, names.size, dates.size))
    return xr.DataArray(values, dims=("placebo", "arm", "date"), coords={"arm": names, "date": dates})
