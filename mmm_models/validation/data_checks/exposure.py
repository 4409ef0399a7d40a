"""Money and what people saw of it: weeks in which one is there without the other, and its price."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.reporting.money import format_money, format_percent
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.outliers import far_out_twice
from mmm_models.validation.data_checks.record import DataCheck, judged, not_above
from mmm_models.validation.data_checks.words import weeks_in_words


def exposure_series(rows: pd.DataFrame, panel: Panel) -> xr.DataArray:
    """The exposure rows of `mmm_input_weekly` that belong to the panel's channels (week, market, exposure).

    A series belongs to the channel that it is named after: `search_impressions` to `search`, `search_brand_clicks` to
    `search_brand`, also where the model does not use that channel. The coordinate `channel` (exposure) says which.
    nan where there is no row; no series at all is fine.

    Args:
        rows: columns week_start, market, role, name, value; those of role spend tell which channels there are.
        panel: the data that are looked at.
    """
    paid = panel.paid
    channels = {*paid, *map(str, rows.loc[rows["role"] == "spend", "name"])}
    exposures = rows.loc[(rows["role"] == "exposure") & rows["market"].isin(panel.markets)]
    owners = {name: _owner(name, channels) for name in sorted(map(str, exposures["name"].unique()))}
    kept = [name for name, owner in owners.items() if owner in paid]
    wide = exposures.pivot(index="week_start", columns=["market", "name"], values="value")
    wide.index = pd.DatetimeIndex(wide.index)
    wide = wide.reindex(index=panel.weeks, columns=pd.MultiIndex.from_product([panel.markets, kept]))
    values = wide.to_numpy(dtype=np.float64).reshape(len(panel.weeks), len(panel.markets), len(kept))
    coords = {"week": panel.weeks, "market": panel.markets, "exposure": kept}
    owned = ("exposure", [owners[name] for name in kept])
    return xr.DataArray(values, coords, ("week", "market", "exposure")).assign_coords(channel=owned)


def spend_without_exposure(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Weeks in which a channel has spend, and an exposure of 0 or no row of it."""
    for spend in cut.spending.transpose("channel", "week"):
        channel = str(spend["channel"].values)
        seen = cut.seen(channel)
        if seen.sizes["exposure"] == 0:
            yield _unseen(cut.market, channel, limits)
            continue
        gap = (spend > 0) & ~(seen > 0).any("exposure")
        lost = float(spend.where(gap).sum())
        yield judged(
            "spend_without_exposure",
            cut.market,
            channel,
            f"{channel} has spend and no exposure in {weeks_in_words(cut.weeks[gap.values])}"
            + (
                f": {format_money(lost, cut.currency)}, {format_percent(lost / float(spend.sum()))} of it"
                if lost
                else ""
            ),
            "Was it booked in another week than it was shown in? Then move it. Otherwise the export lacks the "
            "delivery, or the money belongs to another channel: check the campaign mapping.",
            value=int(gap.sum()),
            threshold=limits.exposure_gap_weeks_max,
            verdict=not_above(int(gap.sum()), limits.exposure_gap_weeks_max),
        )


def exposure_without_spend(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Weeks in which a channel was seen and has no spend; no record for a channel without exposure."""
    for spend in cut.spend.transpose("channel", "week"):
        channel = str(spend["channel"].values)
        seen = cut.seen(channel)
        if seen.sizes["exposure"] == 0:
            continue
        gap = (spend == 0) & (seen > 0).any("exposure")
        yield judged(
            "exposure_without_spend",
            cut.market,
            channel,
            f"{channel} was seen without spend in {weeks_in_words(cut.weeks[gap.values])}",
            "The model takes these for weeks without media. Deliver the cost in the weeks in which it was shown, or "
            "leave out what was free.",
            value=int(gap.sum()),
            threshold=limits.exposure_gap_weeks_max,
            verdict=not_above(int(gap.sum()), limits.exposure_gap_weeks_max),
        )


def cost_per_exposure(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """How far a channel's price (spend / exposure) ever lies outside its own past, twice or half of it at least.

    An error of unit or currency shows here first. A channel with several exposure series has no one price, and one
    with fewer priced weeks than `active_weeks_min` no past: no record.
    """
    for spend in cut.spending.transpose("channel", "week"):
        channel, limit = str(spend["channel"].values), limits.outlier_z_max
        seen = cut.seen(channel)
        price = (spend / seen.isel(exposure=0)).values if seen.sizes["exposure"] == 1 else np.array([])
        priced = np.flatnonzero(np.isfinite(price) & (price > 0))
        if len(priced) < limits.active_weeks_min:
            continue
        distance = np.abs(far_out_twice(price[priced], limit))
        value, furthest = float(distance.max()), priced[int(distance.argmax())]
        far = cut.weeks[priced[distance > limit]]
        yield judged(
            "cost_per_exposure",
            cut.market,
            channel,
            f"the price of {channel} lies far outside its own past in {weeks_in_words(far)}; furthest is the week of "
            f"{cut.weeks[furthest].date()} with {price[furthest] / np.median(price[priced]):.2g} times the usual, "
            f"{value:.1f} robust standard deviations (at most {limit:g})",
            "Look for another unit, another currency or a late booking in the export of these weeks.",
            value=value,
            threshold=limit,
            verdict=not_above(value, limit),
        )


def _owner(exposure: str, channels: set[str]) -> str | None:
    """The channel with the longest name that the series is named after."""
    return max((name for name in channels if exposure.startswith(f"{name}_")), key=len, default=None)


def _unseen(market: str, channel: str, limits: DataChecksSpec) -> DataCheck:
    return judged(
        "spend_without_exposure",
        market,
        channel,
        f"{channel} has no exposure series to hold its spend against",
        f"Deliver one as {channel}_impressions (or _grps, _clicks) if the platform tells it.",
        value=np.nan,
        threshold=limits.exposure_gap_weeks_max,
        verdict="info",
    )
