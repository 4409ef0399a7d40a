"""Budgets that follow sales: spend whose slow movement is the outcome's own."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from mmm_models.reporting.money import format_percent
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.record import DataCheck, judged, not_above

# Fewer whole windows than this, and any two slow movements are alike by chance.
_WINDOWS = 3
# Relative to the mean; below it only rounding moves.
_STILL = 1e-9


def mirrors_outcome(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Correlation of the moving averages of each channel's spend and of the outcome.

    Media move sales, but season and demand move both, and within the slow movement nobody can tell which it was
    (Chan & Perry 2017, Challenges and Opportunities in Media Mix Modeling). Weekly ups and downs can tell. `severe`
    is therefore a channel that has little else: the slow part holds most of the variance of its spend.
    """
    least = _WINDOWS * limits.smooth_weeks
    if len(cut.weeks) < least:
        for channel in map(str, cut.spending["channel"].values):
            yield judged(
                "mirrors_outcome",
                cut.market,
                channel,
                f"{len(cut.weeks)} weeks are too few to hold the slow movement of {channel} against the outcome's",
                f"It takes {least} weeks.",
                value=np.nan,
                threshold=limits.mirror_max,
                verdict="info",
            )
        return
    slow_spend = slow(cut.spending, limits.smooth_weeks)
    alike = _correlation(slow_spend, slow(cut.outcome, limits.smooth_weeks))
    # Over the same weeks, so that the share is one of the same whole.
    shares = (slow_spend.var("week") / cut.spending.sel(week=slow_spend["week"]).var("week")).fillna(0.0)
    for channel, value, share in zip(map(str, alike["channel"].values), alike.values, shares.values, strict=True):
        severe = limits.mirror_max if share > limits.mirror_slow_share_max else None
        yield judged(
            "mirrors_outcome",
            cut.market,
            channel,
            f"the slow movements of {channel} and of {cut.outcome_name} have a correlation of {value:.2f} (at most "
            f"{limits.mirror_max:g} either way); {format_percent(float(share))} of the variance of its spend is slow",
            "The budget may follow sales, or both the season: what is attributed to the channel may be demand. Give "
            "the model a control for what drives both, and run a lift test on the channel.",
            value=value,
            threshold=limits.mirror_max,
            verdict=not_above(abs(value), limits.mirror_max, severe),
        )


def slow(values: xr.DataArray, weeks: int) -> xr.DataArray:
    """Centred moving average of values (week, ...) over `weeks`; weeks without a whole window are left out."""
    return values.rolling(week=weeks, center=True).mean().dropna("week")


def _correlation(spend: xr.DataArray, outcome: xr.DataArray) -> xr.DataArray:
    """Correlation (channel) of spend (week, channel) and outcome (week); 0 where one of them stands still."""
    moves = (spend.std("week") > _STILL * spend.mean("week")) & (
        outcome.std("week") > _STILL * abs(outcome.mean("week"))
    )
    return xr.corr(spend, outcome, "week").where(moves, 0.0)
